"""What is wrong at the start is said by a sentence, the portal ends with 1, and nothing is damaged."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings

from chatportal import addresses, checks
from chatportal.refusal import CannotStart
from chatportal.starting.database import await_database
from chatportal.starting.disk import examine_disk
from tests.portal_process import ROOT, PortalProcess, wait_until

KEY = "7mH4cLxT0oQyq0f3m1m7cJ3T4n8Yb1e2R5s6D9wKzPk="
OTHER_KEY = "Qb3Xo5r7s9t1u2v4w6x8y0zA1BcD2eF3gH4iJ5kL6m8="
once = pytest.mark.once


def refused(portal: PortalProcess, *arguments: str, seconds: int = 60) -> str:
    """What it said when it did not start."""
    portal.spawn(*arguments)
    assert portal.process
    assert portal.process.wait(seconds) == 1, portal.said
    assert "Traceback" not in portal.said
    assert "Warning" not in portal.said
    return portal.said


@pytest.fixture(scope="module")
def a_portal_that_ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data with a secret in it."""
    data = tmp_path_factory.mktemp("ran") / "data"
    portal = PortalProcess(
        data,
        FIELD_ENCRYPTION_KEYS=KEY,
        OPENAI_API_KEY="sk-canary",
        OPENAI_API_BASE_URL="http://127.0.0.1:9",
        OPENAI_API_MODEL="m",
    )
    portal.start()
    assert portal.stop() == 0
    return data


@pytest.fixture
def portal(portal_process: PortalProcess, a_portal_that_ran: Path) -> Iterator[PortalProcess]:
    """It again, on a copy, about to be started."""
    shutil.copytree(a_portal_that_ran, portal_process.data)
    portal_process.environment["FIELD_ENCRYPTION_KEYS"] = KEY
    yield portal_process


def rows(portal: PortalProcess) -> dict[str, list[object]]:
    """Everything that the database holds, but for who works on it."""
    with sqlite3.connect(portal.data / "db.sqlite3") as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {name: database.execute(f"SELECT * FROM {name}").fetchall() for (name,) in names}


# --- What stands in the environment ----------------------------------------------------------------------------------


@once
@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATABASE_URL", "canary", "DATABASE_URL cannot be used. Write postgres://"),
        ("DATABASE_URL", "mysql://u:canary@host/n", "DATABASE_URL cannot be used. Write postgres"),
        ("DATABASE_URL", "postgres://u:canary@host:x/n", "DATABASE_URL cannot be used."),
        ("DATABASE_URL", "postgres://u:canary@host", "DATABASE_URL cannot be used."),
        ("DATABASE_URL", "postgres://u:ca#nary[@host/n", "DATABASE_URL cannot be used."),
        ("DATABASE_URL", "sqlite:////nowhere/db", "/nowhere/db refuses: unable to open"),
        ("DATABASE_URL_FILE", "/nowhere/url", "DATABASE_URL_FILE: /nowhere/url cannot be read"),
        ("EMAIL_URL", "mail://u:canary@host", "EMAIL_URL cannot be used. Write smtp"),
        ("REDIS_URL", "host:6379", "REDIS_URL cannot be used. Write redis"),
        ("PORTAL_URL", "chat.example.com", "with http:// or https:// before it"),
        ("PORTAL_URL", "http://[chat", "PORTAL_URL is no address"),
        ("TZ", "Middle/Earth", "no time zone that this system knows"),
        ("PORTAL_DRAIN_SECONDS", "long", "PORTAL_DRAIN_SECONDS has to be a whole number"),
        ("SECRET_KEY", "changeme", "Leave SECRET_KEY out"),
        ("SECRET_KEY", "django-insecure-" + "abcdefgh" * 6, "SECRET_KEY is too short or known"),
        ("FIELD_ENCRYPTION_KEYS", "canary", "FIELD_ENCRYPTION_KEYS holds something"),
    ],
)
def test_a_variable_that_cannot_be_used(
    portal_process: PortalProcess, name: str, value: str, sentence: str
) -> None:
    portal_process.environment[name] = value
    said = refused(portal_process)
    assert sentence in said
    assert "canary" not in said
    assert not (portal_process.data / "db.sqlite3").exists()


