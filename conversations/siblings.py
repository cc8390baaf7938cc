"""Versions of a message: those that stand under the same parent and were not deleted."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from conversations.models import Message


@dataclass(frozen=True, slots=True)
class Siblings:
    """A message's number among its siblings, from 1, and the ones beside it."""

    number: int = 1
    count: int = 1
    previous: uuid.UUID | None = None
    next: uuid.UUID | None = None


def siblings_of(messages: Iterable[Message]) -> dict[uuid.UUID, Siblings]:
    """The place of each of these messages of one conversation, in one statement for all."""
    messages = list(messages)
    if not messages:
        return {}
    conversation = messages[0].conversation_id
    parents = {message.parent_id for message in messages}
    beside = Q(parent__in=parents - {None})
    if None in parents:
        beside |= Q(parent=None)
    rows = Message.objects.filter(beside, conversation=conversation, deleted_at=None)
    families: dict[uuid.UUID | None, list[uuid.UUID]] = {}
    for pk, parent in rows.order_by("created_at", "pk").values_list("pk", "parent"):
        families.setdefault(parent, []).append(pk)
    return {
        message.pk: _place(message.pk, families.get(message.parent_id, [])) for message in messages
    }


def _place(pk: uuid.UUID, family: list[uuid.UUID]) -> Siblings:
    if pk not in family:
        return Siblings()  # deleted this moment
    at = family.index(pk)
    return Siblings(
        at + 1,
        len(family),
        family[at - 1] if at > 0 else None,
        family[at + 1] if at + 1 < len(family) else None,
    )
