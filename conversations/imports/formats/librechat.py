"""LibreChat: one conversation in a file, its messages in a line, by their parents' ids, or nested in one another."""

from __future__ import annotations

from typing import Any

from conversations.imports.taking import (
    attachment,
    chained,
    dict_of,
    id_of,
    list_of,
    text_of,
    unknown,
)
from conversations.imports.times import seconds
from conversations.imports.values import Circumstances, ImportedConversation, ImportedMessage

NAME, TITLE = "librechat", "LibreChat"
NO_PARENT = "00000000-0000-0000-0000-000000000000"


def recognises(item: dict[str, Any]) -> bool:
    lists = (item.get("messages"), item.get("messagesTree"))
    return "conversationId" in item and any(isinstance(each, list) for each in lists)


def identify(item: dict[str, Any]) -> str:
    return id_of(item.get("conversationId"))


def read(item: dict[str, Any], circumstances: Circumstances) -> ImportedConversation:
    options = dict_of(item.get("options"))
    found = ImportedConversation(
        id=identify(item),
        title=text_of(item.get("title")),
        created_at=seconds(item.get("createdAt")),
        updated_at=seconds(item.get("updatedAt")),
        is_archived=item.get("isArchived") is True,
        settings=_settings(options),
    )
    nested = list_of(item.get("messagesTree")) or list_of(item.get("messages"))
    # With a stack: each answer stands in its question.
    stack: list[tuple[Any, str]] = [(each, "") for each in reversed(nested)]
    is_line = not any(
        "parentMessageId" in each or each.get("children") for each in map(dict_of, nested)
    )
    previous = ""
    while stack:
        each, above = stack.pop()
        each = dict_of(each)
        if not each:
            continue
        message = _message(
            each, above or (previous if is_line else ""), text_of(options.get("model"))
        )
        found.messages.append(message)
        previous = message.id
        stack += [(child, message.id) for child in reversed(list_of(each.get("children")))]
    return found


def _settings(options: dict[str, Any]) -> dict[str, Any]:
    names = {
        "promptPrefix": "system_prompt",
        "temperature": "temperature",
        "top_p": "top_p",
        "max_tokens": "longest_answer",
    }
    return {ours: options[name] for name, ours in names.items() if options.get(name) is not None}


def _message(each: dict[str, Any], above: str, model: str) -> ImportedMessage:
    parent = id_of(each.get("parentMessageId"))
    by_user = each.get("isCreatedByUser")
    is_user = by_user if isinstance(by_user, bool) else text_of(each.get("sender")) == "User"
    found = ImportedMessage(
        id=id_of(each.get("messageId")) or chained(above, is_user, each.get("text")),
        parent=above or (parent if parent != NO_PARENT else "") or None,
        role="user" if is_user else "assistant",
        text=text_of(each.get("text")),
        created_at=seconds(each.get("createdAt")),
        model="" if is_user else text_of(each.get("model")) or model,
    )
    _add_content(found, list_of(each.get("content")))
    for file in map(dict_of, list_of(each.get("files"))):
        name, pointer = file.get("filename"), file.get("filepath")
        found.parts.append(
            attachment(name, file.get("type"), file.get("bytes"), "file", pointer or name)
        )
    if each.get("error") is True:
        found.parts.append({"type": "error", "text": found.text})
        found.text = ""
    if each.get("unfinished") is True:
        found.parts.append({"type": "incomplete"})
    return found


def _add_content(found: ImportedMessage, content: list[Any]) -> None:
    texts, thoughts = [], []
    for part in map(dict_of, content):
        kind = text_of(part.get("type"))
        if kind == "text":
            texts.append(_value(part.get("text")))
        elif kind == "think":
            thoughts.append(_value(part.get("think")))
        elif kind == "tool_call":
            _add_call(found, dict_of(part.get("tool_call")))
        elif kind in {"image_file", "image_url"}:
            image = dict_of(part.get("image_file"))
            given = part.get("image_url")
            pointer = image.get("filepath") or (dict_of(given).get("url") or given)
            name = image.get("filename")
            found.parts.append(attachment(name, "image/*", None, "image", pointer or name))
        elif kind == "error":
            found.parts.append({"type": "error", "text": _value(part.get("error"))})
        elif part:
            found.parts.append(unknown(part, kind))
    found.text = "\n\n".join(text for text in texts if text) or found.text
    found.reasoning = "\n\n".join(text for text in thoughts if text)


def _add_call(found: ImportedMessage, call: dict[str, Any]) -> None:
    function = dict_of(call.get("function"))
    name = text_of(call.get("name")) or text_of(function.get("name")) or text_of(call.get("type"))
    asked = call.get("args") or function.get("arguments")
    text = asked if isinstance(asked, str) else unknown(asked)["raw"]
    found.parts.append({"type": "tool_call", "name": name, "text": text})
    said = text_of(call.get("output")) or text_of(function.get("output"))
    if said:
        found.parts.append({"type": "tool_output", "name": name, "text": said})


def _value(text: Any) -> str:
    return text if isinstance(text, str) else text_of(dict_of(text).get("value"))
