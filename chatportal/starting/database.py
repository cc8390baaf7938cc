"""The database: reached, or waited for, and of a version that this code knows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader

from chatportal.refusal import CannotStart

PATIENCE = 60  # seconds; beyond, whatever started us may try again
PAUSE = 1.0
# A server says so while it starts, stops or is full; all else that it calls fatal stays so.
PASSING = ("starting up", "shutting down", "not yet accepting", "in recovery", "too many")
ON_DISK = (
    "Make room, give the file and its folder to the user that the portal runs as, or restore the newest backup where "
    "it is damaged. Nothing was changed."
)
ON_SERVER = (
    "Look at DATABASE_URL: host, port, user, password and name, and whether the server runs and lets this machine "
    "in."
)


def await_database(say: Callable[[str], None], *, patience: float = PATIENCE) -> None:
    """Return when the server answers. Raises CannotStart when it says no, or nothing for `patience` seconds."""
    if connection.vendor != "postgresql":
        return
    deadline = time.monotonic() + patience
    said = False
    while error := _refusal():
        told = " ".join(str(error).split())
        lasting = "FATAL" in told and not any(word in told for word in PASSING)
        if lasting or time.monotonic() > deadline:
            raise CannotStart(f"The database does not let us in: {told}\n{ON_SERVER}") from error
        if not said:
            say(f"Waiting for the database, {patience:.0f} s at most: {told}")
            said = True
        time.sleep(PAUSE)


def _refusal() -> psycopg.Error | None:
    """A connection of its own: the pool would wait and retry in silence."""
    try:
        psycopg.connect(**connection.get_connection_params() | {"autocommit": True}).close()
    except psycopg.Error as error:
        return error
    return None


@contextmanager
def telling_what_it_refused() -> Iterator[None]:
    """A full disk, a read-only file, something that is no database: said by a sentence."""
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        if connection.vendor == "postgresql":
            raise CannotStart(f"The database refuses: {error}\n{ON_SERVER}") from error
        file = settings.DATABASES["default"]["NAME"]
        raise CannotStart(f"The database {file} refuses: {error}.\n{ON_DISK}") from error


def unknown_migrations() -> list[str]:
    """What was done to the tables by a version that knew more than this code."""
    loader = MigrationLoader(connection)
    known = set(loader.disk_migrations)
    for migration in loader.disk_migrations.values():
        known |= set(migration.replaces)
    apps = {app for app, _name in known}
    applied = loader.applied_migrations
    return sorted(
        f"{app}.{name}" for app, name in applied if app in apps and (app, name) not in known
    )


def refuse_newer() -> None:
    if unknown := unknown_migrations():
        raise CannotStart(
            f"The database was written by a newer version of the portal ({', '.join(unknown[:3])}).\n"
            "Start that version, or restore a backup that was made by this one. Nothing was changed."
        )
