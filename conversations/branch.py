"""The branch that a page shows: the messages from the root to the current leaf, as they stand."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.urls import reverse

from conversations.models import Conversation, Generation, Message
from conversations.sentences import sentence_for
from conversations.standing import Standing, standings
from conversations.turns import can_continue

WINDOW = 10_000  # messages

PATH_TO_ROOT = """
WITH RECURSIVE path(id, parent_id, depth) AS (
    SELECT id, parent_id, 0 FROM conversations_message WHERE id = %s
    UNION ALL
    SELECT message.id, message.parent_id, path.depth + 1
    FROM conversations_message AS message JOIN path ON message.id = path.parent_id
    WHERE path.depth < %s
)
SELECT id FROM path ORDER BY depth DESC
"""


@dataclass(slots=True)
class MessageView:
    """A message as the template draws it; `error_detail` is set for administrators alone."""

    id: uuid.UUID
    role: str
    text: str
    reasoning: str
    created_at: datetime
    model_title: str
    status: str = ""
    generation_id: uuid.UUID | None = None
    sequence: int = 0
    error_code: str = ""
    error_sentence: str = ""
    error_detail: str = ""
    finish_reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    position: int | None = None
    can_continue: bool = False
    can_retry: bool = False
    can_regenerate: bool = False

    @property
    def was_retried(self) -> bool:
        return int(self.details.get("tries", 1)) > 1

    @property
    def has_details(self) -> bool:
        """Whether there is anything that a member would look up."""
        found = self.details.get("replayed") or self.details.get("answered_by")
        return bool(found) or self.was_retried

    @property
    def is_active(self) -> bool:
        return self.status in Generation.ACTIVE

    @property
    def generations_url(self) -> str:
        return reverse("conversations:generation-create", args=[self.id])

    @property
    def stop_url(self) -> str:
        return (
            reverse("conversations:generation-stop", args=[self.generation_id])
            if self.generation_id
            else ""
        )


def path_to(leaf_id: uuid.UUID | None, *, window: int = WINDOW) -> list[uuid.UUID]:
    """The ids from the root (or `window` messages up) to `leaf_id`, oldest first."""
    if leaf_id is None:
        return []
    field = Message._meta.pk
    with connection.cursor() as cursor:
        cursor.execute(PATH_TO_ROOT, [field.get_db_prep_value(leaf_id, connection), window])
        return [uuid.UUID(str(row[0])) for row in cursor.fetchall()]


def read_branch(conversation: Conversation, *, show_details: bool = False) -> list[MessageView]:
    """The messages of the current branch, oldest first. `show_details` adds what only administrators may read."""
    ids = path_to(conversation.current_leaf_id)
    stand = standings(conversation.pk)
    messages = conversation.messages.filter(pk__in=[pk for pk in ids if pk not in stand]).in_bulk()
    views = []
    for pk in ids:
        if pk in stand:
            views.append(_answer_view(stand[pk], show_details=show_details, is_leaf=pk == ids[-1]))
        elif pk in messages:
            views.append(_plain_view(messages[pk]))
    return views


def _plain_view(message: Message) -> MessageView:
    return MessageView(
        message.pk,
        message.role,
        message.text,
        message.reasoning,
        message.created_at,
        message.model_title,
    )


def _answer_view(standing: Standing, *, show_details: bool, is_leaf: bool) -> MessageView:
    message, generation = standing.message, standing.generation
    view = _plain_view(message)
    view.text, view.reasoning, view.sequence = standing.text, standing.reasoning, standing.sequence
    view.status, view.generation_id = generation.status, generation.pk
    view.finish_reason, view.details = generation.finish_reason, generation.details
    view.position = generation.position
    view.error_code = generation.error_code
    view.error_sentence = sentence_for(generation.error_code)
    view.error_detail = generation.error_detail if show_details else ""
    if is_leaf and not generation.is_active:
        view.can_continue = can_continue(message, generation)
        view.can_regenerate = generation.status == Generation.Status.COMPLETED
        view.can_retry = not view.can_regenerate
    return view
