"""What a person's new conversations begin with."""

from __future__ import annotations

from typing import Any

from conversations.models import ConversationDefaults


def defaults_of(owner: Any) -> dict[str, Any]:
    """By the names that the fields have in a conversation: `language_model`, and those of PromptSettings."""
    found = ConversationDefaults.objects.filter(owner=owner).select_related("language_model")
    kept = found.first() or ConversationDefaults(owner=owner)
    return {"language_model": kept.language_model, **kept.prompt_settings()}
