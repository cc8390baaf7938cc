"""Claude's data export: `chat_messages`, by their parents' ids, or, in older files, in a line."""

from __future__ import annotations

from typing import Any

from conversations.imports.taking import (
    attachment,
    chained,
    citation,
    dict_of,
    id_of,
    list_of,
    text_of,
    unknown,
)
from conversations.imports.times import seconds
from conversations.imports.values import Circumstances, ImportedConversation, ImportedMessage

NAME, TITLE = "claude", "Claude"
NO_PARENT = "00000000-0000-4000-8000-000000000000"


def recognises(item: dict[str, Any]) -> bool:
    return "chat_messages" in item


def identify(item: dict[str, Any]) -> str:
    return id_of(item.get("uuid"))


def read(item: dict[str, Any], circumstances: Circumstances) -> ImportedConversation:
    said = [dict_of(each) for each in list_of(item.get("chat_messages"))]
    found = ImportedConversation(
        id=identify(item),
        title=text_of(item.get("name")),
        created_at=seconds(item.get("created_at")),
        updated_at=seconds(item.get("updated_at")),
        is_pinned=item.get("is_starred") is True,
        current=id_of(item.get("current_leaf_message_uuid")) or None,
    )
    has_parents = any("parent_message_uuid" in each for each in said)
    model, previous = text_of(item.get("model")), ""
    for each in said:
        if not each:
            continue
        message = _message(each, previous, model)
        if has_parents:
            parent = id_of(each.get("parent_message_uuid"))
            message.parent = parent if parent and parent != NO_PARENT else None
        found.messages.append(message)
        previous = message.id
    return found


def _message(each: dict[str, Any], previous: str, model: str) -> ImportedMessage:
    is_user = each.get("sender") in {"human", "user"}
    found = ImportedMessage(
        id=id_of(each.get("uuid")) or chained(previous, is_user, each.get("text")),
        parent=previous or None,
        role="user" if is_user else "assistant",
        created_at=seconds(each.get("created_at")),
        model="" if is_user else model,
    )
    _add_content(found, list_of(each.get("content")))
    found.text = found.text or text_of(each.get("text"))
    for file in map(dict_of, list_of(each.get("attachments"))):
        _add_attachment(found, file)
    for file in map(dict_of, [*list_of(each.get("files")), *list_of(each.get("files_v2"))]):
        found.parts.append(attachment(file.get("file_name"), file.get("file_type")))
    return found


def _add_content(found: ImportedMessage, content: list[Any]) -> None:
    texts, thoughts = [], []
    for part in map(dict_of, content):
        kind = text_of(part.get("type"))
        if kind == "text":
            texts.append(text_of(part.get("text")))
            for cited in map(dict_of, list_of(part.get("citations"))):
                about = dict_of(cited.get("details")) or cited
                found.parts.append(citation(about.get("url"), cited.get("title")))
        elif kind == "thinking":
            thoughts.append(text_of(part.get("thinking")))
        elif kind == "tool_use":
            raw = unknown(part.get("input"))["raw"]
            name = text_of(part.get("name"))
            found.parts.append({"type": "tool_call", "name": name, "text": raw})
        elif kind == "tool_result":
            _add_result(found, part)
        elif part:
            found.parts.append(unknown(part, kind))
    found.text = "\n\n".join(text for text in texts if text)
    found.reasoning = "\n\n".join(text for text in thoughts if text)


def _add_result(found: ImportedMessage, part: dict[str, Any]) -> None:
    content = part.get("content")
    if isinstance(content, list):
        content = "\n".join(text_of(dict_of(each).get("text")) for each in content)
    name = text_of(part.get("name"))
    found.parts.append({"type": "tool_output", "name": name, "text": text_of(content)})


def _add_attachment(found: ImportedMessage, file: dict[str, Any]) -> None:
    """The text of a file that was pasted came along, and is part of what was said."""
    name, text = text_of(file.get("file_name")), text_of(file.get("extracted_content"))
    found.parts.append(attachment(name, file.get("file_type"), file.get("file_size")))
    if text:
        found.parts.append({"type": "tool_output", "name": name or "file", "text": text})
