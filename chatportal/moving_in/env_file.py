"""Reading a chatgpt-web installation's .env or compose file as people really write them: with or without the space
behind the colon, with a quote on one side only, with full-width signs. What cannot be read is named by its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MOST_BYTES = 1_000_000
ASSIGNED = re.compile(
    r"""^\s*(?:-\s*)?(?:export\s+)?["'“”]?(?P<name>[A-Za-z][A-Za-z0-9_]*)["'“”]?\s*(?P<sign>[=:＝：])\s*(?P<value>.*?)\s*$"""
)
QUOTES = {'"': '"', "'": "'", "“": "”", "”": "”", "‘": "’", "`": "`"}
COMMENT = re.compile(r"\s+#.*$")
ELSEWHERE = re.compile(r"\$\{[^}]*\}|^\$[A-Z_]+$")
SECTION = re.compile(r"^(?P<indent>\s*)environment\s*:\s*$")
COMPOSE = re.compile(r"^(?:services|version)\s*:", re.MULTILINE)
PLACEHOLDER = re.compile(
    r"^(?:sk-)?[xX*.…]{2,}$|^(?:your|my)[-_ ]|^<.*>$|^(?:changeme|example)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Setting:
    """`value` may be a secret: it is shown nowhere."""

    name: str
    value: str = field(repr=False)
    line: int = 0


@dataclass(slots=True)
class Contents:
    """`problems` as (line, sentence)."""

    settings: list[Setting] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)


def read_env(raw: bytes) -> Contents:
    """Raises ValueError for what is no text."""
    text = _decoded(raw)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found = Contents()
    wanted = _of_compose(lines, found) if COMPOSE.search(text) else list(enumerate(lines, start=1))
    for number, line in wanted:
        _read_line(number, line, found)
    return found


def _decoded(raw: bytes) -> str:
    if len(raw) > MOST_BYTES:
        raise ValueError("It is larger than any .env or compose file.")
    for encoding in (
        ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    ):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ValueError("It is no text.")


def _of_compose(lines: list[str], found: Contents) -> list[tuple[int, str]]:
    """The lines below each `environment:`, by their indentation: many such files are no valid YAML."""
    wanted: list[tuple[int, str]] = []
    inside: int | None = None
    for number, line in enumerate(lines, start=1):
        indent = len(line) - len(line.lstrip())
        if section := SECTION.match(line.expandtabs(2)):
            inside = len(section["indent"])
            continue
        if re.match(r"\s*(?:-\s*)?env_file\s*:", line):
            found.problems.append(
                (number, "It names another file: give that one to this command, too.")
            )
        if inside is None or not line.strip():
            continue
        # A list may stand as deep as its key.
        if indent < inside or (indent == inside and not line.lstrip().startswith("-")):
            inside = None
        else:
            wanted.append((number, line))
    return wanted


def _read_line(number: int, line: str, found: Contents) -> None:
    if not line.strip() or line.lstrip().startswith("#"):
        return
    match = ASSIGNED.match(line)
    if match is None:
        found.problems.append((number, "It is no NAME=value, and was left out."))
        return
    name, value = match["name"].upper(), _bare(match["value"])
    if ELSEWHERE.search(value):
        sentence = f"{name} takes its value from somewhere else ($…). Write the value there, or give that file, too."
        found.problems.append((number, sentence))
        return
    if PLACEHOLDER.match(value):
        found.problems.append((number, f"{name} holds what the sample has, and no value of yours."))
        return
    if value:
        found.settings.append(Setting(name, value, number))


def _bare(value: str) -> str:
    """Without quotes, also where one is missing, and without a comment behind it."""
    opening = value[:1]
    if opening in QUOTES:
        inner = value[1:]
        end = inner.find(QUOTES[opening])
        if end >= 0:
            return inner[:end].strip()
        value = inner
    value = COMMENT.sub("", value)
    return value.rstrip("\"'”’`;,").strip()
