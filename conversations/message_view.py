"""A message as the template draws it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse

from conversations.models import Generation, Message
from conversations.sentences import sentence_for
from conversations.siblings import Siblings
from conversations.standing import Standing
from conversations.turns import can_continue


@dataclass(slots=True)
class MessageView:
    """`error_detail` is set for administrators alone."""

    id: uuid.UUID
    role: str
    text: str
    reasoning: str
    created_at: datetime
    model_title: str
    siblings: Siblings
    left_out: bool = False
    ends_context: bool = False
    status: str = ""
    generation_id: uuid.UUID | None = None
    sequence: int = 0
    error_sentence: str = ""
    error_detail: str = ""
    finish_reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    position: int | None = None
    can_continue: bool = False
    can_retry: bool = False
    parts: list[dict[str, Any]] = field(default_factory=list)
    is_hidden: bool = False

    @property
    def was_retried(self) -> bool:
        return int(self.details.get("tries", 1)) > 1

    @property
    def has_details(self) -> bool:
        """Whether there is anything out of the ordinary that a member would look up."""
        found = (self.details.get(name) for name in ("replayed", "answered_by", "cut"))
        return any(found) or self.was_retried

    @property
    def has_notice(self) -> bool:
        """Whether it ended in a way that wants a sentence."""
        return bool(
            self.error_sentence
            or self.status in {"failed", "interrupted", "stopped"}
            or (self.status == "completed" and self.finish_reason == "length")
        )

    @property
    def marks(self) -> str:
        """All that may change about an ended message, so that a page sees whether it has."""
        flags = f"{'L' if self.left_out else ''}{'E' if self.ends_context else ''}"
        return f"{self.siblings.number}/{self.siblings.count}{flags}"

    @property
    def generations_url(self) -> str:
        return reverse("conversations:generation-create", args=[self.id])

    @property
    def stop_url(self) -> str:
        if not self.generation_id:
            return ""
        return reverse("conversations:generation-stop", args=[self.generation_id])


def view_of(
    message: Message,
    standing: Standing | None,
    *,
    siblings: Siblings,
    show_details: bool = False,
    is_leaf: bool = False,
) -> MessageView:
    """`standing` is None for what no generation has written: what members say, and copies."""
    view = MessageView(
        message.pk,
        message.role,
        message.text,
        message.reasoning,
        message.created_at,
        message.model_title,
        siblings,
        left_out=message.left_out,
        ends_context=message.ends_context,
        parts=message.parts,
        is_hidden=message.is_hidden,
    )
    if standing is not None:
        _add_standing(view, standing, show_details=show_details, is_leaf=is_leaf)
    elif message.role == Message.Role.ASSISTANT:
        view.status = Generation.Status.COMPLETED
    return view


def _add_standing(
    view: MessageView, standing: Standing, *, show_details: bool, is_leaf: bool
) -> None:
    message, generation = standing.message, standing.generation
    view.text, view.reasoning, view.sequence = standing.text, standing.reasoning, standing.sequence
    view.model_title = message.model_title
    view.status, view.generation_id = generation.status, generation.pk
    view.finish_reason, view.details = generation.finish_reason, generation.details
    view.position = generation.position
    view.error_sentence = sentence_for(generation.error_code)
    view.error_detail = generation.error_detail if show_details else ""
    if is_leaf and not generation.is_active:
        view.can_continue = can_continue(message, generation)
        view.can_retry = generation.status != Generation.Status.COMPLETED
