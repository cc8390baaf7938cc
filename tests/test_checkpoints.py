"""On SQLite what was written goes into the database beside the writers, and not in somebody's commit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.db.utils import OperationalError

from accounts.models import User
from chatportal.sqlite import checkpointing as module
from chatportal.sqlite.checkpointing import PAGES_AT_MOST, checkpointer, checkpointing
from tests.portal import eventually

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def running() -> Iterator[None]:
    connection.close()  # one that was made before has the old ways
    with checkpointing():
        yield
    connection.close()


def _pages_per_commit() -> int:
    with connection.cursor() as cursor:
        return int(cursor.execute("PRAGMA wal_autocheckpoint").fetchone()[0])


def test_a_commit_takes_nothing_over_while_the_thread_runs(running: None) -> None:
    assert _pages_per_commit() == PAGES_AT_MOST
    checkpointer.stop()
    connection.close()
    assert _pages_per_commit() == 1000


def test_what_was_written_comes_into_the_database_by_itself(running: None) -> None:
    User.objects.create(username="written-by-a-test")
    eventually(lambda: b"written-by-a-test" in _database().read_bytes())


def test_a_failure_is_told_and_the_next_one_goes_on(
    running: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def __getitem__(self, name: str) -> Any:
            raise OperationalError("disk I/O error")

        def close_all(self) -> None:
            connections.close_all()

    monkeypatch.setattr(module, "connections", Broken())
    User.objects.create(username="before")
    eventually(lambda: "could not be taken" in caplog.text)
    monkeypatch.setattr(module, "connections", connections)
    User.objects.create(username="written-afterwards")
    eventually(lambda: b"written-afterwards" in _database().read_bytes())


def _database() -> Path:
    return Path(str(connection.settings_dict["NAME"]))
