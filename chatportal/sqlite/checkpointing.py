"""Takes what was written out of SQLite's log (the WAL) into the database beside the writers, not in somebody's COMMIT.

SQLite does that in the commit that makes the log long enough: beside an import every twentieth one then takes 15 ms
more, with the write lock held and everybody waiting. A thread with a connection of its own does it without the lock.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.db.utils import DatabaseError

LOOK_SECONDS = 0.5
COMMITS = 32  # then it is worth it, or as soon as nothing is written for a moment
# Only where the thread does not come after does a commit do it: 64 MB.
PAGES_AT_MOST = 16_000

logger = logging.getLogger(__name__)


class Checkpointer:
    """Counts commits, and works in a thread between `start` and `stop`."""

    def __init__(self) -> None:
        self.is_running = False
        self._commits = 0
        self._wanted = threading.Event()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def committed(self) -> None:
        self._commits += 1
        if self._commits >= COMMITS:
            self._wanted.set()

    def start(self) -> None:
        self.is_running = True
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.is_running = False
        self._ending.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            while not self._ending.is_set():
                if self._wanted.wait(LOOK_SECONDS) or self._commits:
                    self._wanted.clear()
                    self._commits = 0
                    self._checkpoint()
        finally:
            connections.close_all()

    def _checkpoint(self) -> None:
        try:
            with connections["default"].cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except DatabaseError:
            # Nothing is lost: it all stands in the log, and the next one takes it along.
            logger.exception("the write-ahead log could not be taken into the database")
            connections.close_all()


checkpointer = Checkpointer()


def configure(connection: Any) -> None:
    """A new connection leaves checkpoints to the thread, where there is one."""
    if checkpointer.is_running:
        connection.execute(f"PRAGMA wal_autocheckpoint={PAGES_AT_MOST}").close()


@contextmanager
def checkpointing() -> Iterator[None]:
    """Where the database is SQLite, the thread runs meanwhile."""
    if connections["default"].vendor != "sqlite":
        yield
        return
    checkpointer.start()
    try:
        yield
    finally:
        checkpointer.stop()
