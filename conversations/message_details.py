"""How a message came about, for the member who asks."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conversations.models import Generation, Message
from upstream.estimates import estimate_tokens


@dataclass(frozen=True, slots=True)
class Tokens:
    count: int
    is_estimated: bool


@dataclass(slots=True)
class MessageDetails:
    """Times are in seconds, None where they are not known."""

    role: str
    created_at: datetime
    model: str = ""
    provider: str = ""
    asked_for: str = ""  # the model that was asked, where another one answered
    waited: float | None = None
    until_first_text: float | None = None
    total: float | None = None
    prompt: Tokens | None = None
    answer: Tokens | None = None
    tries: int = 1
    errors: tuple[str, ...] = ()
    replayed: bool = False
    cut: int = 0
    text: Tokens | None = None


def details_of(
    message: Message, generation: Generation | None, *, usable: Container[Any] = ()
) -> MessageDetails:
    """Of models that are not `usable` any more nothing is told but the title that the message has kept."""
    details = MessageDetails(message.role, message.created_at, model=message.model_title)
    if generation is None:
        details.text = Tokens(estimate_tokens(message.text), is_estimated=True)
        return details
    answering = generation.answered_by or generation.language_model
    if answering is not None and answering in usable:
        details.provider = answering.provider.title
    if generation.answered_by is not None and generation.language_model in usable:
        details.asked_for = str(generation.language_model or "")
    details.waited = _seconds(generation.created_at, generation.claimed_at)
    details.until_first_text = _seconds(generation.claimed_at, generation.first_text_at)
    details.total = _seconds(generation.claimed_at, generation.finished_at)
    _count_tokens(details, message, generation)
    errors = generation.tried.get("errors", ())
    details.tries = len(errors) + 1
    details.errors = tuple(dict.fromkeys(each["code"] for each in errors))
    details.replayed = generation.replayed
    details.cut = (generation.sent or {}).get("cut", 0)
    return details


def _count_tokens(details: MessageDetails, message: Message, generation: Generation) -> None:
    if generation.prompt_tokens is not None:
        details.prompt = Tokens(generation.prompt_tokens, is_estimated=False)
    elif generation.sent:
        details.prompt = Tokens(generation.sent["tokens"], is_estimated=True)
    if generation.completion_tokens is not None:
        details.answer = Tokens(generation.completion_tokens, is_estimated=False)
    elif message.text:
        estimate = estimate_tokens(message.text) + estimate_tokens(message.reasoning)
        details.answer = Tokens(estimate, is_estimated=True)


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return max(0.0, (end - start).total_seconds()) if start and end else None
