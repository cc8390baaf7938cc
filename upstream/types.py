"""The values that pass between the portal and an adapter. No Django, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urlsplit

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message of a prompt, as the model is shown it."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class UpstreamPosition:
    """Where a turn hangs in a conversation that the upstream keeps itself; all ids are the upstream's, or empty.

    Without `conversation_id` a new conversation is begun. `parent_id` is the answer that the question hangs under, none
    for the root. With `question_id` the upstream has the question, and is asked for one more answer to it; `answer_id`
    is the answer that is to go on.
    """

    conversation_id: str = ""
    root_id: str = ""
    parent_id: str = ""
    question_id: str = ""
    answer_id: str = ""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """All that one generation asks of an upstream.

    `continues` says that the last message is the beginning of the answer wanted, and that the answer goes on there.
    `position` is set for an upstream that keeps conversations itself; `longest_opening` bounds what is told of a branch
    when such a conversation is begun anew.
    """

    model: str
    messages: tuple[PromptMessage, ...]
    temperature: float | None = None
    top_p: float | None = None
    longest_answer: int | None = None  # tokens
    continues: bool = False
    position: UpstreamPosition | None = None
    longest_opening: int | None = None  # characters

    @property
    def tells_anew(self) -> bool:
        """Whether a branch is told as the opening text of a new conversation upstream."""
        position = self.position
        if position is None or position.conversation_id:
            return False
        return sum(message.role != "system" for message in self.messages) > 1

    def told_anew(self) -> ChatRequest:
        """The same request for an upstream that knows nothing of what was said before."""
        root_id = self.position.root_id if self.position else ""
        return replace(self, position=UpstreamPosition(root_id=root_id))


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes and what opens it: one provider with one of its credentials.

    Times are in seconds of silence, not of the whole answer. `key` names the pair, so that no connection and no
    cookie received under one credential is ever used with another.
    """

    key: str
    kind: str
    base_url: str
    secret: str = field(repr=False)
    own_host_may_be_private: bool = False
    connect_seconds: float = 10.0
    silence_seconds: float = 120.0
    continues_prefilled: bool = False
    history_off: bool = False
    proxy_url: str = field(default="", repr=False)  # it may hold a password
    proxy_may_be_private: bool = False

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must appear in no text."""
        return (self.secret, urlsplit(self.proxy_url).password or "")


@dataclass(frozen=True, slots=True)
class TextDelta:
    """Text just added to the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class TextReplaced:
    """All that this generation has written of the text stands so now."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """Text just added to what the model shows of its thinking."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What the upstream counted, in tokens."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The upstream said that the answer ends here; `length` means that it was cut at the longest answer allowed."""

    reason: Literal["stop", "length"]


@dataclass(frozen=True, slots=True)
class Placed:
    """The upstream has taken the turn into a conversation of its own; ids are the upstream's.

    `question_id` is empty where an answer was continued.
    """

    conversation_id: str
    question_id: str
    answer_id: str


Event = TextDelta | TextReplaced | ReasoningDelta | Usage | Finished | Placed
