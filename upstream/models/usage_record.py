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

    class Outcome(models.TextChoices):
        COMPLETED = "completed", _("completed")
        STOPPED = "stopped", _("stopped")
        INTERRUPTED = "interrupted", _("interrupted")
        UNREACHABLE = "unreachable", _("could not be reached")
        UNAUTHORIZED = "unauthorized", _("credential was refused")
        RATE_LIMITED = "rate_limited", _("too many requests")
        QUOTA_EXCEEDED = "quota_exceeded", _("no quota left")
        CONTEXT_TOO_LONG = "context_too_long", _("prompt was too long")
        REJECTED = "rejected", _("request was refused")
        MALFORMED = "malformed", _("answer could not be read")
        NOT_OFFERED = "not_offered", _("no longer offered")
        INTERNAL_ERROR = "internal_error", _("internal error")

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("member"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    credential = models.ForeignKey(
        Credential,
        verbose_name=_("credential"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="usage",
    )
    language_model = models.ForeignKey(
        LanguageModel,
        verbose_name=_("model"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="usage",
    )
    generation = models.UUIDField(_("generation"), db_index=True)
    outcome = models.CharField(_("outcome"), max_length=32, choices=Outcome)
    started_at = models.DateTimeField(_("begun"), default=timezone.now)
    first_text_ms = models.PositiveIntegerField(_("first text after (ms)"), null=True)
    total_ms = models.PositiveIntegerField(_("took (ms)"), default=0)
    prompt_tokens = models.PositiveIntegerField(_("tokens of the prompt"), default=0)
    completion_tokens = models.PositiveIntegerField(_("tokens of the answer"), default=0)
    is_estimated = models.BooleanField(_("estimated"), default=False)

    class Meta:
        verbose_name = _("usage record")
        verbose_name_plural = _("usage records")
        indexes = (
            models.Index(fields=("credential", "started_at"), name="usage_of_a_credential"),
            models.Index(fields=("member", "started_at"), name="usage_of_a_member"),
            models.Index(fields=("language_model", "started_at"), name="usage_of_a_model"),
        )

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.generation}"
