"""The folder that everything is kept in: there, writable, with room."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from chatportal.refusal import CannotStart

ROOM = 4 * 1024**2  # bytes: below that not even the database's journal gets far
WAYS_OUT = (
    "Give the folder to the user that the portal runs as, make room, or name another one (PORTAL_DATA_DIR). "
    "Nothing was changed."
)


@contextlib.contextmanager
def writing_below(folder: Path) -> Iterator[None]:
    """What cannot be written there stops the start."""
    try:
        yield
    except OSError as error:
        raise CannotStart(
            f"{folder} cannot be written to: {error.strerror}.\n{WAYS_OUT}"
        ) from error


def examine_disk(folder: Path) -> None:
    """Raises CannotStart where a few megabytes cannot be written. They are gone again afterwards."""
    probe = folder / f".probe.{secrets.token_hex(8)}"
    with writing_below(folder):
        descriptor = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, ROOM)
        finally:
            os.close(descriptor)
            probe.unlink()
