"""What one generation is writing, between the upstream and the journal. Plain values; it knows no database."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from conversations.protocol import DeltaAdded, StatusChanged, details, topic_of_conversation
from upstream.types import Placed


@dataclass(frozen=True, slots=True)
class Ending:
    """How a generation ended, and what goes into its row."""

    status: str
    error_code: str = ""
    error_detail: str = ""
    finish_reason: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    error_sentence: str = ""
    replayed: bool = False
    answered_by: str | None = None
    tries: int = 1
    cut: int = 0
    thought_seconds: int | None = None
    position: int | None = None

    def fields(self) -> dict[str, Any]:
        """Column values of the generation."""
        names = (
            "error_code",
            "error_detail",
            "finish_reason",
            "prompt_tokens",
            "completion_tokens",
            "replayed",
        )
        return {name: getattr(self, name) for name in names}

    @property
    def details(self) -> dict[str, Any]:
        """What a member may look up of how an answer came about."""
        return details(self.replayed, self.answered_by, self.tries, self.cut, self.thought_seconds)

    @property
    def error(self) -> dict[str, str] | None:
        return (
            {"code": self.error_code, "message": self.error_sentence} if self.error_code else None
        )


@dataclass(slots=True)
class Passage:
    """Text that was added since the last flush: it becomes one delta."""

    part: str
    operation: str
    pieces: list[str]


@dataclass(slots=True, eq=False)
class Manuscript:
    """The text of one generation: what it began with, what is saved, and what waits to be."""

    generation_id: uuid.UUID
    message_id: uuid.UUID
    conversation_id: uuid.UUID
    text_before: str = ""
    reasoning_before: str = ""
    sequence: int = 0
    published: int = 0  # the number of the last delta that is saved, and that watchers were given
    claimed_at: Any = None
    first_text_at: Any = None
    credential_id: int | None = None
    place: Placed | None = None  # where the upstream keeps it, as long as that waits to be saved
    lost: bool = False  # the journal has given it up, or another process has
    open: list[Passage] = field(default_factory=list)
    written: dict[str, list[str]] = field(default_factory=lambda: {"text": [], "reasoning": []})
    # Written out once: each delta carries them.
    generation: str = field(init=False)
    message: str = field(init=False)
    conversation: str = field(init=False)
    topic: str = field(init=False)

    def __post_init__(self) -> None:
        self.generation, self.message = str(self.generation_id), str(self.message_id)
        self.conversation = str(self.conversation_id)
        self.topic = topic_of_conversation(self.conversation)

    def append(self, part: str, text: str) -> None:
        if self.open and self.open[-1].part == part:
            self.open[-1].pieces.append(text)
        else:
            self.open.append(Passage(part, "append", [text]))

    def replace(self, part: str, text: str) -> None:
        self.open.append(Passage(part, "replace", [text]))

    def take_place(self) -> Placed | None:
        """The place that waits to be saved; it waits no longer."""
        place, self.place = self.place, None
        return place

    def number_open(self) -> list[DeltaAdded]:
        """Turn what waits into numbered deltas."""
        deltas = []
        for passage in self.open:
            self.sequence += 1
            text = "".join(passage.pieces)
            if passage.operation == "replace":
                self.written[passage.part] = []
            self.written[passage.part].append(text)
            deltas.append(
                DeltaAdded(
                    conversation=self.conversation,
                    message=self.message,
                    generation=self.generation,
                    sequence=self.sequence,
                    part=passage.part,
                    operation=passage.operation,
                    text=text,
                )
            )
        self.open = []
        return deltas

    @property
    def is_blank(self) -> bool:
        """Whether this generation has written nothing yet."""
        return self.sequence == 0 and not self.open

    def has_text(self) -> bool:
        """Whether the message has anything in it, counting what it began with."""
        return bool(
            self.text_before or self.written["text"] or any(p.part == "text" for p in self.open)
        )

    @property
    def text(self) -> str:
        return self.text_before + "".join(self.written["text"])

    @property
    def reasoning(self) -> str:
        return self.reasoning_before + "".join(self.written["reasoning"])

    def status_event(self, ending: Ending) -> StatusChanged:
        return StatusChanged(
            conversation=self.conversation,
            message=self.message,
            generation=self.generation,
            status=ending.status,
            sequence=self.published,
            error=ending.error,
            finish_reason=ending.finish_reason or None,
            details=ending.details,
            position=ending.position,
        )
