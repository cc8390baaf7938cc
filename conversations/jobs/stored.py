"""Files of jobs: under names that nobody chose, readable by the portal alone."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from pathlib import Path

FORGOTTEN_AFTER = 900.0  # seconds: by then what was stored has its row


def new_name() -> str:
    return secrets.token_hex(16)


def sweep_folder(folder: Path, needed: Callable[[], set[str]], now: float | None = None) -> None:
    """Remove what no row needs any more: of jobs that were finished, and of those whose owner is gone."""
    now = time.time() if now is None else now
    old = [each for each in folder.iterdir() if now - each.stat().st_mtime > FORGOTTEN_AFTER]
    if not old:
        return
    kept = needed()
    for path in old:
        if path.name not in kept:
            path.unlink(missing_ok=True)
