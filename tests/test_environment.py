"""Every variable that the portal reads is described in docker/env.example, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parent.parent
READS = re.compile(
    r"(?:env\.\w+\(|ENVIRON\.get\(|environ\.get\(|ENVIRON\[|environ\[)\s*\"([A-Z][A-Z0-9_]+)\""
)
# Read by others' rules: set by Django's command, by the process manager, by the test and release tools.
NOT_OURS = {"DJANGO_SETTINGS_MODULE", "WEB_CONCURRENCY", "PATH"}


def _read() -> set[str]:
    apps = ("accounts", "chatportal", "conversations", "upstream")
    sources = [path for app in apps for path in (ROOT / app).rglob("*.py")]
    read = {name for path in sources for name in READS.findall(path.read_text())} - NOT_OURS
    return read | _by_compose()


def _by_compose() -> set[str]:
    """What the compose files and the Dockerfile take from the environment, for themselves or to hand it on."""
    files = [*(ROOT / "docker").glob("compose*.yaml"), ROOT / "docker" / "Dockerfile"]
    texts = [path.read_text() for path in files]
    taken = {name for text in texts for name in re.findall(r"(?<!\$)\$\{(\w+):", text)}
    built = {name for text in texts for name in re.findall(r"^ARG (\w+)", text, re.MULTILINE)}
    return taken | built


def _described() -> set[str]:
    example = (ROOT / "docker" / "env.example").read_text()
    return set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE))


def test_what_is_read_is_described() -> None:
    assert _read() - _described() == set()


def test_what_is_described_is_read() -> None:
    assert _described() - _read() == set()


def test_what_can_be_a_file_is_marked() -> None:
    example = (ROOT / "docker" / "env.example").read_text()
    marked = set(re.findall(r"^# ([A-Z_]+)=\S* +# \[file\]", example, re.MULTILINE))
    settings = (ROOT / "chatportal" / "settings.py").read_text()
    assert marked == set(re.findall(r"env\.secret\(\"(\w+)\"\)", settings))
