"""The thread of this process that works imports off, one at a time. It lives as long as the engine."""

from __future__ import annotations

import logging
import threading
import uuid

from django.db import DatabaseError, InterfaceError, connections

from conversations.imports.working import claim, work

LOOK_SECONDS = 1.0
END_SECONDS = 10.0

logger = logging.getLogger(__name__)


class ImportThread:
    def __init__(self) -> None:
        self.worker = uuid.uuid4()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="imports", daemon=True)

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
        try:
            while not self._ending.is_set() and (found := claim(self.worker)) is not None:
                work(found, keep_on=lambda: not self._ending.is_set(), breathes=True)
        except (DatabaseError, InterfaceError):
            logger.exception("an import was interrupted, and will be taken up again")
            connections.close_all()
        except Exception:
            # One file must not end the imports of all; its row is taken up again when it has been silent for a while.
            logger.exception("an import failed")
