"""What one lease came to: who used which model on which credential, when, how long, and how much."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from upstream.models.credential import Credential
from upstream.models.language_model import LanguageModel


class UsageRecord(models.Model):
    """One attempt. `outcome` is `completed`, `stopped` or an error code; times are in milliseconds.

    Tokens are the upstream's count or, where it gave none, `is_estimated`.
    """

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    credential = models.ForeignKey(
        Credential, on_delete=models.SET_NULL, null=True, related_name="usage"
    )
    language_model = models.ForeignKey(
        LanguageModel, on_delete=models.SET_NULL, null=True, related_name="usage"
    )
    generation = models.UUIDField(db_index=True)
    outcome = models.CharField(_("outcome"), max_length=32)
    started_at = models.DateTimeField(default=timezone.now)
    first_text_ms = models.PositiveIntegerField(null=True)
    total_ms = models.PositiveIntegerField(default=0)
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    is_estimated = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("usage record")
        verbose_name_plural = _("usage records")
        indexes = (
            models.Index(fields=("credential", "started_at"), name="usage_of_a_credential"),
            models.Index(fields=("member", "started_at"), name="usage_of_a_member"),
            models.Index(fields=("language_model", "started_at"), name="usage_of_a_model"),
        )

    def __str__(self) -> str:
        return f"{self.outcome} {self.generation}"