@once
def test_an_empty_variable_is_one_that_is_not_set(portal: PortalProcess) -> None:
    names = ("DATABASE_URL", "SECRET_KEY", "EMAIL_URL", "PORTAL_URL", "TZ", "PORTAL_DRAIN_SECONDS")
    portal.environment |= dict.fromkeys(names, "")
    portal.environment |= {"PORTAL_TRUSTED_PROXIES": "", "PORTAL_SQLITE_SYNCHRONOUS": ""}
    portal.start()
    assert portal.stop() == 0


@once
@pytest.mark.parametrize(
    "key",
    [
        "A" * 60,
        "abcabcab" * 8,
        "please-CHANGE-ME-" + "qwertzuiopasdfghjkl",
        "your-secret-key-12345678901234567890",
    ],
)
def test_a_secret_key_of_an_example(key: str) -> None:
    with override_settings(SECRET_KEY=key):
        assert [found.id for found in checks.check_secret_key()] == ["portal.E001"]


@once
def test_an_encryption_key_of_an_example() -> None:
    with override_settings(FIELD_ENCRYPTION_KEYS=["A" * 43 + "="]):
        assert [found.id for found in checks.check_encryption_keys()] == ["portal.E002"]


# --- The address -----------------------------------------------------------------------------------------------------


@once
@pytest.mark.parametrize("port", ["99999", "-1"])
def test_no_port_has_this_number(portal_process: PortalProcess, port: str) -> None:
    assert f"port {port}: " in refused(portal_process, f"--port={port}")


@once
def test_an_address_of_another_machine(portal_process: PortalProcess) -> None:
    assert "Cannot listen on 192.0.2.1" in refused(portal_process, "--host=192.0.2.1")


# --- The disk --------------------------------------------------------------------------------------------------------


