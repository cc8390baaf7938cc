"""Usage as CSV: the rows of each day as they are kept, with what they cost. It is written as it is read."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

from asgiref.sync import sync_to_async
from django.utils.translation import gettext as _

from upstream.usage import AMOUNTS, PriceList, Usage

BATCH = 2000
BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
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


async def csv_of(rows: Any) -> AsyncIterator[str]:
    """In parts of some thousand lines. Asynchronous, for a server would read an ordinary iterator to its end first."""
    yield "\ufeff"  # spreadsheets take a file without it for one of another alphabet
    yield _lines([headings()])
    prices = await sync_to_async(PriceList)()
    after = 0
    while batch := await sync_to_async(_batch)(rows, after):
        after = batch[-1][0]
        yield _lines(_cells(row, prices) for row in batch)


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(BEGINS_FORMULA) else text


def _batch(rows: Any, after: int) -> list[Any]:
    return list(rows.filter(pk__gt=after).order_by("pk").values_list(*NAMES, *AMOUNTS)[:BATCH])


def _cells(row: Any, prices: PriceList) -> list[str]:
    _pk, day, member, model_id, model, provider, credential_id, credential, *amounts = row
    usage = Usage(None, *amounts)
    prices.charge(usage, model_id, day)
    currency, cost = next(iter(usage.money.items()), ("", Decimal(0)))
    named = credential or (f"#{credential_id}" if credential_id else "")
    texts = [guarded(text or "") for text in (member, model, provider, named)]
    price = [f"{cost:f}" if currency else "", currency]
    return [day.isoformat(), *texts, *map(str, amounts), *price]


class _Line:
    """What csv writes into: it gives the line back."""

    def write(self, line: str) -> str:
        return line


def _lines(rows: Iterator[list[str]] | list[list[str]]) -> str:
    writer = csv.writer(_Line())
    return "".join(str(writer.writerow(row)) for row in rows)
