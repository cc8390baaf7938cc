"""The messages of a foreign conversation as a tree that holds: each behind its parent, none twice, none in a circle."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from conversations.imports.values import ROLES, ImportedConversation, ImportedMessage

TICK = timedelta(microseconds=1)


@dataclass(slots=True)
class Placed:
    """A message with the parent that it has here, and a time that no sibling has: they stand in order of time."""

    message: ImportedMessage
    parent: str | None
    at: datetime


@dataclass(slots=True)
class Tree:
    """`messages` with parents before their children; `current` is one of them, None for an empty tree."""

    messages: list[Placed] = field(default_factory=list)
    current: str | None = None


def plant(conversation: ImportedConversation, *, now: datetime) -> Tree:
    """What hangs on nothing (a parent that is missing, a circle) becomes a root; what was told twice counts once."""
    nodes: dict[str, ImportedMessage] = {}
    for message in conversation.messages:
        if message.role not in ROLES and message.role:
            message.role = "system"
            message.is_hidden = True
        nodes.setdefault(message.id, message)
    order = _in_order(nodes)
    parents: dict[str, str | None] = {}  # the nearest message above, for placeholders too
    tree = Tree()
    used: dict[str | None, set[datetime]] = {}
    start = _moment(conversation.created_at) or _earliest(conversation) or now
    times: dict[str | None, datetime] = {None: start}
    for key, above in order:
        message = nodes[key]
        parent = above if above is None or nodes[above].role else parents[above]
        parents[key] = parent
        if not message.role:
            continue
        at = _moment(message.created_at) or times[parent]
        taken = used.setdefault(parent, set())
        while at in taken:
            at += TICK
        taken.add(at)
        times[key] = at
        tree.messages.append(Placed(message, parent, at))
    tree.current = _current(conversation, nodes, parents, tree)
    return tree


def _in_order(nodes: dict[str, ImportedMessage]) -> list[tuple[str, str | None]]:
    """Every node with its parent, parents first and otherwise as in the file. No recursion: trees are deep."""
    children: dict[str, list[str]] = {}
    roots: list[str] = []
    for key, message in nodes.items():
        if message.parent is None or message.parent not in nodes or message.parent == key:
            roots.append(key)
        else:
            children.setdefault(message.parent, []).append(key)
    order: dict[str, str | None] = {}
    # What is not below a root runs in circles: each is opened at its first message.
    for root in (*roots, *nodes):
        stack: list[tuple[str, str | None]] = [(root, None)]
        while stack:
            key, above = stack.pop()
            if key not in order:
                order[key] = above
                stack += [(child, key) for child in reversed(children.get(key, []))]
    return list(order.items())


def _current(
    conversation: ImportedConversation,
    nodes: dict[str, ImportedMessage],
    parents: dict[str, str | None],
    tree: Tree,
) -> str | None:
    named = conversation.current
    if named in nodes:
        return named if nodes[named].role else parents[named] or _last(tree)
    return _last(tree)


def _last(tree: Tree) -> str | None:
    """The leaf that was said last; of those said at the same time, the deepest."""
    above = {placed.parent for placed in tree.messages}
    depth: dict[str | None, int] = {None: 0}
    best: tuple[datetime, int] | None = None
    found = None
    for placed in tree.messages:
        key = placed.message.id
        depth[key] = depth[placed.parent] + 1
        rank = (placed.at, depth[key])
        if key not in above and (best is None or rank >= best):
            best, found = rank, key
    return found


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _earliest(conversation: ImportedConversation) -> datetime | None:
    times = [each.created_at for each in conversation.messages if each.created_at is not None]
    return _moment(min(times, default=conversation.updated_at))
