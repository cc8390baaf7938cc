"""Being left alone for a while: what a credential and a provider have in common."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MOST_COUNTED = 30
CLOCK_JUMP = timedelta(minutes=1)


class Cooling(models.Model):
    """`cooling_count` grows with each cool-down in a row, and is 0 again after a success."""

    cooling_from = models.DateTimeField(null=True, blank=True, editable=False)
    cooling_until = models.DateTimeField(_("cooling until"), null=True, blank=True, editable=False)
    cooling_count = models.PositiveSmallIntegerField(default=0, editable=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)

    class Meta:
        abstract = True

    def cools_until(self, now: datetime) -> datetime | None:
        """When it may be used again; None if that is now."""
        return cools_until(self.cooling_from, self.cooling_until, now)


def cools_until(began: datetime | None, ends: datetime | None, now: datetime) -> datetime | None:
    """The end of a cool-down that runs; None if none does. A clock that was put back ends it."""
    if ends is None or ends <= now or (began is not None and began > now + CLOCK_JUMP):
        return None
    return ends


def cooled(seconds: float, *, in_a_row: int, reason: str) -> dict[str, Any]:
    """The columns of a cool-down that begins now, after `in_a_row` others. A longer one is for the caller to keep."""
    now = timezone.now()
    return {
        "cooling_from": now,
        "cooling_until": now + timedelta(seconds=seconds),
        "cooling_count": min(in_a_row + 1, MOST_COUNTED),
        "reason": reason[:300],
    }


WARM: dict[str, Any] = {
    "cooling_from": None,
    "cooling_until": None,
    "cooling_count": 0,
    "reason": "",
}
