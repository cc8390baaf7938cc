"""What the doctor found of one thing: how it is, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """`advice` is empty where nothing is to be done."""

    what: str
    state: State
    said: str
    advice: str = ""


def good(what: str, said: str) -> Finding:
    return Finding(what, State.GOOD, said)


def doubtful(what: str, said: str, advice: str) -> Finding:
    return Finding(what, State.DOUBTFUL, said, advice)


def bad(what: str, said: str, advice: str) -> Finding:
    return Finding(what, State.BAD, said, advice)
