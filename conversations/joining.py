"""What a page is told when it joins a conversation, or asks again after a number: snapshots of what has moved on."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils import translation

from conversations.models import Conversation, Generation
from conversations.protocol import Joined, Snapshot
from conversations.sentences import sentence_for
from conversations.standing import Standing, standings


def snapshots(
    conversation: Conversation, positions: Mapping[str, int], *, locale: str = ""
) -> list[Snapshot]:
    """A snapshot of each answer that is being written, of the leaf, and of what the page asks for in `positions`.

    `positions` maps generation ids to the number of the last delta that the page has. Other answers have ended, and
    the page's HTML holds them.
    """
    wanted = Q(status__in=Generation.ACTIVE) | Q(message=conversation.current_leaf_id)
    asked_for = [pk for pk in map(_uuid, positions) if pk]
    found = conversation.generations.filter(wanted | Q(pk__in=asked_for))
    standing = standings(found.values_list("message", flat=True))
    return [snapshot_of(each, locale=locale) for each in standing.values()]


def joined(conversation: Conversation) -> Joined:
    leaf = conversation.current_leaf_id
    return Joined(str(conversation.pk), str(leaf) if leaf else None)


def snapshot_of(standing: Standing, *, locale: str = "") -> Snapshot:
    generation = standing.generation
    with translation.override(locale or translation.get_language()):
        sentence = sentence_for(generation.error_code)
    return Snapshot(
        conversation=str(generation.conversation_id),
        message=str(generation.message_id),
        generation=str(generation.pk),
        status=generation.status,
        sequence=standing.sequence,
        text=standing.text,
        reasoning=standing.reasoning,
        error={"code": generation.error_code, "message": sentence}
        if generation.error_code
        else None,
        finish_reason=generation.finish_reason or None,
        details=generation.details,
        position=generation.position if generation.status == generation.Status.PENDING else None,
    )


def conversation_for(user_id: int, conversation_id: Any) -> Conversation | None:
    """The conversation, found through its owner; None alike for a stranger's, a deleted one, and no id at all."""
    wanted = _uuid(conversation_id)
    if wanted is None:
        return None
    return Conversation.objects.visible_to(user_id).filter(pk=wanted).first()


def _uuid(said: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(said))
    except ValueError:
        return None