@once
def test_a_data_folder_that_is_a_file(portal_process: PortalProcess, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious")
    portal_process.environment["PORTAL_DATA_DIR"] = str(tmp_path / "file" / "data")
    assert "PORTAL_DATA_DIR" in refused(portal_process)
    assert (tmp_path / "file").read_text() == "precious"


@once
@pytest.mark.parametrize(("kind", "sentence"), [("ro", "Read-only"), ("full", "No space left")])
def test_a_disk_that_takes_nothing(portal: PortalProcess, kind: str, sentence: str) -> None:
    """Mounted for this one process: as a file system that is read-only, or full but for a few kilobytes."""
    before = rows(portal)
    mount = {
        "ro": 'mount --bind "$D" "$D" && mount -o remount,ro,bind "$D"',
        "full": 'mount -t tmpfs -o size=16m tmpfs "$T" && cp -a "$D/." "$T" && mount --bind "$T" "$D" && '
        '{ head -c 16m /dev/zero > "$D/filler" 2>/dev/null; true; }',
    }[kind]
    room = portal.data.parent / "room"
    room.mkdir()
    start = f'{mount} && exec "$@"'
    ran = subprocess.run(
        [
            *("unshare", "--mount", "--map-root-user", "sh", "-c", start, "-"),
            *(sys.executable, "manage.py", "serve", "--port", "0"),
        ],
        env={**portal._environment(), "D": str(portal.data), "T": str(room)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 1, ran.stderr
    assert sentence in ran.stderr
    assert "make room" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert rows(portal) == before


@once
def test_the_probe_of_the_disk_leaves_nothing(tmp_path: Path) -> None:
    examine_disk(tmp_path)
    assert list(tmp_path.iterdir()) == []


# --- The database ----------------------------------------------------------------------------------------------------


@once
def test_a_database_of_a_newer_version(portal: PortalProcess) -> None:
    with sqlite3.connect(portal.data / "db.sqlite3") as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('accounts', '0999_later', '2030-01-01')"
        )
    before = rows(portal)
    said = refused(portal)
    assert "written by a newer version of the portal (accounts.0999_later)" in said
    assert "restore a backup" in said
    assert rows(portal) == before


@once
def test_what_an_app_that_was_taken_out_left_behind_is_no_newer_version(
    portal: PortalProcess,
) -> None:
    with sqlite3.connect(portal.data / "db.sqlite3") as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('forum', '0001_initial', '2020-01-01')"
        )
    portal.start()


@once
def test_a_file_that_is_no_database(portal: PortalProcess) -> None:
    file = portal.data / "db.sqlite3"
    for left in portal.data.glob("db.sqlite3-*"):
        left.unlink()
    file.write_bytes(b"precious " * 1000)
    said = refused(portal)
    assert f"{file} refuses: file is not a database" in said
    assert "restore the newest backup" in said
    assert file.read_bytes() == b"precious " * 1000


@once
def test_a_server_that_is_not_there_is_waited_for(portal_process: PortalProcess) -> None:
    """And not for ever: see the next ones, which need a server."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    portal_process.environment["DATABASE_URL"] = f"postgres://ada:canary@127.0.0.1:{port}/portal"
    portal_process.spawn()
    wait_until(lambda: "Waiting for the database, 60 s at most" in portal_process.said, seconds=30)
    assert "canary" not in portal_process.said
    assert portal_process.stop() == 0


@pytest.mark.postgresql
def test_a_server_that_never_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "PORT", _free_port())
    said: list[str] = []
    with pytest.raises(CannotStart, match="Look at DATABASE_URL"):
        await_database(said.append, patience=1.5)
    assert len(said) == 1


@pytest.mark.postgresql
@pytest.mark.parametrize("name", ["NAME", "USER"])
def test_a_server_that_says_no_is_not_asked_twice(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], name, "nobody_has_made_this")
    said: list[str] = []
    with pytest.raises(CannotStart, match="nobody_has_made_this"):
        await_database(said.append)
    assert said == []


@pytest.mark.postgresql
def test_a_server_that_comes_later(monkeypatch: pytest.MonkeyPatch) -> None:
    there = dict(settings.DATABASES["default"])
    monkeypatch.setitem(settings.DATABASES["default"], "PORT", _free_port())
    later = threading.Timer(
        1.5, lambda: settings.DATABASES["default"].__setitem__("PORT", there["PORT"])
    )
    later.start()
    said: list[str] = []
    await_database(said.append, patience=30)
    assert len(said) == 1
    later.join()


@pytest.mark.postgresql
def test_a_server_that_is_reached_by_its_socket(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in docker/compose.yaml."""
    there = settings.DATABASES["default"]
    with connection.cursor() as cursor:
        cursor.execute("SHOW unix_socket_directories")
        folder = cursor.fetchone()[0].split(",")[0]
    url = f"postgres://{there['USER']}@{quote(folder, safe='')}:{there['PORT']}/postgres"
    config = addresses.database(url)
    assert config["HOST"] == folder
    for name in ("HOST", "PORT", "USER", "NAME"):
        monkeypatch.setitem(there, name, config[name])
    await_database(pytest.fail, patience=0)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- The keys --------------------------------------------------------------------------------------------------------


@once
def test_a_portal_that_has_lost_its_keys(portal: PortalProcess) -> None:
    portal.environment["FIELD_ENCRYPTION_KEYS"] = OTHER_KEY
    before = rows(portal)
    said = refused(portal)
    assert "No key opens the secrets in the database" in said
    assert rows(portal) == before
    portal.start("--without-keys")
    assert portal.stop() == 0


@once
def test_one_key_of_several_is_enough(portal: PortalProcess) -> None:
    portal.environment["FIELD_ENCRYPTION_KEYS"] = f"{OTHER_KEY},{KEY}"
    portal.start()


# --- The health check ------------------------------------------------------------------------------------------------


@once
@pytest.mark.parametrize("url", ["", "https://chat.example.com", "https://example.com/chat"])
def test_the_health_check_of_the_image_finds_it(portal: PortalProcess, url: str) -> None:
    portal.port = _free_port()
    portal.environment |= {"PORTAL_URL": url, "PORTAL_TRUSTED_PROXIES": "*"}
    portal.start()
    environment = {"PORT": str(portal.port), "PORTAL_URL": url}
    script = [sys.executable, str(ROOT / "docker" / "healthy.py")]
    asked = subprocess.run(script, env=environment, capture_output=True, text=True)
    assert (asked.returncode, asked.stderr) == (0, "")
    portal.kill()
    asked = subprocess.run(script, env=environment, capture_output=True, text=True)
    assert asked.returncode == 1
    assert "does not answer" in asked.stderr
