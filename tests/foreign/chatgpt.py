"""ChatGPT's official export."""

from __future__ import annotations

from typing import Any

AT = 1716553000.0


def node(
    key: str,
    parent: str | None,
    role: str = "user",
    text: Any = "Hello",
    *,
    children: tuple[str, ...] = (),
    at: float | None = AT,
    content: dict[str, Any] | None = None,
    **message: Any,
) -> dict[str, Any]:
    metadata = message.pop("metadata", {})
    author = {"role": role, "name": message.pop("name", None), "metadata": {}}
    said = {
        "id": key,
        "author": author,
        "create_time": at,
        "update_time": None,
        "content": content or {"content_type": "text", "parts": [text]},
        "status": "finished_successfully",
        "end_turn": None,
        "weight": 1.0,
        "recipient": "all",
        "channel": None,
        "metadata": metadata,
    } | message
    return {"id": key, "parent": parent, "children": list(children), "message": said}


def conversation(
    pk: str, nodes: list[dict[str, Any]], current: str | None = None, **more: Any
) -> Any:
    return {
        "id": pk,
        "conversation_id": pk,
        "title": "Trip plan",
        "create_time": AT,
        "update_time": AT + 100,
        "mapping": {each["id"]: each for each in nodes},
        "current_node": current,
        "default_model_slug": "gpt-4o",
        "gizmo_id": None,
        "is_archived": False,
        "is_starred": None,
        "moderation_results": [],
        "owner": {"user_id": "user-1"},
    } | more


def root(*children: str) -> dict[str, Any]:
    return {
        "id": "client-created-root",
        "parent": None,
        "children": list(children),
        "message": None,
    }


def branching(pk: str = "6650-trip") -> Any:
    """A question, two answers, one of which was gone on with."""
    top = "client-created-root"
    return conversation(
        pk,
        [
            root("q1"),
            node("q1", top, text="Where to?", children=("a1", "a2"), at=AT + 1),
            node("a1", "q1", "assistant", "To Rome.", at=AT + 2, metadata={"model_slug": "gpt-4o"}),
            node(
                "a2",
                "q1",
                "assistant",
                "To Oslo.",
                children=("q2",),
                at=AT + 3,
                metadata={"model_slug": "o3"},
            ),
            node("q2", "a2", text="And then?", children=("a3",), at=AT + 4),
            node("a3", "q2", "assistant", "Home.", at=AT + 5),
        ],
        current="a3",
    )


def chain(length: int, pk: str = "6650-long") -> Any:
    """A conversation that is nothing but long."""
    nodes = [root("n0")]
    for at in range(length):
        parent = f"n{at - 1}" if at else "client-created-root"
        role = "assistant" if at % 2 else "user"
        nodes.append(node(f"n{at}", parent, role, f"Message {at}", at=AT + at))
    return conversation(pk, nodes, current=f"n{length - 1}")
