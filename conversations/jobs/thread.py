"""The thread of this process that works jobs of one kind off, one at a time. It lives as long as the engine."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, InterfaceError, connections

LOOK_SECONDS = 1.0
END_SECONDS = 10.0

logger = logging.getLogger(__name__)


class JobThread:
    """`claim` takes the worker's id and returns what it shall do or None; `work` does it, heeding `keep_on`."""

    def __init__(
        self, name: str, claim: Callable[[uuid.UUID], Any], work: Callable[..., None]
    ) -> None:
        self.worker = uuid.uuid4()
        self._claim = claim
        self._work = work
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """It ends at the next conversation; whoever comes next goes on from there."""
        self._ending.set()
        self._thread.join(END_SECONDS)

    def _run(self) -> None:
        try:
            while not self._ending.wait(LOOK_SECONDS):
                self._look()
        finally:
            connections.close_all()

    def _look(self) -> None:
        name = self._thread.name
        try:
            while not self._ending.is_set() and (found := self._claim(self.worker)) is not None:
                self._work(found, keep_on=lambda: not self._ending.is_set(), breathes=True)
        except (DatabaseError, InterfaceError):
            logger.exception("%s: one was interrupted, and will be taken up again", name)
            connections.close_all()
        except Exception:
            # One must not end those of all; its row is taken up again when it has been silent for a while.
            logger.exception("%s: one failed", name)
