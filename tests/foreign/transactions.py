"""What is written in each transaction: rows of messages, bytes, and how long it held everybody else up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.transaction import Atomic

WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass
class Transaction:
    """`rows` are statements run, those of an `executemany` each; `bytes` of what was given with them."""

    rows: int = 0
    bytes: int = 0
    seconds: float = 0.0


@contextmanager
def each_transaction() -> Iterator[list[Transaction]]:
    """The outermost ones that write something, in order; within a test's own transaction, those within it."""
    seen: list[Transaction] = []
    depth, begun = 0, 0.0
    enter, leave = Atomic.__enter__, Atomic.__exit__

    def entered(self: Any) -> None:
        nonlocal depth, begun
        if depth == 0:
            begun = time.perf_counter()
            seen.append(Transaction())
        depth += 1
        enter(self)

    def left(self: Any, *error: Any) -> None:
        nonlocal depth
        leave(self, *error)
        depth -= 1
        if depth == 0:
            seen[-1].seconds = time.perf_counter() - begun
            if not seen[-1].rows:
                seen.pop()

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if depth and sql.lstrip().upper().startswith(WRITES):
            given = list(params) if many else [params or ()]
            seen[-1].rows += len(given)
            seen[-1].bytes += sum(_size(value) for row in given for value in row)
            params = given if many else params
        return execute(sql, params, many, context)

    Atomic.__enter__, Atomic.__exit__ = entered, left  # type: ignore[method-assign]
    try:
        with connection.execute_wrapper(watch):
            yield seen
    finally:
        Atomic.__enter__, Atomic.__exit__ = enter, leave  # type: ignore[method-assign]


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, bytes | bytearray | memoryview):
        return len(value)
    if isinstance(value, list | tuple):  # PostgreSQL is given a column at once
        return sum(map(_size, value))
    adapted = getattr(value, "obj", None)  # psycopg's Jsonb
    return len(str(adapted)) if adapted is not None else 8
