"""Where the bytes of attachments lie: under their digest, once for each owner, and readable by the portal alone.

Nobody's file is shared with anybody else, however equal: that somebody has a file is nobody else's business.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from PIL import Image

from conversations.models import Attachment
from conversations.models.attachment import PICTURES

PIECE = 256 * 1024  # bytes
FORGOTTEN_AFTER = 3600.0  # seconds: by then a file that was brought has its row
SWEEP_SECONDS = 3600.0
_swept_at = float("-inf")
FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}


class TooLarge(Exception):
    """More than `PORTAL_ATTACHMENT_MAX_BYTES`; nothing was kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """`width` and `height` in pixels, of a picture; else 0 and an empty `media_type`."""

    digest: str
    size: int
    media_type: str = ""
    width: int = 0
    height: int = 0


def path_of(owner: int, digest: str) -> Path:
    return Path(settings.ATTACHMENTS_DIR) / str(owner) / digest[:2] / digest


def keep(owner: int, source: BinaryIO | Any) -> Kept:
    """Whole or not at all. Raises TooLarge; OSError where the disk takes no more."""
    folder = Path(settings.ATTACHMENTS_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    arriving = folder / f".{secrets.token_hex(16)}"
    digest, size = hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            while piece := source.read(PIECE):
                digest.update(piece)
                size += len(piece)
                if size > settings.PORTAL_ATTACHMENT_MAX_BYTES:
                    raise TooLarge
                out.write(piece)
        path = path_of(owner, digest.hexdigest())
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        arriving.replace(path)
    finally:
        arriving.unlink(missing_ok=True)
    return Kept(digest.hexdigest(), size, *_looked_at(path))


def _looked_at(path: Path) -> tuple[str, int, int]:
    """What its bytes say: a name or a claim makes no picture."""
    try:
        with Image.open(path, formats=tuple(FORMATS)) as image:  # reads the head alone
            return FORMATS[str(image.format)], image.width, image.height
    except Exception:
        # A hostile file makes Pillow's readers raise whatever they come upon.
        return "", 0, 0


def claimed(media_type: str) -> str:
    """What a file that is no picture may call itself: never what a browser would show."""
    return "" if media_type in PICTURES or not media_type.isascii() else media_type


def sweep(now: float | None = None) -> None:
    """Remove what no conversation names any more; looks once in SWEEP_SECONDS."""
    global _swept_at
    if time.monotonic() - _swept_at < SWEEP_SECONDS:
        return
    _swept_at = time.monotonic()
    sweep_now(time.time() if now is None else now)


def sweep_now(now: float) -> None:
    root = Path(settings.ATTACHMENTS_DIR)
    if not root.is_dir():
        return
    for place in root.iterdir():
        if place.name.startswith("."):  # one that did not arrive
            _remove_if_old(place, now)
        else:
            _sweep_owner(int(place.name), place, now)


def _sweep_owner(owner: int, place: Path, now: float) -> None:
    there = {path.name: path for path in place.glob("*/*")}
    named = Attachment.objects.filter(conversation__owner=owner).values_list("digest", flat=True)
    for digest in there.keys() - set(named):
        _remove_if_old(there[digest], now)


def _remove_if_old(path: Path, now: float) -> None:
    try:
        if now - path.stat().st_mtime > FORGOTTEN_AFTER:
            path.unlink()
    except FileNotFoundError:
        pass  # another process sweeps, too
