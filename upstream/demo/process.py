"""The demo model as its parent sees it: start, an address and a key, stop."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import selectors
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from upstream.demo.server import MODEL, TEMPERATURE
from upstream.demo.weights import WeightsNotFound, find_weights

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60  # 1 s as a rule; a cold disk has 100 MB to read
STOP_SECONDS = 5
LOG_BYTES = 10_000_000


class DemoModelError(Exception):
    """The demo model cannot be started; the message says why, for a person."""


@dataclass(frozen=True, slots=True)
class DemoEndpoint:
    address: str
    key: str
    model: str = MODEL


class DemoModel:
    """Start it from a thread that lives on: where Linux offers it, the child dies with that thread."""

    def __init__(
        self,
        *,
        log_file: Path,
        start_seconds: float = START_SECONDS,
        temperature: float = TEMPERATURE,
    ) -> None:
        self.log_file = log_file
        self.start_seconds = start_seconds
        self.temperature = temperature
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> DemoEndpoint:
        try:
            find_weights()
        except WeightsNotFound as missing:
            raise DemoModelError(str(missing)) from missing
        key = secrets.token_urlsafe(32)
        process = self._process = self._spawn()
        assert process.stdin and process.stdout
        try:
            _send(process.stdin, {"key": key, "temperature": self.temperature})
            return DemoEndpoint(address=self._receive_address(process.stdout), key=key)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in filter(None, (process.stdin, process.stdout)):
            with contextlib.suppress(OSError):
                pipe.close()  # the end of its standard input ends it
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self._open_log() as log:
            return subprocess.Popen(
                [sys.executable, "-m", "upstream.demo.server"],
                cwd=ROOT,
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,  # a file: a pipe that nobody reads would freeze the child
                start_new_session=True,  # Ctrl-C reaches the portal only, which stops the model last
            )

    def _open_log(self) -> IO[bytes]:
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        too_long = self.log_file.exists() and self.log_file.stat().st_size > LOG_BYTES
        return self.log_file.open("wb" if too_long else "ab")

    def _receive_address(self, pipe: IO[bytes]) -> str:
        line = _read_line(pipe, deadline=time.monotonic() + self.start_seconds)
        if line is None:
            raise DemoModelError(
                f"It did not answer within {self.start_seconds:.0f} s. Its log: {self.log_file}"
            )
        if not line.endswith(b"\n"):
            raise DemoModelError(f"It ended while starting. Its log: {self.log_file}")
        return str(json.loads(line)["address"])


def _environment() -> dict[str, str]:
    """What a child needs to run, and none of the portal's secrets."""
    wanted = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in wanted if name in os.environ}


def _send(pipe: IO[bytes], value: dict[str, str | float]) -> None:
    """By the pipe: arguments and environments can be read by others on the machine."""
    with contextlib.suppress(BrokenPipeError):  # it has died already: its silence will say so
        pipe.write(json.dumps(value).encode() + b"\n")
        pipe.flush()


def _read_line(pipe: IO[bytes], *, deadline: float) -> bytes | None:
    """A line, or less if the pipe ends first; None when the time is over."""
    line = b""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while not line.endswith(b"\n"):
            if not selector.select(max(0.0, deadline - time.monotonic())):
                return None
            received = os.read(pipe.fileno(), 4096)
            if not received:
                break
            line += received
    return line
