"""Rows for a spreadsheet: CSV, sent as they are read, in which no cell is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse

# What spreadsheets take for the beginning of a formula; a quote before it makes it text.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

# Django's compression makes of each piece of an asynchronous stream a gzip file of its own, of which browsers read the
# first and drop the rest. What says how it is encoded is left alone.
AS_IT_IS = {"Content-Encoding": "identity"}

Batch = tuple[list[Sequence[Any]], Any]  # rows, and what to ask for next; None at the end


def cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) or text.startswith(FORMULA) else text


def csv_response(
    name: str, head: Sequence[Any], read: Callable[[Any], Batch]
) -> StreamingHttpResponse:
    """`read(None)` gives the first rows and a mark, and `read(mark)` what follows: never all of it at once."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', **AS_IT_IS}
    return StreamingHttpResponse(
        _lines(head, read), content_type="text/csv; charset=utf-8", headers=headers
    )


async def _lines(head: Sequence[Any], read: Callable[[Any], Batch]) -> AsyncIterator[str]:
    yield "\ufeff" + _written([head])  # without the mark Excel takes it for another encoding
    mark = None
    while True:
        rows, mark = await sync_to_async(read)(mark)
        if rows:
            yield _written(rows)
        if mark is None:
            return


def _written(rows: Iterable[Sequence[Any]]) -> str:
    page = io.StringIO()
    csv.writer(page).writerows([cell(value) for value in row] for row in rows)
    return page.getvalue()
