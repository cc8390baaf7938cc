"""kill -9 at random instants under 50 streams, with the portal and its clients as processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 5


@pytest.mark.sqlite
def test_kill_nine_loses_no_character_that_was_shown() -> None:
    environment = {
        name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"
    }
    run = subprocess.run(
        [sys.executable, "benchmarks/kill.py", str(ROUNDS)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
        check=True,
    )
    figure = json.loads(run.stdout)
    assert figure["baseline"] > 0, "nothing was shown, so that nothing was tested"
    assert (figure["value"], figure["doubled"], figure["stuck"]) == (0, 0, 0)
