"""Portals of their own that are not running: a data folder and a database, and the commands that one types there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


class Place:
    """A portal of its own that is not running: a data folder, and a database."""

    def __init__(self, data: Path, database: str = "") -> None:
        data.mkdir(exist_ok=True)
        self.data = data
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = kept | {
            "PORTAL_DATA_DIR": str(data),
            "DATABASE_URL": database,
            "DJANGO_SETTINGS_MODULE": "chatportal.settings",
            "PYTHONWARNINGS": "error",
        }

    def run(self, *arguments: str, module: str = "") -> subprocess.CompletedProcess[str]:
        what = ["-m", module] if module else ["manage.py", *arguments]
        return subprocess.run(
            [sys.executable, *what],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def does(self, *arguments: str, module: str = "") -> str:
        done = self.run(*arguments, module=module)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refuses(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode != 0, done.stdout
        assert "Traceback" not in done.stderr
        return done.stderr

    def filled(self) -> Place:
        self.does("migrate", "-v0")
        self.does(module="tests.filling")
        return self

    def copied_to(self, data: Path) -> Place:
        shutil.copytree(self.data, data)
        return Place(data)

    def takes_keys_of(self, other: Place) -> None:
        for name in ("secret_key", "field_encryption_keys"):
            shutil.copy(other.data / name, self.data / name)

    def conversations(self) -> str:
        asked = "from conversations.models import *; print(Conversation.objects.count(), Message.objects.count())"
        return self.does("shell", "-v0", "-c", asked).strip()


@pytest.fixture(scope="session")
def databases() -> Iterator[Any]:
    """Makes databases of the kind that the tests run on."""
    given = settings.DATABASES["default"]
    if connection.vendor == "sqlite":
        yield lambda: ""
        return
    import psycopg

    names: list[str] = []
    address = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"]}
    with psycopg.connect(
        **address, password=given["PASSWORD"], dbname="postgres", autocommit=True
    ) as server:

        def make() -> str:
            names.append(f"backup_{uuid.uuid4().hex}")
            server.execute(f'CREATE DATABASE "{names[-1]}"')
            user = f"{given['USER']}:{given['PASSWORD']}" if given["PASSWORD"] else given["USER"]
            return f"postgres://{user}@{given['HOST'] or 'localhost'}:{given['PORT'] or 5432}/{names[-1]}"

        yield make
        for name in names:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def once_filled(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("filled") / "data").filled()


@pytest.fixture
def filled(once_filled: Place, tmp_path: Path) -> Place:
    """A portal on SQLite with something of everything in it, to do with as one likes."""
    return once_filled.copied_to(tmp_path / "filled")
