"""How long each transaction of an import holds the write lock, in a process of its own on temporary data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import Any

from benchmarks.stage.processes import ROOT

MEASURE = """
import json, random, statistics, sys, tempfile, django
django.setup()
from pathlib import Path
from django.core.management import call_command
call_command("migrate", verbosity=0)
from accounts.models import User
from tests.foreign.bringing import bring, counted
from tests.foreign.chatgpt import conversation, node
from tests.foreign.transactions import each_transaction
member = User.objects.create(username="mover")
chance = random.Random(1)

def said(length):  # half as long when it is compressed, as texts are
    return chance.randbytes(length // 2).hex()

def talk(name, messages, length):
    roles = ("user", "assistant")
    nodes = [node(str(n), str(n - 1) if n else None, roles[n % 2], said(length)) for n in range(messages)]
    return conversation(name, nodes, str(messages - 1))

CASES = {  # conversations, messages of each, characters of each message
    "usual": (200, 40, 1200),
    "long": (1, 5000, 1200),
    "long answers": (2, 100, 100_000),
    "2 MB messages": (1, 8, 2_000_000),
}
for case, (count, messages, length) in CASES.items():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "conversations.json"
        path.write_text(json.dumps([talk(f"{case} {n}", messages, length) for n in range(count)]))
        with each_transaction() as seen:
            made = bring(member, path)
        assert counted(made) == {"imported": count}, counted(made)
    times = sorted(each.seconds * 1000 for each in seen)
    told = {"case": case, "longest": times[-1], "p95": times[int(len(times) * 0.95)], "transactions": len(times)}
    told["most_rows"] = max(each.rows for each in seen)
    told["most_kb"] = max(each.bytes for each in seen) / 1000
    print(json.dumps(told))
"""


@dataclass(frozen=True, slots=True)
class Held:
    """Of one kind of history; times in milliseconds."""

    case: str
    longest: float
    p95: float
    transactions: int
    most_rows: int
    most_kb: float


def import_transactions(**environment: str) -> list[Held]:
    """On SQLite, or on the database that DATABASE_URL in `environment` names, which has to be empty."""
    with tempfile.TemporaryDirectory(prefix="chatportal-bench-") as folder:
        ours = {
            "PORTAL_DATA_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "chatportal.settings",
            "PORTAL_DEMO_MODEL": "off",
            "SECRET_KEY": "bench",
        }
        said = subprocess.run(
            [sys.executable, "-c", MEASURE],
            cwd=ROOT,
            env={**_without_database(), **ours, **environment},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    rows: list[dict[str, Any]] = [json.loads(line) for line in said.splitlines() if line[:1] == "{"]
    return [Held(**row) for row in rows]


def _without_database() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
