"""Usage as CSV: the rows of each day as they are kept, with what they cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from accounts.spreadsheet import Batch, csv_response
from upstream.usage import AMOUNTS, PriceList, Usage

BATCH = 2000
NAMES = (
    "pk",
    "day",
    "member__username",
    "language_model",
    "language_model__title",
    "language_model__provider__title",
    "credential",
    "credential__title",
)


def headings() -> list[str]:
    return [
        _("day"),
        _("member"),
        _("model"),
        _("provider"),
        _("credential"),
        _("attempts"),
        _("answers"),
        _("tokens of prompts"),
        _("tokens of answers"),
        _("tokens estimated"),
        _("cost"),
        _("currency"),
    ]


def usage_csv(name: str, rows: Any) -> StreamingHttpResponse:
    """`rows` of UsageDay, as a file of that name."""
    prices = PriceList()
    return csv_response(name, headings(), lambda mark: _read(rows, prices, mark or 0))


def _read(rows: Any, prices: PriceList, after: int) -> Batch:
    following = rows.filter(pk__gt=after).order_by("pk")
    found = list(following.values_list(*NAMES, *AMOUNTS)[:BATCH])
    return [_cells(row, prices) for row in found], found[-1][0] if len(found) == BATCH else None


def _cells(row: Any, prices: PriceList) -> list[Any]:
    _pk, day, member, model_id, model, provider, credential_id, credential, *amounts = row
    usage = Usage(None, *amounts)
    prices.charge(usage, model_id, day)
    currency, cost = next(iter(usage.money.items()), ("", Decimal(0)))
    named = credential or (f"#{credential_id}" if credential_id else "")
    price = [f"{cost:f}" if currency else "", currency]
    return [day.isoformat(), member, model, provider, named, *amounts, *price]
