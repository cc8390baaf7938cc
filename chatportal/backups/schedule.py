"""Backups by themselves, while the portal serves: one every PORTAL_BACKUP_HOURS into PORTAL_BACKUP_DIR, of which the
newest PORTAL_BACKUP_KEEP stay. Each is made by a process of its own, so that nobody's answer waits.
"""

from __future__ import annotations

import fcntl
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from chatportal.backups.keeping import backups_in, made_at

FIRST_LOOK_SECONDS, LOOK_SECONDS, AFTER_FAILURE_SECONDS = 5.0, 60.0, 3600.0
FORGOTTEN_SECONDS = 3600.0  # since anything was written to it
LOCK = ".making-a-backup"

logger = logging.getLogger(__name__)


class Schedule:
    """Looks once a minute; what it did yesterday it reads off the folder."""

    def __init__(self) -> None:
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name="backups", daemon=True)

    def __enter__(self) -> Schedule:
        if settings.PORTAL_BACKUP_DIR:
            self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ends.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def _run(self) -> None:
        wait = FIRST_LOOK_SECONDS  # a start has enough to do
        folder = Path(settings.PORTAL_BACKUP_DIR)
        while not self._ends.wait(wait):
            wait = LOOK_SECONDS
            try:
                if is_due(folder):
                    with alone_in(folder) as alone:
                        # Another process of the portal may have made it meanwhile, or be at it.
                        if alone and is_due(folder) and not self._back_up():
                            wait = AFTER_FAILURE_SECONDS  # each try may fill the disk
            except OSError:
                logger.exception("the folder for backups cannot be used")

    def _back_up(self) -> bool:
        """Whether it was made."""
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "backup"]
        command += [
            settings.PORTAL_BACKUP_DIR,
            "--keep",
            str(settings.PORTAL_BACKUP_KEEP),
            "--stand-back",
        ]
        made = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        while made.poll() is None:
            if self._ends.wait(0.5):
                made.terminate()  # half a backup is no file
        said = made.stdout.read().strip() if made.stdout else ""
        if made.stdout:
            made.stdout.close()
        if made.returncode:
            logger.error("the backup was not made: %s", said)
        else:
            logger.info("backup: %s", said.splitlines()[0] if said else "")
        return made.returncode == 0


@contextmanager
def alone_in(folder: Path) -> Iterator[bool]:
    """Whether no other process of this machine makes a backup there; what a killed one left is removed."""
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        for half in folder.glob(".portal-*.part"):
            if time.time() - half.stat().st_mtime > FORGOTTEN_SECONDS:
                half.unlink(missing_ok=True)
        yield True


def is_due(folder: Path) -> bool:
    """Raises OSError where the folder cannot be read or made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    newest = next(iter(backups_in(folder)), None)
    every = timedelta(hours=settings.PORTAL_BACKUP_HOURS)
    return newest is None or timezone.now() - made_at(newest) >= every
