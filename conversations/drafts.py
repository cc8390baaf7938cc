"""Drafts: the last text that was saved wins, and a text that was sent never comes back."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone

from conversations.models import Conversation, Draft, Message


def draft_of(owner: Any, conversation: Conversation | None) -> Draft | None:
    """With no conversation, the draft of the one that is not begun."""
    return Draft.objects.filter(owner=owner, conversation=conversation).first()


def save_draft(
    owner: Any, conversation: Conversation | None, *, text: str, client_id: uuid.UUID | None
) -> bool:
    """Keep `text`; False where it was sent meanwhile, for requests may pass each other."""
    if client_id and _was_sent(owner, conversation, client_id):
        return False
    kept = {"text": text, "client_id": client_id if text else None, "updated_at": timezone.now()}
    Draft.objects.update_or_create(owner=owner, conversation=conversation, defaults=kept)
    return True


def clear_draft(owner: Any, conversation: Conversation | None, *, sent_as: uuid.UUID) -> None:
    """In the transaction that saves the message, so that there is either the draft or the message."""
    Draft.objects.filter(owner=owner, conversation=conversation).update(
        text="", client_id=sent_as, updated_at=timezone.now()
    )


def _was_sent(owner: Any, conversation: Conversation | None, client_id: uuid.UUID) -> bool:
    if conversation is None:
        return Conversation.objects.filter(owner=owner, client_id=client_id).exists()
    return Message.objects.filter(conversation=conversation, client_id=client_id).exists()
