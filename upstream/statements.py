"""The few statements that every answer needs. The ORM's building of a query costs ten times the statement.

Values are prepared by the models' own fields, so that they are stored as the ORM stores them.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, models


def insert(model: type[models.Model], **values: Any) -> None:
    """Insert one row; `values` by column, all that the table does not fill in by itself."""
    columns = ", ".join(connection.ops.quote_name(name) for name in values)
    marks = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_table(model)} ({columns}) VALUES ({marks})", _prepared(model, values)
        )


def add(model: type[models.Model], keys: dict[str, Any], **amounts: int) -> None:
    """Add `amounts` to the columns of the one row with these `keys`, which a constraint makes unique; insert it where
    there is none.
    """
    names = [connection.ops.quote_name(name) for name in (*keys, *amounts)]
    marks = ", ".join(["%s"] * len(names))
    of_conflict = ", ".join(names[: len(keys)])
    table = _table(model)
    sums = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in names[len(keys) :])
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
            f" ON CONFLICT ({of_conflict}) DO UPDATE SET {sums}",
            _prepared(model, {**keys, **amounts}),
        )


def take(model: type[models.Model], *columns: str, **where: Any) -> tuple[Any, ...] | None:
    """Delete the one row whose columns have these values; returns its `columns`, None where there is no such row."""
    condition = " AND ".join(f"{connection.ops.quote_name(name)} = %s" for name in where)
    returning = ", ".join(map(connection.ops.quote_name, columns))
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {_table(model)} WHERE {condition} RETURNING {returning}",
            _prepared(model, where),
        )
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def update(model: type[models.Model], where: dict[str, Any], **values: Any) -> int:
    """Set columns of the rows whose columns have the values of `where`; returns how many."""
    changes = ", ".join(f"{connection.ops.quote_name(name)} = %s" for name in values)
    condition = " AND ".join(f"{connection.ops.quote_name(name)} = %s" for name in where)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_table(model)} SET {changes} WHERE {condition}",
            [*_prepared(model, values), *_prepared(model, where)],
        )
        return int(cursor.rowcount)


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _prepared(model: type[models.Model], values: dict[str, Any]) -> list[Any]:
    by_column = {field.column: field for field in model._meta.concrete_fields}
    return [
        by_column[name].get_db_prep_save(value, connection=connection)
        for name, value in values.items()
    ]
