"""The branch that a page shows: a window onto the messages from the root to the current leaf, as they stand."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from django.db import connection

from conversations.message_view import MessageView, view_of
from conversations.models import Conversation, Message
from conversations.siblings import siblings_of
from conversations.standing import standings

LONGEST = 100_000  # messages of a branch
WINDOW = 50  # messages shown at a time

PATH_TO_ROOT = """
WITH RECURSIVE path(id, parent_id, deleted_at, depth, standing) AS (
    SELECT id, parent_id, deleted_at, 0, CASE WHEN deleted_at IS NULL THEN 1 ELSE 0 END
    FROM conversations_message WHERE id = %s
    UNION ALL
    SELECT message.id, message.parent_id, message.deleted_at, path.depth + 1,
        path.standing + CASE WHEN message.deleted_at IS NULL THEN 1 ELSE 0 END
    FROM conversations_message AS message JOIN path ON message.id = path.parent_id
    WHERE path.standing < %s
)
SELECT id, CASE WHEN deleted_at IS NULL THEN 1 ELSE 0 END FROM path ORDER BY depth DESC
"""


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a branch is wanted: the end, or what stands before, after or around a message of it."""

    before: uuid.UUID | None = None
    after: uuid.UUID | None = None
    around: uuid.UUID | None = None


THE_END = Window()


class Elsewhere(Exception):
    """The message is not on the current branch, so that nothing stands before or after it there."""


@dataclass(slots=True)
class Branch:
    """Messages oldest first, and whether the branch has more at either end."""

    messages: list[MessageView] = field(default_factory=list)
    has_earlier: bool = False
    has_later: bool = False


def path_to(leaf_id: uuid.UUID | None, *, window: int = LONGEST) -> list[uuid.UUID]:
    """The ids from the root (or `window` messages up) to `leaf_id`, oldest first, deleted ones among them."""
    return [pk for pk, _is_standing in _path_to(leaf_id, window)]


def _path_to(leaf_id: uuid.UUID | None, window: int = LONGEST) -> list[tuple[uuid.UUID, bool]]:
    """Each id with whether it stands there still: deleted messages take no place in a window."""
    if leaf_id is None or window < 1:
        return []
    field = Message._meta.pk
    with connection.cursor() as cursor:
        cursor.execute(PATH_TO_ROOT, [field.get_db_prep_value(leaf_id, connection), window])
        return [(uuid.UUID(str(pk)), bool(standing)) for pk, standing in cursor.fetchall()]


def end_of(leaf_id: uuid.UUID | None) -> uuid.UUID | None:
    """The last message of the branch to `leaf_id` that was not deleted; None where all were."""
    path = _path_to(leaf_id, 1)
    return path[0][0] if path and path[0][1] else None


def read_branch(
    conversation: Conversation, window: Window = THE_END, *, show_details: bool = False
) -> Branch:
    """The part of the current branch that `window` asks for. Where the message it names is not on it: the end instead
    of what stands around it; before and after it stands nothing, which raises Elsewhere.

    `show_details` adds what only administrators may read.
    """
    ids, has_earlier, has_later = _ids(conversation.current_leaf_id, window)
    messages = conversation.messages.filter(pk__in=ids, deleted_at=None).in_bulk()
    standing = standings(messages)
    siblings = siblings_of(messages.values())
    views = [
        view_of(
            messages[pk],
            standing.get(pk),
            siblings=siblings[pk],
            show_details=show_details,
            is_leaf=pk == conversation.current_leaf_id,
        )
        for pk in ids
        if pk in messages
    ]
    return Branch(views, has_earlier, has_later)


def _ids(leaf: uuid.UUID | None, window: Window) -> tuple[list[uuid.UUID], bool, bool]:
    """The ids that are wanted, and whether there are earlier and later ones."""
    marked = window.before or window.after or window.around
    if marked is None:
        ids = [pk for pk, is_standing in _path_to(leaf, WINDOW + 1) if is_standing]
        return ids[-WINDOW:], len(ids) > WINDOW, False
    path = _path_to(leaf)
    at = next((at for at, (pk, _is_standing) in enumerate(path) if pk == marked), None)
    if at is None and window.around is None:
        raise Elsewhere
    if at is None:
        return _ids(leaf, THE_END)
    above = [pk for pk, is_standing in path[:at] if is_standing]
    below = [pk for pk, is_standing in path[at + 1 :] if is_standing]
    here = [marked] if path[at][1] else []
    if window.before:
        return above[-WINDOW:], len(above) > WINDOW, bool(here or below)
    if window.after:
        return below[:WINDOW], bool(above or here), len(below) > WINDOW
    half = WINDOW // 2
    return [*above[-half:], *here, *below[:half]], len(above) > half, len(below) > half
