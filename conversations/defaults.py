"""What a person's new conversations begin with."""

from __future__ import annotations

from typing import Any

from accounts.models import SiteSettings
from conversations.models import ConversationDefaults


def defaults_of(owner: Any) -> dict[str, Any]:
    """By the names that the fields have in a conversation: `language_model`, and those of PromptSettings. Where the
    person has no system prompt of their own, the portal's is the beginning.
    """
    found = ConversationDefaults.objects.filter(owner=owner).select_related("language_model")
    kept = found.first() or ConversationDefaults(owner=owner)
    settings = kept.prompt_settings()
    settings["system_prompt"] = settings["system_prompt"] or SiteSettings.current().system_prompt
    return {"language_model": kept.language_model, **settings}
