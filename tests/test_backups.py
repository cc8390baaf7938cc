"""A backup holds all that a portal has and none of its keys, and goes into an empty one, of whatever database."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from chatportal.backups.keeping import backups_in
from chatportal.backups.schedule import alone_in
from tests.filling import SECRET, TEXT
from tests.places import ROOT, Place
from tests.portal_process import PortalProcess, wait_until


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory, databases: Any) -> Place:
    """One for all: what is added to it is nobody's concern."""
    return Place(tmp_path_factory.mktemp("old") / "data", databases()).filled()


@pytest.fixture(scope="module")
def backup(old: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backup") / "backup.zip"
    old.does("backup", str(path))
    return path


@pytest.fixture
def new(tmp_path: Path, databases: Any) -> Place:
    return Place(tmp_path / "new", databases())


def tables_in(path: Path) -> dict[str, list[str]]:
    with zipfile.ZipFile(path) as archive:
        return {
            name: sorted(archive.read(name).decode().splitlines())
            for name in archive.namelist()
            if name.startswith("tables/")
        }


def manifest_in(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        told: dict[str, Any] = json.loads(archive.read("manifest.json"))
        return told


def test_all_comes_back_as_it_was(old: Place, new: Place, tmp_path: Path) -> None:
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    assert "9 conversations, 360 messages, 3 accounts, 9 attachments" in old.does(
        "backup", str(first)
    )
    assert "is whole" in old.does("backup", "--verify", str(first))
    new.takes_keys_of(old)
    assert "Restored" in new.does("restore", str(first))
    new.does("backup", str(second))
    assert tables_in(second) == tables_in(first)
    assert all(len(rows) > 0 for rows in tables_in(first).values() if len(rows))
    attachments = sorted(
        path.relative_to(old.data) for path in (old.data / "attachments").rglob("*")
    )
    assert attachments == sorted(
        path.relative_to(new.data) for path in (new.data / "attachments").rglob("*")
    )
    opened = "from upstream.models import Credential; print(Credential.objects.get().secret)"
    assert SECRET in new.does("shell", "-v0", "-c", opened)
    added = "from accounts.models import User; print(User.objects.create_user('new').pk)"
    assert int(new.does("shell", "-v0", "-c", added)) > 0, "the next number is free"


def test_it_moves_between_sqlite_and_postgresql(tmp_path: Path, databases: Any) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("The step on PostgreSQL shows it.")
    sqlite = Place(tmp_path / "sqlite").filled()
    server = Place(tmp_path / "server", databases())
    again = Place(tmp_path / "again")
    there, back = tmp_path / "there.zip", tmp_path / "back.zip"
    sqlite.does("backup", str(there))
    server.takes_keys_of(sqlite)
    server.does("restore", str(there))
    server.does("backup", str(back))
    again.takes_keys_of(sqlite)
    again.does("restore", str(back))
    assert again.conversations() == sqlite.conversations()
    found = "ascii(Message.objects.filter(text__contains='你好')[0].text)"
    texts = f"from conversations.models import Message; print({found})"
    assert ascii(TEXT)[1:40] in again.does("shell", "-v0", "-c", texts)


@pytest.mark.once
def test_no_key_and_no_secret_is_in_it(old: Place, tmp_path: Path) -> None:
    path = tmp_path / "backup.zip"
    told = old.does("backup", str(path))
    keys = [
        (old.data / name).read_text().strip() for name in ("secret_key", "field_encryption_keys")
    ]
    with zipfile.ZipFile(path) as archive:
        held = b"".join(archive.read(name) for name in archive.namelist())
    for secret in (*keys, SECRET, "JBSWY3DPEHPK3PXP"):
        assert secret.encode() not in held
        assert secret not in told
    assert set(manifest_in(path)["needs"]) == {"FIELD_ENCRYPTION_KEYS", "SECRET_KEY"}
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.once
def test_nobody_is_logged_in_after_a_restore(backup: Path) -> None:
    assert not any("session" in name for name in tables_in(backup))


def test_a_portal_that_is_not_empty_is_left_alone(old: Place, backup: Path) -> None:
    before = old.conversations()
    assert "This portal is not empty" in old.refuses("restore", str(backup))
    assert old.conversations() == before


@pytest.mark.once
def test_a_portal_that_was_begun_meanwhile_is_left_alone(backup: Path, new: Place) -> None:
    """Reading a large backup through takes minutes."""
    new.does("migrate", "-v0")
    code = (
        "import sys, django; django.setup()\n"
        "from django.contrib.auth.hashers import make_password\n"
        "from django.core.management import call_command\n"
        "from accounts.models import User\n"
        "from chatportal.management.commands import restore\n"
        "def meanwhile(*_told):\n"
        "    for name in ('eve', 'fay'): User.objects.create(username=name)\n"
        "restore.verify = meanwhile\n"
        "try: call_command('restore', sys.argv[1], without_keys=True)\n"
        "except Exception as error: print(error)\n"
        "print(sorted(User.objects.values_list('username', flat=True)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(backup)],
        cwd=ROOT,
        env=new.environment,
        capture_output=True,
        text=True,
    )
    assert "This portal is not empty" in done.stdout, done.stderr
    assert done.stdout.splitlines()[-1] == "['eve', 'fay']"


def test_a_portal_that_has_only_been_started_is_empty_but_wants_the_key(
    new: Place, backup: Path
) -> None:
    new.does("migrate", "-v0")
    new.does("bootstrap")
    said = new.refuses("restore", str(backup))
    (fingerprint,) = manifest_in(backup)["needs"]["FIELD_ENCRYPTION_KEYS"]
    assert fingerprint in said
    assert "--without-keys" in said
    assert new.conversations() == "0 0"
    new.does("restore", str(backup), "--without-keys")
    assert new.conversations() == "9 360"


@pytest.mark.parametrize(
    "harm", ["cut", "flipped", "empty", "text", "no manifest", "a row less", "newer"]
)
@pytest.mark.once
def test_half_a_backup_is_told_from_a_whole_one(
    old: Place, new: Place, backup: Path, tmp_path: Path, harm: str
) -> None:
    path = tmp_path / "backup.zip"
    shutil.copy(backup, path)
    new.takes_keys_of(old)
    _harm(path, harm)
    if harm != "newer":
        with pytest.raises(CommandError, match=r"whole|manifest|damaged|as it was|no backup"):
            call_command("backup", str(path), verify=True)
    assert str(path) in new.refuses("restore", str(path))
    assert not (new.data / "attachments").is_dir() or not any((new.data / "attachments").iterdir())


def _harm(path: Path, harm: str) -> None:
    raw = path.read_bytes()
    if harm == "cut":
        path.write_bytes(raw[: len(raw) // 2])
    elif harm == "flipped":
        at = raw.index(b"conversations_message.jsonl") + 200
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 0xFF]) + raw[at + 1 :])
    elif harm == "empty":
        path.write_bytes(b"")
    elif harm == "text":
        path.write_text("not a backup")
    else:
        _rewrite(path, harm)


def _rewrite(path: Path, harm: str) -> None:
    with zipfile.ZipFile(path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    if harm == "no manifest":
        del held["manifest.json"]
    elif harm == "a row less":
        name = "tables/conversations_message.jsonl"
        held[name] = held[name].split(b"\n", 1)[1]
    else:
        told = json.loads(held["manifest.json"])
        told["migrations"].append(["conversations", "9999_from_the_future"])
        held["manifest.json"] = json.dumps(told).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, value in held.items():
            archive.writestr(name, value)


def test_it_is_made_while_the_portal_is_written_to(old: Place, tmp_path: Path) -> None:
    """Each conversation has a message for each of its counts: a backup from between two would not."""
    writes = (
        "from django.db import transaction\n"
        "from conversations.models import *\n"
        "c = Conversation.objects.first()\n"
        "print('writing', flush=True)\n"
        "while True:\n"
        "    with transaction.atomic():\n"
        "        Message.objects.create(conversation=c, role='user', text='x')\n"
        "        c.title = str(Message.objects.filter(conversation=c).count()); c.save()\n"
    )
    writer = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-v0", "-c", writes],
        cwd=ROOT,
        env=old.environment,
        stdout=subprocess.PIPE,
    )
    try:
        assert writer.stdout
        assert writer.stdout.readline() == b"writing\n"
        for number in range(3):
            old.does("backup", str(tmp_path / f"{number}.zip"))
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close() if writer.stdout else None
    for number in range(3):
        tables, told = (
            tables_in(tmp_path / f"{number}.zip"),
            manifest_in(tmp_path / f"{number}.zip"),
        )
        conversations = told["tables"]["conversations_conversation"]["columns"]
        messages = told["tables"]["conversations_message"]["columns"]
        title, pk = (_column(conversations, name) for name in ("title", "id"))
        owner = _column(messages, "conversation_id")
        for line in tables["tables/conversations_conversation.jsonl"]:
            row = json.loads(line)
            if row[title].isdecimal():
                held = [
                    json.loads(each)[owner] for each in tables["tables/conversations_message.jsonl"]
                ]
                assert held.count(row[pk]) == int(row[title])


def _column(columns: list[list[str]], wanted: str) -> int:
    return [name for name, _kind in columns].index(wanted)


@pytest.mark.once
def test_a_folder_keeps_the_newest(old: Place, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    for day in ("01", "02", "03"):
        (folder / f"portal-2026-01-{day}-000000.zip").write_text("an old one")
    (folder / "mine.zip").write_text("of somebody")
    told = old.does("backup", str(folder), "--keep", "2")
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 3
    assert names[0] == "mine.zip"
    assert names[1] == "portal-2026-01-03-000000.zip"
    assert "portal-2026-01-01-000000.zip: deleted" in told


@pytest.mark.once
def test_nothing_is_overwritten_and_nothing_is_left_half(old: Place, tmp_path: Path) -> None:
    path = tmp_path / "backup.zip"
    path.write_text("mine")
    assert "Choose another name" in old.refuses("backup", str(path))
    assert path.read_text() == "mine"
    assert "No such file or directory" in old.refuses("backup", str(tmp_path / "nowhere" / "b.zip"))
    full = Path("/dev/full")
    if full.exists():
        assert "There is a file of that name already" in old.refuses("backup", str(full))
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.once
def test_who_is_ended_in_the_middle_leaves_nothing(old: Place, tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from django.core.management import execute_from_command_line as run\n"
        "import chatportal.backups.making as making\n"
        "making._fill = lambda archive: os.kill(os.getpid(), signal.SIGTERM)\n"
        "run(['manage.py', 'backup', sys.argv[1]])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "b.zip")],
        cwd=ROOT,
        env=old.environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.once
def test_one_process_at_a_time_makes_it_and_clears_up_after_a_killed_one(tmp_path: Path) -> None:
    half, fresh = (tmp_path / f".portal-{name}.zip.7.part" for name in ("old", "new"))
    for part in (half, fresh):
        part.write_text("half")
    os.utime(half, (0, 0))
    with alone_in(tmp_path) as first, alone_in(tmp_path) as second:
        assert (first, second) == (True, False)
    assert (half.exists(), fresh.exists()) == (False, True)
    with alone_in(tmp_path) as again:
        assert again
    assert backups_in(tmp_path) == []


@pytest.mark.once
def test_a_portal_that_serves_backs_itself_up(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    served = PortalProcess(
        tmp_path / "data", PORTAL_BACKUP_DIR=str(folder), PORTAL_BACKUP_KEEP="1", DATABASE_URL=""
    )
    folder.mkdir()
    (folder / "portal-2020-01-01-000000.zip").write_text("an old one")
    served.start()
    try:
        wait_until(
            lambda: [path.stat().st_size > 1000 for path in backups_in(folder)] == [True],
            seconds=30,
        )
    finally:
        served.stop()
    with zipfile.ZipFile(backups_in(folder)[0]) as archive:
        assert archive.testzip() is None
    (made,) = backups_in(folder)
    assert made.name > "portal-2026"
