"""Where exports are kept that were made ahead: half of one is never taken for a whole one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from conversations.jobs.stored import sweep_folder
from conversations.models import Export


def path_of(stored: str) -> Path:
    return Path(settings.EXPORTS_DIR) / stored


def write(path: Path, pieces: Iterable[bytes]) -> int:
    """The file as a whole, for nobody else's eyes, or none at all; returns its size in bytes. Raises OSError."""
    beside = path.with_name(f".{path.name}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    try:
        with os.fdopen(os.open(beside, flags, 0o600), "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return size


def remove(stored: str) -> None:
    if stored:
        path = path_of(stored)
        path.unlink(missing_ok=True)
        path.with_name(f".{stored}.part").unlink(missing_ok=True)


def sweep(now: float | None = None) -> None:
    sweep_folder(Path(settings.EXPORTS_DIR), _needed, now)


def _needed() -> set[str]:
    kept = Export.objects.filter(state__in=(*Export.UNFINISHED, Export.State.READY))
    names = set(kept.exclude(stored="").values_list("stored", flat=True))
    return names | {f".{name}.part" for name in names}
