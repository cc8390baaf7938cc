"""What later prompts of a conversation are made of: its settings, and marks on its messages."""

from __future__ import annotations

from typing import Any

from conversations.models import Conversation, Message
from conversations.publishing import publish_branch


def change_settings(conversation: Conversation, **prompt_settings: Any) -> None:
    for name, value in prompt_settings.items():
        setattr(conversation, name, value)
    conversation.save(update_fields=list(prompt_settings))


def leave_out(message: Message, *, left_out: bool) -> None:
    """Show it to no model from now on, or again."""
    message.left_out = left_out
    message.save(update_fields=["left_out"])
    publish_branch(message.conversation, changed=True)


def end_context(message: Message, *, ends_context: bool) -> None:
    """Have models forget `message` and all above it, or remember it again."""
    message.ends_context = ends_context
    message.save(update_fields=["ends_context"])
    publish_branch(message.conversation, changed=True)
