"""What a person's new conversations begin with. Each conversation has the same fields, to be changed there."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

SYSTEM_PROMPT_LENGTH = 20_000


class ConversationDefaults(models.Model):
    """Where a number is empty, the model's own way counts."""

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
    system_prompt = models.TextField(
        _("system prompt"), blank=True, max_length=SYSTEM_PROMPT_LENGTH
    )
    temperature = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(2)]
    )
    top_p = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    longest_answer = models.PositiveIntegerField(
        _("longest answer"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
    )
    earlier_messages = models.PositiveIntegerField(
        _("earlier messages"), null=True, blank=True, validators=[MaxValueValidator(10_000)]
    )
    uses_context = models.BooleanField(_("context"), default=True)

    def __str__(self) -> str:
        return f"defaults of {self.owner_id}"
