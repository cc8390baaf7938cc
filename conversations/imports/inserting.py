"""Many messages in one statement that is run for each: what takes time is done before the transaction begins, so that
whoever waits for the write lock waits for the database alone. (`bulk_create` composes its statement within it.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, models

from conversations.models import Message

FIELDS = Message._meta.concrete_fields
# What both databases take as it is: no time is spent on asking the field how.
AS_THEY_ARE = (models.TextField, models.CharField, models.BooleanField)

Rows = list[tuple[Any, ...]]
Take = Callable[[Any, Any], Any]


def prepared(messages: Sequence[Message]) -> Rows:
    """As the database takes them, one tuple a message."""
    takes = [(field.attname, _taker(field)) for field in FIELDS]
    rows = []
    for message in messages:
        values = message.__dict__
        rows.append(
            tuple(
                values[name]
                if take is None or values[name] is None
                else take(values[name], connection)
                for name, take in takes
            )
        )
    return rows


def _taker(field: Any) -> Take | None:
    """What makes of a value what the database takes; None where that is the value itself."""
    kind = type(field.target_field if field.is_relation else field)
    if kind in AS_THEY_ARE:
        return None
    if kind is models.UUIDField:
        return None if connection.features.has_native_uuid_field else _hex
    take: Take = field.get_db_prep_save
    return take


def _hex(value: Any, connection: Any) -> str:
    return str(value.hex)


def insert(rows: Rows) -> None:
    if not rows:
        return
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in FIELDS)
    places = ", ".join(["%s"] * len(FIELDS))
    table = quote(Message._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)
