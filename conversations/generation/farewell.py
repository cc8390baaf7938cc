"""Deleting upstream what a member has deleted, where an upstream keeps conversations itself.

It waits until Undo is no longer offered. A conversation that is brought back afterwards is told anew.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from accounts.secrets import SecretUnreadable
from conversations.models import Conversation, Message
from upstream.pool.targets import target_of
from upstream.types import Target

GRACE = timedelta(seconds=30)
TRIED_FOR = timedelta(days=2)
MOST_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Farewell:
    """A conversation to be deleted upstream, and what opens its account."""

    conversation_id: uuid.UUID
    upstream_conversation_id: str
    target: Target


def farewells() -> list[Farewell]:
    """What was deleted here and is still kept upstream; what could not be deleted for two days is left."""
    now = timezone.now()
    deleted = Conversation.objects.filter(
        deleted_at__lt=now - GRACE, deleted_at__gt=now - TRIED_FOR, credential__isnull=False
    ).exclude(upstream_conversation_id="")
    found = []
    deleted = deleted.select_related("credential__provider").order_by("deleted_at")
    for conversation in deleted[:MOST_AT_ONCE]:
        credential = conversation.credential
        assert credential is not None  # those without are left out above
        try:
            target = target_of(credential, credential.reveal())
        except SecretUnreadable:
            continue
        found.append(Farewell(conversation.pk, conversation.upstream_conversation_id, target))
    return found


def note_farewell(farewell: Farewell) -> None:
    """It is gone upstream: nothing here points to it any more."""
    kept = Conversation.objects.filter(
        pk=farewell.conversation_id, upstream_conversation_id=farewell.upstream_conversation_id
    )
    kept.filter(messages=None).delete()  # erased here already
    if kept.update(upstream_conversation_id="", credential=None):
        named = Message.objects.filter(conversation=farewell.conversation_id)
        named.exclude(upstream_message_id="").update(upstream_message_id="")
