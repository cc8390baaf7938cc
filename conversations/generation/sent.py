"""What the upstream was sent, kept so that it can be shown again exactly.

A record names the first and the last message that were shown, and those between them that were not: a message that has
been answered never changes its text, so that nothing needs to be kept twice. Of an answer that was continued it keeps
how long its beginning was, in characters.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conversations.models import Generation, Message
from conversations.path import path_to
from conversations.prompt_choice import Choice
from upstream.adapters import ADAPTERS
from upstream.types import ChatRequest, PromptMessage, Role, Target


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent for one generation. `body` is the request's JSON, None where the upstream keeps conversations."""

    messages: tuple[PromptMessage, ...]
    model: str
    temperature: float | None
    top_p: float | None
    longest_answer: int | None
    kept_upstream: bool
    body: dict[str, Any] | None


def record_of(
    request: ChatRequest, choice: Choice, branch: Sequence[Message], *, kind: str
) -> dict[str, Any]:
    shown = choice.shown
    record: dict[str, Any] = {"model": request.model, "kind": kind, "tokens": choice.tokens}
    if shown:
        taken = {message.pk for message in shown}
        start = next(at for at, message in enumerate(branch) if message.pk in taken)
        between = [message.pk for message in branch[start:] if message.pk not in taken]
        record |= {"first": str(shown[0].pk), "last": str(branch[-1].pk)}
        record |= {"without": [str(pk) for pk in between]} if between else {}
    if request.continues and shown:
        record["length"] = len(shown[-1].text)
    if choice.cut:
        record["cut"] = choice.cut
    if request.position is not None:
        record["position"] = "kept" if request.position.conversation_id else "begun"
    for name in ("temperature", "top_p", "longest_answer"):
        if (value := getattr(request, name)) is not None:
            record[name] = value
    if request.messages and request.messages[0].role == "system":
        record["system"] = request.messages[0].text
    return record


def read_sent(generation: Generation) -> Sent | None:
    """What was sent for `generation`; None where nothing was, or before records were kept."""
    record = generation.sent
    if not record:
        return None
    messages = tuple(_messages(record))
    kept = record.get("position") == "kept" and not generation.replayed
    request = ChatRequest(
        model=record["model"],
        messages=messages,
        temperature=record.get("temperature"),
        top_p=record.get("top_p"),
        longest_answer=record.get("longest_answer"),
        continues="length" in record,
    )
    return Sent(
        messages[-1:] if kept else messages,
        record["model"],
        request.temperature,
        request.top_p,
        request.longest_answer,
        kept,
        None if "position" in record else _body(record["kind"], request, generation),
    )


def _messages(record: dict[str, Any]) -> list[PromptMessage]:
    messages = [PromptMessage("system", record["system"])] if "system" in record else []
    if "first" not in record:
        return messages
    ids = path_to(uuid.UUID(record["last"]))
    without = {*map(uuid.UUID, record.get("without", ()))}
    first = uuid.UUID(record["first"])
    ids = ids[ids.index(first) :] if first in ids else ids
    found = Message.objects.in_bulk(ids)
    for pk in ids:
        if pk in found and pk not in without:
            role: Role = found[pk].role  # type: ignore[assignment]
            messages.append(PromptMessage(role, found[pk].text))
    if "length" in record:
        last = messages[-1]
        messages[-1] = PromptMessage(last.role, last.text[: record["length"]])
    return messages


def _body(kind: str, request: ChatRequest, generation: Generation) -> dict[str, Any] | None:
    """The request's body as its adapter writes it. It holds no secret: those stand in headers."""
    provider = generation.credential.provider if generation.credential else None
    if kind not in ADAPTERS:
        return None
    target = Target(
        key="",
        kind=kind,
        base_url="http://localhost",
        secret="",
        continues_prefilled=bool(provider and provider.continues_prefilled),
    )
    body = ADAPTERS[kind](target, request).call().body
    return dict(body) if body is not None else None
