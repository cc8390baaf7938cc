"""Where a member keeps a conversation: at hand, pinned, archived, in the trash, or no longer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from conversations.dispatch import dispatch_after_commit
from conversations.models import Attachment, Conversation, Origin
from conversations.publishing import publish_conversation, publish_deletion
from upstream.quotas import settle


def rename_conversation(conversation: Conversation, *, title: str) -> None:
    conversation.title = title
    _save(conversation, "title")


def pin_conversation(conversation: Conversation, *, pinned: bool) -> None:
    """Keep it above all others. One that is pinned is not archived."""
    conversation.pinned_at = timezone.now() if pinned else None
    conversation.archived_at = None if pinned else conversation.archived_at
    _save(conversation, "pinned_at", "archived_at")


def archive_conversation(conversation: Conversation, *, archived: bool) -> None:
    """Take it out of the list; search still finds it, and saying something in it brings it back."""
    conversation.archived_at = timezone.now() if archived else None
    conversation.pinned_at = None if archived else conversation.pinned_at
    _save(conversation, "pinned_at", "archived_at")


def see_conversation(conversation: Conversation) -> None:
    """Its owner has seen what has been written in it so far."""
    Conversation.objects.filter(pk=conversation.pk).update(seen_at=timezone.now())


def delete_conversation(conversation: Conversation) -> None:
    """Move it to the trash and stop what it is writing; `restore_conversation` brings it back."""
    for generation in conversation.generations.active():
        if generation.request_stop() and generation.status == generation.Status.STOPPED:
            settle(generation.pk, counts=False)
    if conversation.delete_softly():
        publish_deletion(conversation)
    dispatch_after_commit()


def delete_all(owner: Any) -> int:
    """Move all that is at hand to the trash, and stop what is being written; returns how many that were."""
    conversations = list(Conversation.objects.visible_to(owner).at_hand())
    for conversation in conversations:
        delete_conversation(conversation)
    return len(conversations)


def restore_conversation(conversation: Conversation) -> None:
    if conversation.restore():
        publish_conversation(conversation, writing=False)


def delete_for_ever(conversations: Iterable[Conversation]) -> int:
    """Erase what deleted conversations hold; returns how many they were. What an upstream keeps of one is still to be
    deleted there (generation/farewell.py): as long as it is, an empty row stays that nobody is shown.
    """
    count = 0
    for conversation in conversations:
        with transaction.atomic():
            conversation.messages.all().delete()
            Attachment.objects.filter(conversation=conversation).delete()
            Origin.objects.filter(conversation=conversation).delete()
            Conversation.objects.filter(pk=conversation.pk).update(title="", system_prompt="")
            if not conversation.upstream_conversation_id or conversation.credential_id is None:
                conversation.delete()
            count += 1
    return count


def _save(conversation: Conversation, *fields: str) -> None:
    conversation.save(update_fields=fields)
    publish_conversation(conversation, writing=conversation.generations.active().exists())
