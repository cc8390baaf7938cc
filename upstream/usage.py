"""Usage summed up from the rows of each day, in tokens and in money.

Money is worked out when it is shown, by the price that counted on the day: a price that is entered late, or corrected,
shows in all that it counts for. The database adds up what has the same price; exact decimals do the rest.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, IntegerField, Sum, Value, When

from upstream.models import Price, UsageDay
from upstream.periods import Period

MILLION = Decimal(1_000_000)
AMOUNTS = ("attempts", "answers", "prompt_tokens", "completion_tokens", "estimated_tokens")
DIMENSIONS = ("day", "member", "language_model", "credential")


@dataclass(slots=True)
class Usage:
    """`money` by currency. `is_unpriced` says that some of its tokens had no price on their day."""

    key: Any = None
    attempts: int = 0
    answers: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    estimated_tokens: int = 0
    money: dict[str, Decimal] = field(default_factory=dict)
    is_unpriced: bool = False

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def add(self, other: Usage) -> None:
        for name in AMOUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for currency, amount in other.money.items():
            self.money[currency] = self.money.get(currency, Decimal(0)) + amount
        self.is_unpriced = self.is_unpriced or other.is_unpriced


class PriceList:
    """All prices, to be asked for one model on one day."""

    def __init__(self) -> None:
        self._days: dict[int, list[date]] = defaultdict(list)
        self._prices: dict[int, list[Price]] = defaultdict(list)
        for price in Price.objects.order_by("since"):
            self._days[price.language_model_id].append(price.since)
            self._prices[price.language_model_id].append(price)

    def of(self, model_id: int | None, day: date) -> Price | None:
        if model_id is None:
            return None
        at = bisect_right(self._days.get(model_id, ()), day)
        return self._prices[model_id][at - 1] if at else None

    def changes_within(self, period: Period) -> list[date]:
        """The days after the first on which any price begins to count."""
        days = {day for days in self._days.values() for day in days}
        return sorted(day for day in days if period.first < day <= period.last)

    def charge(self, usage: Usage, model_id: int | None, day: date) -> None:
        """Work out what `usage`, all of one model and one price, costs."""
        price = self.of(model_id, day)
        if price is None:
            usage.is_unpriced = usage.tokens > 0
            return
        cost = usage.prompt_tokens * price.input_price
        cost += usage.completion_tokens * price.output_price
        usage.money = {price.currency: cost / MILLION}


def within(period: Period, rows: Any = None) -> Any:
    """The rows of `period`, of all there are or of `rows`."""
    found = UsageDay.objects.all() if rows is None else rows
    return found.filter(day__gte=period.first, day__lte=period.last)


def summed(rows: Any, period: Period, prices: PriceList, *, by: str) -> list[Usage]:
    """`rows` (within `period`) added up by one of DIMENSIONS: by day in their order, else what is most first."""
    starts = [period.first, *prices.changes_within(period)]
    if by == "day":
        found = rows.values_list("day", "language_model")
    else:
        epoch = _epoch(starts)
        found = rows.annotate(epoch=epoch).values_list(by, "language_model", "epoch")
    usages: dict[Any, Usage] = {}
    sums = [Sum(name) for name in AMOUNTS]
    for row in found.annotate(*sums).order_by():
        *group, attempts, answers, prompt, completion, estimated = row
        usage = Usage(group[0], attempts, answers, int(prompt), int(completion), int(estimated))
        prices.charge(usage, group[1], group[0] if by == "day" else starts[group[2]])
        if usage.key in usages:
            usages[usage.key].add(usage)
        else:
            usages[usage.key] = usage
    if by == "day":
        return [usages[day] for day in sorted(usages)]
    return sorted(usages.values(), key=lambda usage: (-usage.tokens, str(usage.key)))


def total(usages: Iterable[Usage]) -> Usage:
    whole = Usage()
    for usage in usages:
        whole.add(usage)
    return whole


def by_month(usages: Iterable[Usage]) -> list[Usage]:
    """Usage by day, added up by month; keys are the months' first days."""
    months: dict[date, Usage] = {}
    for usage in usages:
        first = usage.key.replace(day=1)
        months.setdefault(first, Usage(first)).add(usage)
    return list(months.values())


def _epoch(starts: list[date]) -> Case:
    """Between which changes of prices a row's day lies, as a number; within one no price changes."""
    later = [
        When(day__gte=start, then=Value(number))
        for number, start in reversed(list(enumerate(starts)))
    ]
    return Case(*later, default=Value(0), output_field=IntegerField())
