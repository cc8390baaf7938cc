"""What the builder is handed: the project's files, as far as .dockerignore lets them through."""

from __future__ import annotations

import re
import shutil
from pathlib import Path


class Ignored:
    """The rules of .dockerignore: the last that fits a path, or a folder above it, decides."""

    def __init__(self, text: str) -> None:
        lines = [line.strip() for line in text.splitlines()]
        rules = [line for line in lines if line and not line.startswith("#")]
        self.rules = [(_pattern(line.removeprefix("!")), line.startswith("!")) for line in rules]

    def lets_through(self, path: Path) -> bool:
        """`path` is relative to the project."""
        above = [str(path), *(str(each) for each in path.parents if str(each) != ".")]
        through = True
        for pattern, is_exception in self.rules:
            if any(pattern.fullmatch(each) for each in above):
                through = is_exception
        return through


def _pattern(rule: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", rule.strip("/"))
    meaning = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(meaning.get(part) or re.escape(part) for part in parts))


def hand_over(project: Path, to: Path) -> None:
    """Copy what is let through. Folders that cannot hold any of it are not walked: node_modules is large."""
    ignored = Ignored((project / ".dockerignore").read_text())
    roots = [
        each for each in project.iterdir() if each.name not in {"node_modules", ".git", ".venv"}
    ]
    for root in roots:
        for path in [root, *root.rglob("*")] if root.is_dir() else [root]:
            relative = path.relative_to(project)
            if path.is_file() and ignored.lets_through(relative):
                (to / relative).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, to / relative)
