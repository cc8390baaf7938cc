"""The files and pictures of an import, found by what a conversation calls them: members of its ZIPs, or files that were
brought beside the JSON. ChatGPT's are named by the pointer's end and something behind it.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from conversations.imports.sources import LARGEST_UNPACKED, archive_of, distrust, plain_name
from conversations.imports.values import NotReadable

SHORTEST_BEGINNING = 10  # characters of a name: "file-" and more
BEHIND = "-_."
MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"%PDF")


@dataclass(slots=True)
class FilesBeside:
    """`by_name` gives what opens each; `names` are the same, sorted."""

    by_name: dict[str, Any] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    by_path: dict[str, Any] = field(default_factory=dict)
    room: int = LARGEST_UNPACKED  # bytes that may yet be kept of one import

    def add(self, path: str, opener: Any) -> None:
        path = plain_name(path)
        self.by_path.setdefault(path, opener)
        name = path.rpartition("/")[2]
        if name and name not in self.by_name:
            self.by_name[name] = opener
            bisect.insort(self.names, name)

    @property
    def any(self) -> bool:
        return any(not name.endswith((".json", ".html")) for name in self.names)

    def open(self, pointer: str) -> BinaryIO | None:
        """None where there is no such file, or none that can be trusted."""
        opener = self.by_path.get(pointer) or self._named(pointer)
        return None if opener is None else opener()

    def _named(self, pointer: str) -> Any:
        wanted = pointer.partition("#")[0].partition("?")[0].rpartition("/")[2]
        if not wanted:
            return None
        if wanted in self.by_name:
            return self.by_name[wanted]
        if len(wanted) < SHORTEST_BEGINNING:
            return None
        at = bisect.bisect_left(self.names, wanted)
        for name in self.names[at : at + 50]:
            if not name.startswith(wanted):
                break
            if name[len(wanted)] in BEHIND:
                return self.by_name[name]
        return None


@contextmanager
def files_beside(brought: list[tuple[Path, str]]) -> Iterator[FilesBeside]:
    """Of all files of one import, each with the name that the member gave it: a history may come in several ZIPs."""
    found = FilesBeside()
    with ExitStack() as opened:
        for path, name in brought:
            try:
                archive = opened.enter_context(archive_of(path))
            except (NotReadable, OSError):
                continue  # the list of conversations says what is wrong with it
            if archive is None:
                found.add(name, lambda path=path: path.open("rb"))
                continue
            for entry in archive.infolist():
                if not entry.is_dir() and not distrust(entry):
                    found.add(entry.filename, lambda a=archive, e=entry: a.open(e))
        yield found


def only_beside(path: Path) -> bool:
    """Whether nothing in a file can be a conversation: a picture, or the part of a history with its files alone."""
    try:
        with archive_of(path) as archive:
            if archive is not None:
                names = [entry.filename.lower() for entry in archive.infolist()]
                return bool(names) and not any(name.endswith((".json", ".jsonl")) for name in names)
        with path.open("rb") as file:
            return file.read(12).startswith(MAGIC)
    except (NotReadable, OSError):
        return False
