"""Many messages in one statement that is run for each: what takes time is done before the transaction begins, so that
whoever waits for the write lock waits for the database alone. (`bulk_create` composes its statement within it.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from conversations.models import Message

FIELDS = Message._meta.concrete_fields

Rows = list[tuple[Any, ...]]


def prepared(messages: Sequence[Message]) -> Rows:
    """As the database takes them, one tuple a message."""
    return [
        tuple(
            field.get_db_prep_save(getattr(message, field.attname), connection=connection)
            for field in FIELDS
        )
        for message in messages
    ]


def insert(rows: Rows) -> None:
    if not rows:
        return
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in FIELDS)
    places = ", ".join(["%s"] * len(FIELDS))
    table = quote(Message._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)
