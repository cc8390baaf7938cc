"""A Dockerfile, read: as much of the language as ours uses. What is not known here is an error, never skipped."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field

KNOWN = {
    "FROM",
    "ARG",
    "ENV",
    "WORKDIR",
    "COPY",
    "RUN",
    "USER",
    "VOLUME",
    "EXPOSE",
    "STOPSIGNAL",
    "HEALTHCHECK",
    "ENTRYPOINT",
    "CMD",
}
EXPANDED = KNOWN - {
    "RUN",
    "ENTRYPOINT",
    "CMD",
    "HEALTHCHECK",
}  # the others' variables are the shell's
FLAG = re.compile(r"--([a-z-]+)=(\S+)\s+")
VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


class Unreadable(Exception):
    """The line that is not understood."""


@dataclass(frozen=True)
class Instruction:
    name: str
    rest: str
    flags: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> list[str]:
        return shlex.split(self.rest)

    @property
    def command(self) -> list[str]:
        """Of the exec form, which alone hands signals over."""
        if not self.rest.startswith("["):
            raise Unreadable(f"{self.name} {self.rest}: not in the exec form")
        words: list[str] = json.loads(self.rest)
        return words


def read(text: str) -> list[Instruction]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [_instruction(line.strip()) for line in joined.splitlines() if line.strip()]


def _instruction(line: str) -> Instruction:
    name, _space, rest = line.partition(" ")
    if name not in KNOWN:
        raise Unreadable(line)
    flags = {}
    while found := FLAG.match(rest):
        flags[found[1]] = found[2]
        rest = rest[found.end() :]
    if rest.startswith("--"):
        raise Unreadable(line)
    return Instruction(name, rest.strip(), flags)


def filled_in(text: str, variables: dict[str, str]) -> str:
    """With the values of ARG and ENV. A variable that nothing has set is an error: an engine would take it as empty."""

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name not in variables:
            raise Unreadable(f"{text}: nothing sets {name}")
        return variables[name]

    return VARIABLE.sub(value, text)
