"""Putting a backup into an empty portal: the tables as its version had them, its rows, then the present form."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from accounts.models import User
from chatportal.backups.manifest import Manifest, NotABackup
from chatportal.backups.tables import Table, load, rows_from, tables_of
from conversations.attached_files import PIECE, path_of
from conversations.models import Conversation, EngineProcess

ALIVE = timedelta(seconds=30)
Say = Callable[[str], Any]


class NotEmpty(Exception):
    """The message is a sentence for whoever runs the command."""


def refuse_if_in_use() -> None:
    """Raises NotEmpty where anybody's conversations would be replaced, or where a portal runs on this database."""
    if EngineProcess._meta.db_table not in connection.introspection.table_names():
        return  # nothing has been set up yet
    if Conversation.objects.exists() or User.objects.count() > 1:
        raise NotEmpty(
            "This portal is not empty: restoring would replace what is in it. Restore into a new one: "
            "an empty database (DATABASE_URL), or another PORTAL_DATA_DIR."
        )
    if EngineProcess.objects.filter(heartbeat_at__gt=timezone.now() - ALIVE).exists():
        raise NotEmpty("A portal is running on this database. Stop it, and restore then.")


def refuse_if_newer(manifest: Manifest) -> None:
    """Raises NotABackup where this code does not know how the backup's tables are made."""
    known = MigrationExecutor(connection).loader.graph.nodes
    unknown = [each for each in manifest.migrations if tuple(each) not in known]
    if [each for each in unknown if each[0] in {app for app, _name in known}]:
        raise NotABackup(
            f"It was made by a newer portal ({manifest.portal}) than this one. Install that version, or a later one."
        )


def restore(archive: zipfile.ZipFile, manifest: Manifest, say: Say) -> None:
    """All rows or none: what breaks off leaves a portal as empty as it was, and can be begun anew."""
    say("Attachments")
    for name in archive.namelist():
        if name.startswith("attachments/"):
            _put_back(archive, name)
    say("Tables")
    _drop_tables()
    apps = _migrate_to(manifest)
    say("Rows")
    with transaction.atomic():
        _load_all(archive, manifest, apps)
    say("Bringing it up to date")
    call_command("migrate", interactive=False, verbosity=0)
    EngineProcess.objects.all().delete()


def _put_back(archive: zipfile.ZipFile, name: str) -> None:
    _folder, owner, digest = name.split("/")
    path = path_of(int(owner), digest)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    arriving = path.with_name(f".{digest}")
    descriptor = os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out, archive.open(name) as member:
        while piece := member.read(PIECE):
            out.write(piece)
    arriving.replace(path)


def _drop_tables() -> None:
    """Those of the portal alone: a database may hold others'."""
    there = set(connection.introspection.table_names())
    ours = {*connection.introspection.django_table_names(only_existing=True, include_views=False)}
    ours |= {MigrationRecorder.Migration._meta.db_table} & there
    cascade = " CASCADE" if connection.vendor == "postgresql" else ""
    refuse_if_in_use()  # reading the backup through took its time
    with (
        connection.constraint_checks_disabled(),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        for name in sorted(ours):
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(name)}{cascade}")


def _migrate_to(manifest: Manifest) -> Any:
    """The app registry as it was when the backup was made."""
    executor = MigrationExecutor(connection)
    known = executor.loader.graph.nodes
    applied = {(app, name) for app, name in manifest.migrations if (app, name) in known}
    nodes = executor.loader.graph.node_map
    last: list[tuple[str, str | None]] = [
        (app, name)
        for app, name in sorted(applied)
        if not any(
            child.key[0] == app and child.key in applied for child in nodes[app, name].children
        )
    ]
    return executor.migrate(last).apps


def _load_all(archive: zipfile.ZipFile, manifest: Manifest, apps: Any) -> None:
    tables = {table.name: table for table in tables_of(apps)}
    with connection.constraint_checks_disabled():
        for name in tables:  # what migrations put there comes from the backup, too
            with connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")
        for name, told in manifest.tables.items():
            if name not in tables:
                continue  # of an app that this portal does not have
            table = Table(name, tuple((column, kind) for column, kind in told["columns"]))
            if set(table.names) != set(tables[name].names):
                raise NotABackup(f"The table {name} was made otherwise than its version says.")
            load(rows_from(_lines(archive, name), table), table)
    connection.check_constraints()
    models = apps.get_models(include_auto_created=True)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def _lines(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(f"tables/{name}.jsonl") as member:
        yield from member
