"""Open WebUI, LibreChat and Claude, after what their files are known to hold."""

from __future__ import annotations

from typing import Any

AT = 1716553000
ISO = "2024-05-24T12:16:{:02d}.000Z"
ZERO = "00000000-0000-0000-0000-000000000000"
CLAUDES_ZERO = "00000000-0000-4000-8000-000000000000"
# id, parent, who, what: the same story in each format, two answers to one question.
STORY = (
    ("q1", None, "user", "Where to?"),
    ("a1", "q1", "assistant", "To Rome."),
    ("a2", "q1", "assistant", "To Oslo."),
    ("q2", "a2", "user", "And then?"),
    ("a3", "q2", "assistant", "Home."),
)


def line(length: int) -> list[tuple[str, str | None, str, str]]:
    return [
        (
            f"n{at}",
            f"n{at - 1}" if at else None,
            "assistant" if at % 2 else "user",
            f"Message {at}",
        )
        for at in range(length)
    ]


def open_webui(pk: str, story: Any = STORY) -> Any:
    messages = {}
    for number, (key, parent, role, text) in enumerate(story):
        message = {
            "id": key,
            "parentId": parent,
            "childrenIds": [each[0] for each in story if each[1] == key] if len(story) < 50 else [],
            "role": role,
            "content": text,
            "timestamp": AT + number,
        }
        message |= (
            {"models": ["gpt-4o"]}
            if role == "user"
            else {"model": "gpt-4o", "modelName": "GPT-4o", "done": True}
        )
        messages[key] = message
    return {
        "id": pk,
        "user_id": "u-canary",
        "title": f"T {pk}",
        "created_at": AT,
        "updated_at": AT + 100,
        "share_id": None,
        "archived": False,
        "pinned": True,
        "folder_id": None,
        "meta": {"tags": ["work"]},
        "chat": {
            "title": f"T {pk}",
            "models": ["gpt-4o"],
            "params": {"temperature": 0.3},
            "history": {"currentId": story[-1][0], "messages": messages},
            "messages": [],
        },
    }


def _libre_message(each: Any, number: int) -> dict[str, Any]:
    key, parent, role, text = each
    is_user = role == "user"
    return {
        "_id": f"_{key}",
        "messageId": key,
        "parentMessageId": parent or ZERO,
        "conversationId": "c",
        "sender": "User" if is_user else "GPT-4o",
        "isCreatedByUser": is_user,
        "text": text if is_user else "",
        "content": [] if is_user else [{"type": "text", "text": {"value": text}}],
        "model": None if is_user else "gpt-4o",
        "error": False,
        "unfinished": False,
        "createdAt": ISO.format(number % 60),
        "files": [],
        "children": [],
    }


def librechat(pk: str, story: Any = STORY, *, recursive: bool = False) -> Any:
    messages = [_libre_message(each, number) for number, each in enumerate(story)]
    if recursive:
        by_id = {each["messageId"]: each for each in messages}
        for each in messages:
            if each["parentMessageId"] != ZERO:
                by_id[each["parentMessageId"]]["children"].append(each)
        messages = [each for each in messages if each["parentMessageId"] == ZERO]
    return {
        "conversationId": pk,
        "endpoint": "openAI",
        "title": f"T {pk}",
        "exportAt": "14:03:11 GMT+0200 (Central European Summer Time)",
        "branches": True,
        "recursive": recursive,
        "options": {
            "presetId": None,
            "model": "gpt-4o",
            "endpoint": "openAI",
            "promptPrefix": None,
            "temperature": 1,
        },
        "messagesTree" if recursive else "messages": messages,
    }


def nested_json(value: Any) -> bytes:
    """As json.dumps writes it, for a recursive LibreChat that is deeper than Python's own can go."""
    import json

    out = []
    stack: list[Any] = [value]
    while stack:
        here = stack.pop()
        if isinstance(here, str):
            out.append(here)
            continue
        children = here.get("children", here.get("messagesTree"))
        name = "children" if "children" in here else "messagesTree"
        rest = {key: each for key, each in here.items() if key != name}
        out.append(json.dumps(rest)[:-1] + f', "{name}": [')
        stack.append("]}")
        for number, child in enumerate(reversed(children)):
            if number:
                stack.append(",")
            stack.append(child)
    return "".join(out).encode()


def claude(pk: str, story: Any = STORY, *, parents: bool = True) -> Any:
    messages = []
    for number, (key, parent, role, text) in enumerate(story):
        message = {
            "uuid": f"{pk}-{key}",
            "text": "",
            "sender": "human" if role == "user" else "assistant",
            "created_at": ISO.format(number % 60),
            "content": [{"type": "text", "text": text, "citations": []}],
            "attachments": [],
            "files": [],
        }
        if parents:
            message["parent_message_uuid"] = f"{pk}-{parent}" if parent else CLAUDES_ZERO
        messages.append(message)
    return {
        "uuid": pk,
        "name": f"T {pk}",
        "summary": "",
        "created_at": ISO.format(0),
        "updated_at": ISO.format(59),
        "account": {"uuid": "account-canary"},
        "project_uuid": None,
        "current_leaf_message_uuid": f"{pk}-{story[-1][0]}",
        "is_starred": False,
        "model": None,
        "chat_messages": messages,
    }
