"""Usage by day or month as a chart: numbers for an SVG that stretches with its place. Units are a thousandth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format

from upstream.periods import Period
from upstream.usage import Usage, by_month

SIZE = 1000.0
GAP = 0.25  # of a bar's place


@dataclass(frozen=True, slots=True)
class Bar:
    """Prompts below, answers above; all numbers as they stand in the SVG."""

    label: str
    usage: Usage
    x: str
    width: str
    prompt_y: str
    prompt_height: str
    answer_y: str
    answer_height: str


@dataclass(frozen=True, slots=True)
class Chart:
    bars: Sequence[Bar]
    most: int  # tokens of the highest bar
    first_label: str
    last_label: str


def chart_of(usages: Sequence[Usage], period: Period) -> Chart | None:
    """Of usage by day; None where no token was used."""
    found = {usage.key: usage for usage in (by_month(usages) if period.is_long else usages)}
    most = max((usage.tokens for usage in found.values()), default=0)
    if not most:
        return None
    keys = _months(period) if period.is_long else list(period.days())
    place = SIZE / len(keys)
    bars = [
        _bar(key, found.get(key) or Usage(key), at * place, place, most, period)
        for at, key in enumerate(keys)
    ]
    return Chart(bars, most, bars[0].label, bars[-1].label)


def label_of(key: date, period: Period) -> Any:
    return date_format(key, "YEAR_MONTH_FORMAT" if period.is_long else "SHORT_DATE_FORMAT")


def _bar(key: date, usage: Usage, left: float, place: float, most: int, period: Period) -> Bar:
    prompt = usage.prompt_tokens / most * SIZE
    answer = usage.completion_tokens / most * SIZE
    numbers = (
        left + place * GAP / 2,
        place * (1 - GAP),
        SIZE - prompt,
        prompt,
        SIZE - prompt - answer,
        answer,
    )
    return Bar(label_of(key, period), usage, *(f"{number:.2f}" for number in numbers))


def _months(period: Period) -> list[date]:
    months, month = [], period.first.replace(day=1)
    while month <= period.last:
        months.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return months
