"""What the documents point to is there, and no picture of them lies about without being shown."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\)")
FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
MADE = re.compile(r"manage\.py ([a-z_]+)")
TARGET = re.compile(r"^\s*make ([a-z]+)", re.MULTILINE)


def documents() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split() if (ROOT / name).is_file()]


def prose(path: Path) -> str:
    return CODE.sub("", FENCED.sub("", path.read_text()))


def anchors(path: Path) -> set[str]:
    """As GitHub and others make them."""
    titles = HEADING.findall(FENCED.sub("", path.read_text()))
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    for link in LINK.findall(prose(path)):
        if re.match(r"[a-z]+:", link):
            assert not link.startswith("http://") or "127.0.0.1" in link, link
            continue
        target, _hash, anchor = unquote(link).partition("#")
        found = (path.parent / target).resolve() if target else path
        assert found.exists(), f"{link} leads nowhere"
        assert found.is_relative_to(ROOT), f"{link} leads out of the project"
        if anchor:
            assert anchor in anchors(found), f"{link}: there is no such heading"


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_is_there(path: Path) -> None:
    """Those that one types: a document must not send anybody to what was renamed."""
    text = path.read_text()
    commands = {found.stem for found in ROOT.glob("*/management/commands/*.py")}
    of_django = {"migrate", "shell", "collectstatic", "makemigrations", "check", "runserver"}
    assert set(MADE.findall(text)) <= commands | of_django
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    fenced = "\n".join(match.group() for match in FENCED.finditer(text))
    assert set(TARGET.findall(fenced)) <= targets


def test_every_picture_is_shown() -> None:
    shown = {
        (path.parent / link).resolve() for path in documents() for link in LINK.findall(prose(path))
    }
    assert set((ROOT / "docs").rglob("*.png")) <= shown
