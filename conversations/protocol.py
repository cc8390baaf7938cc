"""The events that a browser receives. docs/protocol.md describes them for people who write clients.

Types are made here and nowhere else: no text from upstream can ever become the type of an event.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar

VERSION = 1
HEARTBEAT_SECONDS = 20
STREAM_HEARTBEAT_SECONDS = (
    5  # over HTTP: a page has to notice soon that somebody on the way keeps what it is sent
)

# Made once: json.dumps with options makes an encoder for each call, which costs more than a short frame.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

RESTART = 1012
MALFORMED = 4400
LOGGED_OUT = 4401


@dataclass(frozen=True, slots=True)
class Event:
    type: ClassVar[str]

    def as_dict(self) -> dict[str, Any]:
        return {"type": self.type, **asdict(self)}

    def as_frame(self) -> str:
        """The event as one JSON text frame."""
        names: tuple[str, ...] = self.__slots__
        return _encode({"type": self.type, **{name: getattr(self, name) for name in names}})


@dataclass(frozen=True, slots=True)
class Welcome(Event):
    type: ClassVar[str] = "welcome"
    protocol: int = VERSION
    heartbeat_seconds: int = HEARTBEAT_SECONDS


@dataclass(frozen=True, slots=True)
class Joined(Event):
    type: ClassVar[str] = "joined"
    conversation: str
    leaf: str | None


@dataclass(frozen=True, slots=True)
class Snapshot(Event):
    """A message as it stands after delta number `sequence`."""

    type: ClassVar[str] = "snapshot"
    conversation: str
    message: str
    generation: str
    status: str
    sequence: int
    text: str
    reasoning: str
    error: dict[str, str] | None
    finish_reason: str | None
    details: dict[str, Any] | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class DeltaAdded(Event):
    type: ClassVar[str] = "delta"
    conversation: str
    message: str
    generation: str
    sequence: int
    part: str
    operation: str
    text: str


@dataclass(frozen=True, slots=True)
class StatusChanged(Event):
    """`sequence` is the number of the last delta so far; a page that has fewer has missed some."""

    type: ClassVar[str] = "status"
    conversation: str
    message: str
    generation: str
    status: str
    sequence: int
    error: dict[str, str] | None = None
    finish_reason: str | None = None
    details: dict[str, Any] | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class BranchChanged(Event):
    type: ClassVar[str] = "branch"
    conversation: str
    leaf: str | None


@dataclass(frozen=True, slots=True)
class ConversationChanged(Event):
    type: ClassVar[str] = "conversation"
    conversation: str
    title: str
    url: str
    writing: bool
    updated: str


@dataclass(frozen=True, slots=True)
class ConversationDeleted(Event):
    type: ClassVar[str] = "conversation_deleted"
    conversation: str


@dataclass(frozen=True, slots=True)
class Gone(Event):
    """There is no such conversation for this person."""

    type: ClassVar[str] = "gone"
    conversation: str


@dataclass(frozen=True, slots=True)
class Heartbeat(Event):
    type: ClassVar[str] = "heartbeat"


@dataclass(frozen=True, slots=True)
class Closing(Event):
    """The last of a stream over HTTP: what the code of a closed socket says."""

    type: ClassVar[str] = "closing"
    code: int


def details(
    replayed: bool, answered_by: str | None, tries: int, cut: int, thought_seconds: int | None
) -> dict[str, Any]:
    """How an answer came about: `replayed`, `answered_by` (a model's title, where not the one asked for), `tries`,
    `cut` (how many of the oldest messages did not fit the model's window), and how long the model thought before its
    first words, where it has come to them.
    """
    return {
        "replayed": replayed,
        "answered_by": answered_by,
        "tries": tries,
        "cut": cut,
        "thought_seconds": thought_seconds,
    }


def seconds_between(claimed_at: datetime | None, first_text_at: datetime | None) -> int | None:
    """How long a model thought, in whole seconds."""
    if claimed_at is None or first_text_at is None:
        return None
    return max(0, round((first_text_at - claimed_at).total_seconds()))


def topic_of_conversation(conversation_id: Any) -> str:
    return f"conversation:{conversation_id}"


def topic_of_person(user_id: Any) -> str:
    return f"person:{user_id}"
