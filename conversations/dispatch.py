"""Waking the engine. The pending row is the queue; a wake that nobody hears costs a second, never an answer."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

wakers: list[Callable[[], None]] = []  # the engine of this process, once it runs


def wake() -> None:
    for waker in tuple(wakers):
        waker()


def dispatch_after_commit() -> None:
    """Have the engine look for pending and stopping generations once the present transaction is saved."""
    transaction.on_commit(wake)
