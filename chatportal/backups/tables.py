"""The tables of the portal as lines of JSON, one array a row, the same from every database: what was backed up from
SQLite can be restored to PostgreSQL, and the other way round.

Values stand as SQLite keeps them: UUIDs as 32 hexadecimal digits, times as UTC without a zone, truth as 0 and 1, JSON
as its text; bytes as base64. What is encrypted in the database stays encrypted.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

ROWS_AT_ONCE = 1000
# Log-ins end with a restore: whoever was in comes in again.
LEFT_OUT = {"django_session", "usersessions_usersession"}

# How PostgreSQL says each kind of value as SQLite keeps it; all others are the same in both.
ON_POSTGRESQL = {
    "UUIDField": "replace({}::text, '-', '')",
    "DateTimeField": "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
    "DateField": "{}::text",
    "BooleanField": "{}::int",
    "JSONField": "{}::text",
    "DecimalField": "{}::text",
    "GenericIPAddressField": "host({})",
    "BinaryField": "encode({}, 'base64')",
}


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` as (name, kind of field); a foreign key has the kind of what it points to."""

    name: str
    columns: tuple[tuple[str, str], ...]

    @property
    def names(self) -> list[str]:
        return [name for name, _kind in self.columns]


def tables_of(apps: Any) -> list[Table]:
    """Of an app registry: the present one, or one of a migration's."""
    found: dict[str, Table] = {}
    for model in apps.get_models(include_auto_created=True):
        about = model._meta
        if not about.managed or about.proxy or about.db_table in LEFT_OUT:
            continue
        columns = tuple((str(each.column), _kind(each)) for each in about.concrete_fields)
        found[about.db_table] = Table(about.db_table, columns)
    return sorted(found.values(), key=lambda table: table.name)


def _kind(field: Any) -> str:
    return str(getattr(field, "target_field", field).get_internal_type())


def lines_of(table: Table) -> Iterator[bytes]:
    """Pieces of many lines. Whoever calls holds the transaction whose view of the tables they are."""
    is_postgresql = connection.vendor == "postgresql"
    quote = connection.ops.quote_name
    forms = ON_POSTGRESQL if is_postgresql else {}
    # On SQLite a "+" keeps Django from making objects of what is wanted as it stands.
    plain = "{}" if is_postgresql else "+{}"
    chosen = ", ".join(forms.get(kind, plain).format(quote(name)) for name, kind in table.columns)
    query = f"SELECT {chosen} FROM {quote(table.name)}"
    blobs = [at for at, (_name, kind) in enumerate(table.columns) if kind == "BinaryField"]
    connection.ensure_connection()
    driver: Any = connection.connection
    cursor = driver.cursor(name="backup") if is_postgresql else driver.cursor()
    try:
        cursor.execute(query)
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield _lines(rows, [] if is_postgresql else blobs)
    finally:
        cursor.close()


def _lines(rows: Iterable[Any], blobs: list[int]) -> bytes:
    written = []
    for row in rows:
        values = list(row)
        for at in blobs:
            values[at] = base64.b64encode(values[at]).decode() if values[at] is not None else None
        written.append(json.dumps(values, ensure_ascii=False, separators=(",", ":")))
    return ("\n".join(written) + "\n").encode()


def rows_from(lines: Iterable[bytes], table: Table) -> Iterator[list[Any]]:
    blobs = [at for at, (_name, kind) in enumerate(table.columns) if kind == "BinaryField"]
    for line in lines:
        values = json.loads(line)
        for at in blobs:
            if values[at] is not None:
                values[at] = base64.b64decode(values[at])
        yield values


def load(rows: Iterator[list[Any]], table: Table) -> None:
    """Into a table that is empty, in the caller's transaction."""
    quote = connection.ops.quote_name
    columns = ", ".join(quote(name) for name in table.names)
    connection.ensure_connection()
    driver: Any = connection.connection
    if connection.vendor == "postgresql":
        with (
            driver.cursor() as cursor,
            cursor.copy(f"COPY {quote(table.name)} ({columns}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)
        return
    places = ", ".join("?" * len(table.columns))
    driver.executemany(f"INSERT INTO {quote(table.name)} ({columns}) VALUES ({places})", rows)
