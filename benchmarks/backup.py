"""How long a backup of a portal takes while it stands, and its restore with a look at every byte before, on SQLite.

    .venv/bin/python benchmarks/backup.py [MEGABYTES]

The portal holds 1 GB: three quarters of it messages, a quarter attachments.

- `backup_seconds`: `manage.py backup`; the baseline is zlib's quickest over the same database file, which packs alone.
- `restore_seconds`: `manage.py restore` into an empty portal, verified; the baseline is unpacking the backup alone.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.stage.portal import print_figure

ROOT = Path(__file__).resolve().parent.parent
TEXT = 2000  # bytes of a message
FILE = 1_000_000  # bytes of an attachment
WORDS = ("the", "history", "of", "a", "team", "moves", "with", "it", "and", "so", "does", "every")

FILL = """
import io, os, sys, uuid
from accounts.models import User
from conversations.models import Attachment, Conversation
from conversations.attached_files import keep
owner = User.objects.create_user("ada")
for number in range(int(sys.argv[1])):
    held = Conversation.objects.create(owner=owner, title=str(number))
    if number < int(sys.argv[2]):
        kept = keep(owner.pk, io.BytesIO(os.urandom(1_000_000)))
        Attachment.objects.create(conversation=held, digest=kept.digest, size=kept.size)
    print(held.pk.hex)
"""


def manage(data: Path, *arguments: str, source: str = "") -> str:
    environment = os.environ | {
        "PORTAL_DATA_DIR": str(data),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "chatportal.settings",
    }
    what = ["-c", f"import django; django.setup()\n{source}"] if source else ["manage.py"]
    done = subprocess.run(
        [sys.executable, *what, *arguments],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def fill(data: Path, megabytes: float) -> int:
    """Returns how many messages there are."""
    manage(data, "migrate", "-v0")
    messages = int(megabytes * 0.75e6 / (TEXT + 200))
    files = int(megabytes * 0.25e6 / FILE)
    ids = manage(data, str(max(messages // 50, files, 1)), str(files), source=FILL).split()
    chance = random.Random(1)

    def rows() -> Iterator[tuple[object, ...]]:
        for number in range(messages):
            text = " ".join(chance.choices(WORDS, k=TEXT // 5))
            role = "user" if number % 2 else "assistant"
            yield (f"{number:032x}", ids[number % len(ids)], role, text)

    with sqlite3.connect(data / "db.sqlite3") as database:
        database.executemany(
            "INSERT INTO conversations_message (id, conversation_id, role, text, reasoning, model_title, parts,"
            " is_hidden, upstream_message_id, left_out, ends_context, created_at)"
            " VALUES (?, ?, ?, ?, '', '', '[]', 0, '', 0, 0, '2026-01-01 00:00:00')",
            rows(),
        )
    database.close()
    return messages


def packed_alone(path: Path) -> float:
    begun, packer = time.monotonic(), zlib.compressobj(1)
    with path.open("rb") as file:
        while piece := file.read(1024 * 1024):
            packer.compress(piece)
    return time.monotonic() - begun


def copied_out(path: Path, target: Path) -> float:
    begun = time.monotonic()
    with zipfile.ZipFile(path) as archive:
        archive.extractall(target)
    return time.monotonic() - begun


def _figure(name: str, value: float, baseline: float, **more: Any) -> None:
    figures = {
        "value": round(value, 1),
        "baseline": round(baseline, 1),
        "ratio": round(value / baseline, 2),
    }
    print_figure(name, **figures, **{key: round(each) for key, each in more.items()})


def main(megabytes: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        old, new, backup = place / "old", place / "new", place / "backup.zip"
        messages = fill(old, megabytes)
        held = sum(path.stat().st_size for path in old.rglob("*") if path.is_file()) / 1e6
        begun = time.monotonic()
        manage(old, "backup", str(backup))
        seconds = time.monotonic() - begun
        size = backup.stat().st_size / 1e6
        alone = packed_alone(old / "db.sqlite3")
        _figure(
            "backup_seconds",
            seconds,
            alone,
            megabytes=held,
            backup_megabytes=size,
            messages=messages,
        )
        new.mkdir()
        for name in ("secret_key", "field_encryption_keys"):
            shutil.copy(old / name, new / name)
        begun = time.monotonic()
        manage(new, "restore", str(backup))
        seconds = time.monotonic() - begun
        _figure("restore_seconds", seconds, copied_out(backup, place / "out"), megabytes=held)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1000)
