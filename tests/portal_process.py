"""A whole portal as members meet it: `manage.py serve` in a process of its own, with data of its own."""

from __future__ import annotations

import atexit
import functools
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import pytest

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
ADMINISTRATOR = "admin"
PASSWORD = "correct horse battery staple"


class PortalProcess:
    """Start it, read what it says, end it gently or not at all gently; start it again on the same data."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.data = data
        self.output = data / "serve.log"
        self.environment = {
            "PORTAL_DEMO_MODEL": "off",
            "PORTAL_ADMIN_PASSWORD": PASSWORD,
            **environment,
        }
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        return self.output.read_text()

    def with_tables(self) -> Self:
        """Before it starts for the first time: its database is there, and empty. Making it is most of a first start."""
        self.data.mkdir(parents=True)
        shutil.copy(_empty_database(), self.data / "db.sqlite3")
        return self

    def start(self, *arguments: str) -> Self:
        """Start and wait until it serves; the port stays the same when it is started again."""
        self.spawn(*arguments)
        wait_until(
            lambda: "The portal is at" in self.said or not self.is_running(), seconds=START_SECONDS
        )
        assert self.is_running(), f"the portal did not start:\n{self.said}"
        if not self.port:
            found = re.search(r"The portal is at http://[^:/]+:(\d+)", self.said)
            assert found, f"the portal does not say where it is:\n{self.said}"
            self.port = int(found[1])
        return self

    def spawn(self, *arguments: str) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        with self.output.open(
            "wb"
        ) as output:  # a file: a pipe that nobody reads would stop the portal
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", str(self.port), *arguments],
                cwd=ROOT,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self, by: signal.Signals = signal.SIGINT, *, seconds: float = 40) -> int:
        """Ask it to end; how it ended."""
        assert self.process
        self.process.send_signal(by)
        return self.process.wait(seconds)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def demo_models(self) -> list[int]:
        """The ids of the model processes that this portal started and that still live."""
        return [pid for pid, log in _running_demo_models() if Path(log).is_relative_to(self.data)]

    def _environment(self) -> dict[str, str]:
        kept = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
        inherited = {name: os.environ[name] for name in kept if name in os.environ}
        return {
            **inherited,
            "PORTAL_DATA_DIR": str(self.data),
            "PYTHONUNBUFFERED": "1",
            **self.environment,
        }


def wait_until(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def portal_process(tmp_path: Path) -> Iterator[PortalProcess]:
    """A portal that is not started yet, without the demo model."""
    portal = PortalProcess(tmp_path / "data")
    yield portal
    portal.kill()


@functools.cache
def _empty_database() -> Path:
    data = Path(tempfile.mkdtemp(prefix="chatportal-empty-"))
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        cwd=ROOT,
        env=PortalProcess(data)._environment(),
        check=True,
    )
    return data / "db.sqlite3"


def _running_demo_models() -> Iterator[tuple[int, str]]:
    """Each with the file that its errors go to, which lies in its portal's data."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            if b"upstream.demo.server" in command:
                yield int(folder.name), os.readlink(folder / "fd" / "2")
        except OSError:  # it ended while we looked
            continue
