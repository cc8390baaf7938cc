"""What a backup says of itself: when it was made, of which version, what is in it, and which secrets it needs. It holds
none of them: a key is known by its fingerprint.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

FORMAT = "chatportal backup"
VERSION = 1
NAME = "manifest.json"


class NotABackup(ValueError):
    """The message is a sentence for whoever runs the command."""


@dataclass(slots=True)
class Manifest:
    """`tables` has a row count, a SHA-256 and the columns for each; `missing` are files that were gone already."""

    format: str = FORMAT
    version: int = VERSION
    portal: str = ""
    created_at: str = ""
    database: str = ""
    migrations: list[list[str]] = field(default_factory=list)
    needs: dict[str, list[str]] = field(default_factory=dict)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    attachments: int = 0
    missing: list[str] = field(default_factory=list)

    def as_json(self) -> bytes:
        return (json.dumps(asdict(self), indent=1) + "\n").encode()


def new_manifest(portal: str) -> Manifest:
    applied = MigrationRecorder(connection).applied_migrations()
    return Manifest(
        portal=portal,
        created_at=timezone.now().isoformat(timespec="seconds"),
        database=connection.vendor,
        migrations=sorted([app, name] for app, name in applied),
        needs={
            "FIELD_ENCRYPTION_KEYS": fingerprints(settings.FIELD_ENCRYPTION_KEYS),
            "SECRET_KEY": fingerprints([settings.SECRET_KEY]),
        },
    )


def read_manifest(raw: bytes) -> Manifest:
    try:
        told = json.loads(raw)
        manifest = Manifest(**told)
    except (ValueError, TypeError) as error:
        raise NotABackup("Its manifest cannot be read: this is no backup of a portal.") from error
    if manifest.format != FORMAT:
        raise NotABackup("This is no backup of a portal.")
    if manifest.version > VERSION:
        raise NotABackup(
            f"It was made by a newer portal ({manifest.portal}). Install that version, or a later one."
        )
    return manifest


def fingerprints(keys: Iterable[str]) -> list[str]:
    """Of keys that nobody can guess; whoever has a key can tell whether it is the one."""
    return [hashlib.sha256(b"chatportal:" + key.strip().encode()).hexdigest()[:16] for key in keys]
