"""What the doctor looks at on the server itself: database, disk, secrets."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from chatportal.backups.keeping import backups_in, made_at
from chatportal.doctor.finding import Finding, bad, doubtful, good
from chatportal.starting.database import unknown_migrations

LITTLE = 1024**3  # bytes
VERY_LITTLE = 100 * 1024**2


def examine_database() -> Iterator[Finding]:
    what = "database"
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError) as error:
        yield bad(
            what,
            f"It does not answer: {str(error).strip()}",
            "Look at DATABASE_URL, and whether the server runs.",
        )
        return
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield bad(
            what,
            "Its tables are of an older version.",
            "Start the portal, or run: manage.py migrate",
        )
        return
    if unknown_migrations():
        yield bad(
            what,
            "It was written by a newer version than this code.",
            "Install that version, or restore a backup of this one.",
        )
        return
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check(1)")
            told = cursor.fetchone()[0]
        if told != "ok":
            yield bad(
                what, f"It is damaged: {told}", "Stop the portal, and restore the newest backup."
            )
            return
    yield good(what, f"{connection.display_name} answers, and its tables are of this version.")
    yield from _database_clock()


def _database_clock() -> Iterator[Finding]:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        skew = (timezone.now() - cursor.fetchone()[0]).total_seconds()
    if abs(skew) > 5:
        yield doubtful(
            "clock",
            f"The database server's clock differs by {abs(skew):.0f} s.",
            "Let both follow a time server.",
        )


def examine_disk() -> Iterator[Finding]:
    folder = Path(settings.DATA_DIR)
    try:
        probe = folder / f".doctor.{os.getpid()}"
        probe.write_bytes(b"x" * 4096)
        probe.unlink()
    except OSError as error:
        yield bad(
            "disk",
            f"{folder} cannot be written to: {error.strerror}.",
            "Give it to the user that the portal runs as, or make room.",
        )
        return
    free = shutil.disk_usage(folder).free
    said = f"{free / 1024**3:.1f} GB are free for {folder}."
    if free < VERY_LITTLE:
        yield bad("disk", said, "Make room now: when it is full, answers can no longer be saved.")
    elif free < LITTLE:
        yield doubtful("disk", said, "Make room soon.")
    else:
        yield good("disk", said)


def examine_backups() -> Iterator[Finding]:
    if not settings.PORTAL_BACKUP_DIR:
        advice = "Set PORTAL_BACKUP_DIR, or have “manage.py backup” run every night."
        yield doubtful("backups", "The portal makes none by itself.", advice)
        return
    try:
        newest = next(iter(backups_in(Path(settings.PORTAL_BACKUP_DIR))), None)
    except OSError as error:
        yield bad("backups", f"{settings.PORTAL_BACKUP_DIR}: {error.strerror}.", "Make the folder.")
        return
    late = timedelta(hours=2 * settings.PORTAL_BACKUP_HOURS)
    if newest is None or timezone.now() - made_at(newest) > late:
        said = f"The newest in {settings.PORTAL_BACKUP_DIR} is {newest.name if newest else 'none'}."
        yield bad("backups", said, "The portal's log says why none was made.")
    else:
        yield good("backups", f"The newest is {newest.name}.")


def examine_secrets() -> Iterator[Finding]:
    folder = Path(settings.DATA_DIR)
    may_enter = folder.exists() and folder.stat().st_mode & 0o001
    loose = [
        name
        for name in ("secret_key", "field_encryption_keys", "db.sqlite3")
        if (path := Path(settings.DATA_DIR) / name).exists()
        and may_enter
        and path.stat().st_mode & 0o007
    ]
    if loose:
        names = ", ".join(loose)
        yield bad(
            "secrets",
            f"Everybody on this machine can read {names}.",
            f"chmod o-rwx in {settings.DATA_DIR}",
        )
    else:
        yield good("secrets", "Nobody else on this machine can read the keys.")
