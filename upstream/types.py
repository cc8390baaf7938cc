"""The values that pass between the portal and an adapter. No Django, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message of a prompt, as the model is shown it."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """All that one generation asks of an upstream.

    `continues` says that the last message is the beginning of the answer wanted, and that the answer goes on there.
    """

    model: str
    messages: tuple[PromptMessage, ...]
    temperature: float | None = None
    top_p: float | None = None
    longest_answer: int | None = None  # tokens
    continues: bool = False


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


@dataclass(frozen=True, slots=True)
class TextDelta:
    """Text just added to the answer."""

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


Event = TextDelta | ReasoningDelta | Usage | Finished
