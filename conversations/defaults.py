"""What a person's new conversations begin with."""

from __future__ import annotations

from typing import Any

from conversations.models import ConversationDefaults

FIELDS = (
    "language_model",
    "system_prompt",
    "temperature",
    "top_p",
    "longest_answer",
    "earlier_messages",
    "uses_context",
)


def defaults_of(owner: Any) -> dict[str, Any]:
    """By the names that the fields have in a conversation, too."""
    found = ConversationDefaults.objects.filter(owner=owner).select_related("language_model")
    kept = found.first() or ConversationDefaults(owner=owner)
    return {name: getattr(kept, name) for name in FIELDS}
