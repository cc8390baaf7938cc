"""The first look at a conversation is light: the promise is 150 kB."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_first_load_stays_under_150_kb() -> None:
    environment = {
        name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"
    }
    run = subprocess.run(
        [sys.executable, "benchmarks/first_load.py"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
        check=True,
    )
    figure = json.loads(run.stdout)
    assert figure["requests"] > 10, "too few requests to have been a whole page"
    assert 20 < figure["value"] <= 150
