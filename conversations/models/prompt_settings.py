"""How the prompt of each turn is made up, and what the model is asked for beside it."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST_SYSTEM_PROMPT = 100_000  # characters
HOTTEST = 2.0
MOST_TOKENS = 1_000_000


class PromptSettings(models.Model):
    """Empty means: as the model's service has it; for `earlier_messages`, all of them."""

    system_prompt = models.TextField(
        _("system prompt"), blank=True, max_length=LONGEST_SYSTEM_PROMPT
    )
    temperature = models.FloatField(
        _("temperature"),
        null=True,
        blank=True,
        validators=(MinValueValidator(0.0), MaxValueValidator(HOTTEST)),
        help_text=_("From 0 (the likeliest words) to 2 (the boldest)."),
    )
    top_p = models.FloatField(
        _("top_p"),
        null=True,
        blank=True,
        validators=(MinValueValidator(0.0), MaxValueValidator(1.0)),
        help_text=_("From 0 to 1: the share of likely words that are considered."),
    )
    longest_answer = models.PositiveIntegerField(
        _("longest answer"),
        null=True,
        blank=True,
        validators=(MinValueValidator(1), MaxValueValidator(MOST_TOKENS)),
        help_text=_("In tokens."),
    )
    earlier_messages = models.PositiveIntegerField(
        _("earlier messages sent"),
        null=True,
        blank=True,
        validators=(MaxValueValidator(10_000),),
        help_text=_("How many of the messages before yours the model is shown; empty for all."),
    )
    uses_context = models.BooleanField(
        _("send earlier messages"),
        default=True,
        help_text=_("Off: each message is answered on its own."),
    )

    class Meta:
        abstract = True

    NAMES = (
        "system_prompt",
        "temperature",
        "top_p",
        "longest_answer",
        "earlier_messages",
        "uses_context",
    )

    def prompt_settings(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.NAMES}
