"""The branch that a page shows: a window onto the messages from the root to the current leaf, as they stand."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from conversations.message_view import MessageView, view_of
from conversations.models import Conversation
from conversations.path import standing_path_to
from conversations.siblings import siblings_of
from conversations.standing import standings

WINDOW = 50  # messages shown at a time


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
        ids = [pk for pk, is_standing in standing_path_to(leaf, WINDOW + 1) if is_standing]
        return ids[-WINDOW:], len(ids) > WINDOW, False
    path = standing_path_to(leaf)
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
