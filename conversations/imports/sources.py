"""The streams of JSON in a file, whatever it is: bare, gzipped, or in a ZIP whose every promise is doubted."""

from __future__ import annotations

import codecs
import gzip
import io
import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from conversations.imports.values import NotReadable

MOST_ENTRIES = 50_000
LARGEST_DIRECTORY = 64 * 1024 * 1024  # bytes of a ZIP's list of entries
LARGEST_UNPACKED = 16 * 1024**3  # bytes of all that is read from one file
HIGHEST_RATIO = 200  # times, for what is larger than a megabyte
WANTED = re.compile(r"(?:^|/)conversations(?:-\d+)?\.json$", re.IGNORECASE)
OTHERS = re.compile(r"(?:^|/)(?!\.)[^/]+\.jsonl?$", re.IGNORECASE)
# What stands beside the conversations in an official export, and holds none.
BESIDE = re.compile(
    r"(?:^|/)(?:user|users|user_settings|message_feedback|model_comparisons|shared_conversations|export_manifest|"
    r"group_chats|shopping|sora|projects|memories)\.json$|(?:^|/)(?:textdocs|__MACOSX)/",
    re.IGNORECASE,
)
GZIP, ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
ARCHIVES = re.compile(r"\.(?:zip|tar|gz|tgz|7z|rar|bz2|xz)$", re.IGNORECASE)


# What comes of what was packed and is damaged, and of what is packed in a way that is not known here.
BROKEN = (zipfile.BadZipFile, gzip.BadGzipFile, EOFError, zlib.error, lzma.LZMAError)
UNKNOWN = (NotImplementedError, RuntimeError, UnicodeDecodeError, OverflowError)
DAMAGED = (*BROKEN, *UNKNOWN)


class Utf8:
    """What is read is UTF-8 without a byte order mark: bytes that are none become U+FFFD, and UTF-16 is translated."""

    def __init__(self, source: Any) -> None:
        self.source = source
        self.decoder: codecs.IncrementalDecoder | None = None
        self.total = 0

    def read(self, size: int = -1) -> bytes:
        while True:
            raw = self._raw(size)
            self.total += len(raw)
            if self.total > LARGEST_UNPACKED:
                raise NotReadable(_("It unpacks to more than can be read."))
            if self.decoder is None:
                self.decoder = codecs.getincrementaldecoder(_encoding(raw))("replace")
            text = self.decoder.decode(raw, final=not raw)
            if text or not raw:
                return text.encode("utf-8", "replace")

    def _raw(self, size: int) -> bytes:
        try:
            return bytes(self.source.read(size))
        except BROKEN as error:
            raise NotReadable(
                _("The archive is damaged: what was packed cannot be read.")
            ) from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise NotReadable(
                _("The archive is damaged: what was packed cannot be read.")
            ) from error
        except UNKNOWN as error:
            raise NotReadable(_("It is packed in a way that cannot be read.")) from error


@dataclass(frozen=True, slots=True)
class Source:
    """A stream to be opened; or, where there is a `fault`, why it is not read."""

    name: str
    open: Callable[[], Utf8] | None = None
    fault: str = ""
    check: Callable[[], str] | None = None  # tells a fault that only shows when all of it is read


def _encoding(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head[:4].replace(b"\0", b"")[:1] in (b"[", b"{") and b"\0" in head[:4]:
        return "utf-16-le" if head[1:2] == b"\0" else "utf-16-be"
    return "utf-8-sig"


@contextmanager
def sources_of(path: Path, name: str) -> Iterator[list[Source]]:
    """The streams in the file at `path`, which its owner calls `name`. Raises NotReadable."""
    with path.open("rb") as file, archive_of(path) as archive:
        if archive is not None:
            yield _members(archive)
        elif file.read(2) == GZIP:
            file.seek(0)
            yield [Source(name, lambda: Utf8(gzip.GzipFile(fileobj=file)))]
        else:
            file.seek(0)
            yield [Source(name, lambda: Utf8(file))]


@contextmanager
def archive_of(path: Path) -> Iterator[zipfile.ZipFile | None]:
    """None where it is no ZIP. Raises NotReadable where it is one that cannot be opened."""
    with path.open("rb") as file:
        if file.read(4) not in ZIP:
            yield None
            return
        _check_directory(file)
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise NotReadable(
                _("This ZIP is damaged: its list of contents cannot be read.")
            ) from error
        with archive:
            yield archive


def _check_directory(file: BinaryIO) -> None:
    """How many entries the ZIP says it has, before they are all read into memory."""
    file.seek(0, io.SEEK_END)
    size = file.tell()
    file.seek(max(0, size - 65_557))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise NotReadable(_("This ZIP is not whole: its list of contents is missing."))
    entries, length = struct.unpack("<HI", tail[at + 10 : at + 16])
    if entries == 0xFFFF or length == 0xFFFFFFFF:
        wide = tail.rfind(b"PK\x06\x06")
        if wide >= 0 and len(tail) >= wide + 48:
            entries, length = struct.unpack("<QQ", tail[wide + 32 : wide + 48])
    if entries > MOST_ENTRIES or length > LARGEST_DIRECTORY:
        raise NotReadable(
            _("This ZIP has %(count)d entries, and at most %(most)d are read.")
            % {"count": entries, "most": MOST_ENTRIES}
        )


def _members(archive: zipfile.ZipFile) -> list[Source]:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise NotReadable(
            _("This ZIP has %(count)d entries, and at most %(most)d are read.")
            % {"count": len(entries), "most": MOST_ENTRIES}
        )
    found = [each for each in entries if WANTED.search(plain_name(each.filename))]
    if not found:
        found = [
            each
            for each in entries
            if OTHERS.search(plain_name(each.filename))
            and not BESIDE.search(plain_name(each.filename))
        ]
    sources = [_member(archive, each) for each in sorted(found, key=lambda each: each.filename)]
    sources += [
        Source(each.filename, fault=_("An archive within the archive is not opened."))
        for each in entries
        if not found and ARCHIVES.search(each.filename)
    ]
    if not sources:
        raise NotReadable(_("There is no conversations.json in this ZIP, nor any other JSON."))
    return sources


def plain_name(name: str) -> str:
    return name.replace("\\", "/")


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Source:
    name = entry.filename[:200]
    if fault := distrust(entry):
        return Source(name, fault=fault)
    return Source(name, lambda: Utf8(archive.open(entry)), check=lambda: _damage(archive, entry))


def distrust(entry: zipfile.ZipInfo) -> str:
    """Why an entry is not even opened. Nothing is ever unpacked to a place that a name asks for; who names such a
    place means no good, though.
    """
    name = plain_name(entry.filename)
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in name.split("/"):
        return _("Its name leads out of the archive.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        return _("It is a link and no file.")
    if entry.flag_bits & 0x1:
        return _("It is encrypted. Unpack it with its password and import what is in it.")
    if entry.file_size > 1_000_000 and entry.file_size > HIGHEST_RATIO * max(
        1, entry.compress_size
    ):
        return _("It would unpack to many times its size.")
    if entry.file_size > LARGEST_UNPACKED:
        return _("It unpacks to more than can be read.")
    return ""


def _damage(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    """Read through once, so that nothing of a damaged member is taken for what somebody said."""
    total = 0
    try:
        with archive.open(entry) as member:
            while chunk := member.read(1024 * 1024):
                total += len(chunk)
                if total > entry.file_size:
                    return _("It is larger than the archive says.")
    except BROKEN:
        return _("It is damaged: what was packed is not what comes out.")
    except (*UNKNOWN, OSError):
        return _("It is packed in a way that cannot be read.")
    return ""
