"""What a person's new conversations begin with."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models.prompt_settings import PromptSettings


class ConversationDefaults(PromptSettings):
    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        editable=False,
        related_name="conversation_defaults",
    )
    language_model = models.ForeignKey(
        "upstream.LanguageModel",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("model"),
    )

    def __str__(self) -> str:
        return f"defaults of {self.owner_id}"
