"""Backups in a folder: how they are called, and how many stay."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from django.utils import timezone

NAME = re.compile(r"portal-\d{4}-\d\d-\d\d-\d{6}\.zip\Z")


def name_for_now() -> str:
    return f"portal-{timezone.now():%Y-%m-%d-%H%M%S}.zip"


def backups_in(folder: Path) -> list[Path]:
    """The newest first; files with other names are nobody's business here."""
    return sorted((path for path in folder.iterdir() if NAME.match(path.name)), reverse=True)


def keep_newest(folder: Path, count: int) -> list[Path]:
    """Deletes the others, and returns them."""
    gone = backups_in(folder)[count:]
    for path in gone:
        path.unlink()
    return gone


def made_at(path: Path) -> datetime:
    return datetime.strptime(f"{path.stem}+0000", "portal-%Y-%m-%d-%H%M%S%z")
