"""The rows of a file that an administrator brings: CSV in the ways in which spreadsheets write it, or JSON."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

LARGEST = 4 * 1024 * 1024  # bytes
MOST_ROWS = 1000  # two seconds in one transaction, for which everybody else waits on SQLite
DELIMITERS = (",", ";", "\t")
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class NoTable(Exception):
    """The file cannot be read at all; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """`line` as an editor counts; of JSON, which object of the list."""

    line: int
    values: dict[str, Any]


def read_table(data: bytes) -> list[Row]:
    """Raises NoTable."""
    said = _decoded(data)
    rows = _of_json(said) if said.lstrip()[:1] in {"[", "{"} else _of_csv(said)
    if not rows:
        raise NoTable(_("There is no row in it."))
    if len(rows) > MOST_ROWS:
        raise NoTable(_("At most %d rows are taken at once.") % MOST_ROWS)
    return rows


def _decoded(data: bytes) -> str:
    encoding = next((name for mark, name in MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise NoTable(_("It is neither UTF-8 nor UTF-16. Save it as “CSV UTF-8”.")) from error


def _of_csv(said: str) -> list[Row]:
    head = said.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(said, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    try:
        columns = [name.strip().casefold() for name in next(reader, [])]
        if len(set(columns)) != len(columns):
            raise NoTable(_("Two columns have the same name."))
        before = reader.line_num
        for cells in reader:
            line, before = before + 1, reader.line_num
            if any(cells):
                named = dict(zip(columns, cells, strict=False))
                rows.append(Row(line, named if len(cells) <= len(columns) else {}))
    except csv.Error as error:
        raise NoTable(_("Line %d cannot be read.") % reader.line_num) from error
    return rows


def _of_json(said: str) -> list[Row]:
    try:
        value = json.loads(said)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise NoTable(_("This is not JSON: it goes wrong in line %d.") % line) from error
    if isinstance(value, dict):
        lists = [each for each in value.values() if isinstance(each, list)]
        value = lists[0] if len(lists) == 1 else [value]
    return [
        Row(number, each if isinstance(each, dict) else {})
        for number, each in enumerate(value, start=1)
    ]
