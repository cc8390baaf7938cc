"""Whether a backup is whole: each table and file as it was when it was written. Nothing in the portal is touched."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from chatportal.backups.manifest import NAME, Manifest, NotABackup, fingerprints, read_manifest

PIECE = 1024 * 1024  # bytes


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """Raises NotABackup, OSError."""
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise NotABackup(
            "It is not whole, or no backup: its list of contents is missing."
        ) from error
    with archive:
        try:
            raw = archive.read(NAME)
        except (KeyError, zipfile.BadZipFile, zlib.error) as error:
            raise NotABackup("It has no manifest: this is no backup of a portal.") from error
        yield archive, read_manifest(raw)


def verify(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Raises NotABackup at the first thing that is not as it was written."""
    for name, told in manifest.tables.items():
        rows, digest = _read_through(archive, f"tables/{name}.jsonl")
        if (rows, digest) != (told["rows"], told["sha256"]):
            raise NotABackup(f"The table {name} is not as it was written.")
    attachments = [name for name in archive.namelist() if name.startswith("attachments/")]
    if len(attachments) != manifest.attachments:
        raise NotABackup(
            f"It should hold {manifest.attachments} attachments, and holds {len(attachments)}."
        )
    for name in attachments:
        if _read_through(archive, name)[1] != name.rpartition("/")[2]:
            raise NotABackup(f"The attachment {name} is not as it was written.")


def keys_that_are_missing(manifest: Manifest) -> list[str]:
    """Fingerprints of keys for what is encrypted in the backup that this portal does not have."""
    here = set(fingerprints(settings.FIELD_ENCRYPTION_KEYS))
    return [each for each in manifest.needs.get("FIELD_ENCRYPTION_KEYS", []) if each not in here]


def has_its_secret_key(manifest: Manifest) -> bool:
    return fingerprints([settings.SECRET_KEY]) == manifest.needs.get("SECRET_KEY")


def _read_through(archive: zipfile.ZipFile, name: str) -> tuple[int, str]:
    digest, rows = hashlib.sha256(), 0
    try:
        with archive.open(name) as member:
            while piece := member.read(PIECE):
                digest.update(piece)
                rows += piece.count(b"\n")
    except (KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise NotABackup(f"It is damaged: {name} cannot be read.") from error
    return rows, digest.hexdigest()
