"""A ZIP that is sent while it is made: what is in it is never together in memory, nor on the disk."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

PIECE = 256 * 1024  # bytes
# What is packed already, where packing again costs time and saves nothing.
PACKED = ("image/", "video/", "audio/", "application/zip", "application/pdf")


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the archive, from the disk."""

    name: str
    path: Path
    media_type: str = ""


class _Sent:
    """Where the archive is written to: what can only be taken away."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, piece: bytes, /) -> int:
        self.pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits here."""

    def take(self) -> bytes:
        taken = b"".join(self.pieces)
        self.pieces.clear()
        return taken


def archived(name: str, pieces: Iterable[bytes], members: Iterable[Member]) -> Iterator[bytes]:
    """First the file `name`, made of `pieces`; then the members that are still there, which are read after it."""
    sent: Any = _Sent()
    with zipfile.ZipFile(sent, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        with archive.open(_entry(name), "w", force_zip64=True) as out:
            for piece in pieces:
                out.write(piece)
                yield sent.take()
        yield sent.take()
        for member in members:
            yield from _member(archive, member, sent)
    yield sent.take()


def _member(archive: zipfile.ZipFile, member: Member, sent: Any) -> Iterator[bytes]:
    try:
        file = member.path.open("rb")
    except FileNotFoundError:
        return
    is_packed = member.media_type.startswith(PACKED)
    entry = _entry(member.name, zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED)
    with file, archive.open(entry, "w", force_zip64=True) as out:
        while piece := file.read(PIECE):
            out.write(piece)
            yield sent.take()
    yield sent.take()


def _entry(name: str, how: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, timezone.localtime().timetuple()[:6])
    entry.compress_type = how
    entry.external_attr = 0o644 << 16
    return entry
