"""A conversation as plain values: version 1 of our own format (docs/export.schema.json), and what others are made of.

Messages stand in the order of the tree, each behind its parent. What was deleted is not told; what was said below it
hangs on what stood above.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from conversations.models import Conversation, Generation, Message
from conversations.standing import Standing, standings

VERSION = 1
BROKEN_OFF = (Generation.Status.STOPPED, Generation.Status.FAILED, Generation.Status.INTERRUPTED)
IN_A_BATCH = 500

Plain = dict[str, Any]


def plain_conversations(conversations: QuerySet[Conversation]) -> Iterator[Plain]:
    """The oldest first; one of them in memory at a time. What is deleted meanwhile is left out."""
    for pk in list(conversations.order_by("created_at", "pk").values_list("pk", flat=True)):
        found = conversations.filter(pk=pk).first()
        if found is not None:
            yield plain_conversation(found)


def plain_conversation(conversation: Conversation) -> Plain:
    rows = list(conversation.messages.order_by("created_at", "pk"))
    standing = _standings(rows)
    by_id = {row.pk: row for row in rows}
    messages = [
        _message(by_id[pk], parent, standing.get(pk)) for pk, parent in _in_order(rows, by_id)
    ]
    return {
        "id": str(conversation.pk),
        "title": conversation.title,
        "created_at": conversation.created_at.isoformat(),
        "updated_at": conversation.updated_at.isoformat(),
        "pinned": conversation.is_pinned,
        "archived": conversation.archived_at is not None,
        "settings": conversation.prompt_settings(),
        "current": _id(_standing_above(conversation.current_leaf_id, by_id)),
        "messages": messages,
    }


def branch_of(plain: Plain) -> list[Plain]:
    """The messages from the root to the current one: what a linear format has room for."""
    by_id = {message["id"]: message for message in plain["messages"]}
    branch, at = [], plain["current"]
    while at is not None:
        branch.append(by_id[at])
        at = by_id[at]["parent"]
    return branch[::-1]


def _standings(rows: list[Message]) -> dict[uuid.UUID, Standing]:
    answers = [row.pk for row in rows if row.role == Message.Role.ASSISTANT]
    found: dict[uuid.UUID, Standing] = {}
    for at in range(0, len(answers), IN_A_BATCH):
        found |= standings(answers[at : at + IN_A_BATCH])
    return found


def _in_order(
    rows: list[Message], by_id: dict[uuid.UUID, Message]
) -> list[tuple[uuid.UUID, uuid.UUID | None]]:
    children: dict[uuid.UUID | None, list[uuid.UUID]] = {}
    for row in rows:
        if row.deleted_at is None:
            parent = _standing_above(row.parent_id, by_id)
            children.setdefault(parent, []).append(row.pk)
    order: list[tuple[uuid.UUID, uuid.UUID | None]] = []
    stack: list[tuple[uuid.UUID, uuid.UUID | None]] = []
    stack += [(pk, None) for pk in reversed(children.get(None, []))]
    while stack:
        pk, above = stack.pop()
        order.append((pk, above))
        stack += [(child, pk) for child in reversed(children.get(pk, []))]
    return order


def _standing_above(pk: uuid.UUID | None, by_id: dict[uuid.UUID, Message]) -> uuid.UUID | None:
    while pk is not None and by_id[pk].deleted_at is not None:
        pk = by_id[pk].parent_id
    return pk


def _message(row: Message, parent: uuid.UUID | None, standing: Standing | None) -> Plain:
    parts = list(row.parts)
    broke_off = standing is not None and standing.generation.status in BROKEN_OFF
    if broke_off and {"type": "incomplete"} not in parts:
        parts.append({"type": "incomplete"})
    return {
        "id": str(row.pk),
        "parent": _id(parent),
        "role": row.role,
        "text": standing.text if standing else row.text,
        "reasoning": standing.reasoning if standing else row.reasoning,
        "created_at": row.created_at.isoformat(),
        "model": row.model_title,
        "hidden": row.is_hidden,
        "left_out": row.left_out,
        "ends_context": row.ends_context,
        "parts": parts,
    }


def _id(pk: uuid.UUID | None) -> str | None:
    return str(pk) if pk else None
