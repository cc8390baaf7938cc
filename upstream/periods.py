"""The days that usage is shown of: a range that has a name, or any other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from upstream.models.usage_day import day_of

USUAL = "30-days"
NAMES: dict[str, Any] = {
    "7-days": _("7 days"),
    "30-days": _("30 days"),
    "this-month": _("This month"),
    "last-month": _("Last month"),
    "12-months": _("12 months"),
}
LONGEST = timedelta(days=3660)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Both days belong to it. `name` is empty for one that was given by its days."""

    first: date
    last: date
    name: str = ""

    def days(self) -> Iterator[date]:
        for number in range((self.last - self.first).days + 1):
            yield self.first + number * DAY

    @property
    def is_long(self) -> bool:
        """Whether it is shown by month rather than by day."""
        return (self.last - self.first).days > 92

    @property
    def query(self) -> str:
        """As it stands in an address."""
        if self.name:
            return urlencode({"range": self.name})
        return urlencode({"from": self.first.isoformat(), "to": self.last.isoformat()})


def period_asked_for(asked: Mapping[str, str]) -> Period:
    """By `range`, or by `from` and `to`; the usual one where nothing, or nonsense, is asked for."""
    today = day_of(timezone.now())
    first, last = _day(asked.get("from", "")), _day(asked.get("to", ""))
    if first and last and first <= last:
        return Period(max(first, last - LONGEST), last)
    name = asked.get("range", USUAL)
    return _named(name if name in NAMES else USUAL, today)


def _named(name: str, today: date) -> Period:
    month = today.replace(day=1)
    first, last = {
        "7-days": (today - 6 * DAY, today),
        "30-days": (today - 29 * DAY, today),
        "this-month": (month, today),
        "last-month": ((month - DAY).replace(day=1), month - DAY),
        "12-months": (_eleven_months_before(month), today),
    }[name]
    return Period(first, last, name)


def _eleven_months_before(month: date) -> date:
    year, number = (month.year - 1, month.month + 1) if month.month < 12 else (month.year, 1)
    return month.replace(year=year, month=number)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None
