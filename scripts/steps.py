"""Steps with their names and times on the screen, their output in a log, and a way on when one fails."""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"  # git-ignored: logs, locks, throw-away environments
SHOWN_LINES = 15


class StepFailed(Exception):
    """A step ended with an error that has been shown."""


@contextlib.contextmanager
def step(title: str, *, log: Path | None = None, way_on: str = "") -> Iterator[None]:
    """Say what is being done, and how long it took or what went wrong."""
    started = time.monotonic()
    print(f"→ {title} … ", end="", flush=True)
    try:
        yield
    except (subprocess.CalledProcessError, OSError) as error:
        print("FAILED", flush=True)
        _show_failure(title, error, log=log, way_on=way_on)
        raise StepFailed(title) from error
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        raise
    print(f"{time.monotonic() - started:.1f} s", flush=True)


def run(
    command: Sequence[str | Path], *, log: Path, environment: Mapping[str, str] | None = None
) -> None:
    """Run quietly in the project's folder, appending to the log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        output.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        output.flush()
        subprocess.run(
            [str(part) for part in command],
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=True,
        )


@contextlib.contextmanager
def alone(name: str) -> Iterator[None]:
    """Two set-ups at once would write into each other's files: the second waits."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"→ Waiting for another {name} in this folder to end …", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _show_failure(title: str, error: Exception, *, log: Path | None, way_on: str) -> None:
    lines = ["", f"{title}: failed. {error if isinstance(error, OSError) else ''}".rstrip()]
    if log and log.exists():
        last = log.read_text(errors="replace").splitlines()[-SHOWN_LINES:]
        lines += ["", *(f"    {line}" for line in last), "", f"The whole output: {log}"]
    if way_on:
        lines.append(way_on)
    print("\n".join(lines), file=sys.stderr, flush=True)
