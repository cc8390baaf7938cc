"""Where the synchronous core says what has changed. It knows no socket: whoever listens is told after the commit."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from conversations.models import Conversation, Generation
from conversations.protocol import (
    BranchChanged,
    ConversationChanged,
    ConversationDeleted,
    Event,
    StatusChanged,
    topic_of_conversation,
    topic_of_person,
)

Listener = Callable[[str, Event], None]
listeners: list[Listener] = []  # the hub of this process, once it runs


def publish(topic: str, event: Event) -> None:
    for listener in tuple(listeners):
        listener(topic, event)


def publish_branch(conversation: Conversation, *, changed: bool = False) -> None:
    """After the commit, tell every page that shows `conversation` which leaf it now ends in; or, with `changed`, that
    it has to look at its messages again.
    """
    leaf = None if changed else conversation.current_leaf_id
    event = BranchChanged(str(conversation.pk), str(leaf) if leaf else None)
    transaction.on_commit(lambda: publish(topic_of_conversation(conversation.pk), event))


def publish_conversation(conversation: Conversation, *, writing: bool) -> None:
    """After the commit, tell every page of the owner what the sidebar should show."""
    event = conversation_event(conversation, writing=writing)
    transaction.on_commit(lambda: publish(topic_of_person(conversation.owner_id), event))


def conversation_event(conversation: Conversation, *, writing: bool) -> ConversationChanged:
    return ConversationChanged(
        conversation=str(conversation.pk),
        title=conversation.title,
        url=conversation.get_absolute_url(),
        writing=writing,
        updated=conversation.updated_at.isoformat(),
    )


def publish_status(generation: Generation) -> None:
    """After the commit, tell the pages that show it how an ended generation stands."""
    event = StatusChanged(
        conversation=str(generation.conversation_id),
        message=str(generation.message_id),
        generation=str(generation.pk),
        status=generation.status,
        sequence=generation.sequence,
    )
    topic = topic_of_conversation(generation.conversation_id)
    transaction.on_commit(lambda: publish(topic, event))


def publish_deletion(conversation: Conversation) -> None:
    event = ConversationDeleted(str(conversation.pk))
    transaction.on_commit(lambda: publish(topic_of_person(conversation.owner_id), event))
