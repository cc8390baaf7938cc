"""`conversations.json` as ChatGPT's own export has it, which most other systems read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from conversations.exports.formats.json_list import listed
from conversations.exports.plain import Plain

NAME, SUFFIX, MEDIA_TYPE = "chatgpt", "json", "application/json"
ROOT = "client-created-root"


def write(conversations: Iterator[Plain]) -> Iterator[str]:
    yield from listed(map(_conversation, conversations))
    yield "\n"


def _conversation(plain: Plain) -> dict[str, Any]:
    mapping: dict[str, Any] = {ROOT: {"id": ROOT, "message": None, "parent": None, "children": []}}
    ends: dict[str | None, str] = {None: ROOT}  # the last node of each message
    for message in plain["messages"]:
        above = ends[message["parent"]]
        for node in _nodes(message):
            node["parent"] = above
            mapping[above]["children"].append(node["id"])
            mapping[node["id"]] = node
            above = node["id"]
        ends[message["id"]] = above
    return {
        "id": plain["id"],
        "conversation_id": plain["id"],
        "title": plain["title"],
        "create_time": _seconds(plain["created_at"]),
        "update_time": _seconds(plain["updated_at"]),
        "mapping": mapping,
        "current_node": ends.get(plain["current"], ROOT),
        "default_model_slug": None,
        "is_archived": plain["archived"],
        "is_starred": plain["pinned"] or None,
    }


def _nodes(message: Plain) -> Iterator[dict[str, Any]]:
    """One for each thing that has a kind of content of its own there; the message itself is the last."""
    if message["reasoning"]:
        thought = {"summary": "", "content": message["reasoning"], "chunks": [], "finished": True}
        content = {"content_type": "thoughts", "thoughts": [thought]}
        yield _node(message, content, suffix="-thoughts")
    for number, part in enumerate(message["parts"]):
        if part["type"] == "tool_call":
            content = {"content_type": "code", "language": "unknown", "text": part["text"]}
            yield _node(message, content, suffix=f"-{number}", recipient=part["name"] or "tool")
        elif part["type"] == "tool_output":
            content = {"content_type": "execution_output", "text": part["text"]}
            node = _node(message, content, suffix=f"-{number}")
            node["message"]["author"] |= {"role": "tool", "name": part["name"]}
            yield node
    yield _node(message, _content(message))


def _content(message: Plain) -> dict[str, Any]:
    pictures: list[Any] = [
        {
            "content_type": "image_asset_pointer",
            "asset_pointer": f"file-service://{_id(part['digest'])}",
            "size_bytes": part["size"],
            "width": part["width"],
            "height": part["height"],
            "metadata": None,
        }
        for part in message["parts"]
        if part["type"] == "attachment" and part.get("digest") and part.get("width")
    ]
    kind = "multimodal_text" if pictures else "text"
    return {"content_type": kind, "parts": [*pictures, message["text"]]}


def file_name(digest: str, name: str) -> str:
    """A pointer's end, and what the file was called: so they are found there."""
    plain = "".join(each if each.isalnum() or each in "._- " else "_" for each in name[-80:])
    return f"{_id(digest)}-{plain or 'file'}"


def _id(digest: str) -> str:
    return f"file-{digest[:24]}"


def _node(
    message: Plain, content: dict[str, Any], *, suffix: str = "", recipient: str = "all"
) -> dict[str, Any]:
    metadata: dict[str, Any] = {"model_slug": message["model"]} if message["model"] else {}
    if message["hidden"]:
        metadata["is_visually_hidden_from_conversation"] = True
    if not suffix:
        metadata |= _beside(message["parts"])
    is_broken = {"type": "incomplete"} in message["parts"] and not suffix
    key = f"{message['id']}{suffix}"
    return {
        "id": key,
        "children": [],
        "message": {
            "id": key,
            "author": {"role": message["role"], "name": None, "metadata": {}},
            "create_time": _seconds(message["created_at"]),
            "update_time": None,
            "content": content,
            "status": "in_progress" if is_broken else "finished_successfully",
            "end_turn": None,
            "weight": 0.0 if message["hidden"] else 1.0,
            "recipient": recipient,
            "channel": None,
            "metadata": metadata,
        },
    }


def _beside(parts: list[dict[str, Any]]) -> dict[str, Any]:
    files = [
        ({"id": _id(each["digest"])} if each.get("digest") else {})
        | {"name": each["name"], "mime_type": each["media_type"], "size": each["size"]}
        for each in parts
        if each["type"] == "attachment"
    ]
    cited = [
        {"metadata": {"type": "webpage"} | {name: each[name] for name in ("url", "title", "text")}}
        for each in parts
        if each["type"] == "citation"
    ]
    return ({"attachments": files} if files else {}) | ({"citations": cited} if cited else {})


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
