"""Usage rolled up: a row for each day, member, model and credential, so that no page counts millions of records."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from upstream.models.credential import Credential
from upstream.models.language_model import LanguageModel


class UsageDayQuerySet(models.QuerySet["UsageDay"]):
    def visible_to(self, user: Any) -> UsageDayQuerySet:
        """Their own; what administrators see of everybody's is a page of the admin."""
        return self.filter(member=user)


class UsageDay(models.Model):
    """Sums of the usage records that began on `day`, in the portal's time zone. `attempts` are all of them, `answers`
    those that wrote something; `estimated_tokens` are those of both kinds that nobody counted.
    """

    day = models.DateField(_("day"))
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
    )
    language_model = models.ForeignKey(
        LanguageModel, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    credential = models.ForeignKey(
        Credential, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    attempts = models.PositiveIntegerField(default=0)
    answers = models.PositiveIntegerField(default=0)
    prompt_tokens = models.PositiveBigIntegerField(default=0)
    completion_tokens = models.PositiveBigIntegerField(default=0)
    estimated_tokens = models.PositiveBigIntegerField(default=0)

    objects = UsageDayQuerySet.as_manager()

    class Meta:
        verbose_name = _("usage of a day")
        verbose_name_plural = _("usage by day")
        constraints = (
            models.UniqueConstraint(
                fields=("day", "member", "language_model", "credential"), name="one_row_of_a_day"
            ),
        )
        indexes = (models.Index(fields=("member", "day"), name="usage_days_of_a_member"),)

    def __str__(self) -> str:
        return f"{self.day}: {self.attempts}"


def day_of(moment: datetime) -> date:
    """The day of `moment` in the portal's time zone, whatever zone a page is shown in."""
    return moment.astimezone(timezone.get_default_timezone()).date()
