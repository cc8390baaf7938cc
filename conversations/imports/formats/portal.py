"""Our own format, version 1 (docs/export.schema.json)."""

from __future__ import annotations

from typing import Any

from conversations.imports.taking import dict_of, id_of, list_of, text_of, unknown
from conversations.imports.times import seconds
from conversations.imports.values import Circumstances, ImportedConversation, ImportedMessage
from conversations.models.prompt_settings import PromptSettings

NAME, TITLE = "portal", "chatportal"
MARKS = {"id", "messages", "current", "settings", "pinned", "archived"}
# What each kind of part is made of; one of another kind is kept as nobody knows it.
PARTS = {
    "tool_call": ("name", "text"),
    "tool_output": ("name", "text"),
    "citation": ("url", "title", "text"),
    "attachment": ("name", "media_type"),
    "duration": ("text",),
    "error": ("text",),
    "incomplete": (),
    "unknown": ("name", "raw"),
}


def recognises(item: dict[str, Any]) -> bool:
    return item.keys() >= MARKS


def identify(item: dict[str, Any]) -> str:
    return id_of(item.get("id"))


def read(item: dict[str, Any], circumstances: Circumstances) -> ImportedConversation:
    given = dict_of(item.get("settings"))
    return ImportedConversation(
        id=identify(item),
        title=text_of(item.get("title")),
        created_at=seconds(item.get("created_at")),
        updated_at=seconds(item.get("updated_at")),
        is_pinned=item.get("pinned") is True,
        is_archived=item.get("archived") is True,
        current=id_of(item.get("current")) or None,
        settings={name: given[name] for name in PromptSettings.NAMES if name in given},
        messages=[
            _message(dict_of(each), number) for number, each in enumerate(list_of(item["messages"]))
        ],
    )


def _message(each: dict[str, Any], number: int) -> ImportedMessage:
    return ImportedMessage(
        id=id_of(each.get("id")) or f"#{number}",
        parent=id_of(each.get("parent")) or None,
        role=text_of(each.get("role")) or "user",
        text=text_of(each.get("text")),
        reasoning=text_of(each.get("reasoning")),
        created_at=seconds(each.get("created_at")),
        model=text_of(each.get("model")),
        is_hidden=each.get("hidden") is True,
        left_out=each.get("left_out") is True,
        ends_context=each.get("ends_context") is True,
        parts=[_part(part) for part in list_of(each.get("parts"))],
    )


def _part(part: Any) -> dict[str, Any]:
    kind = text_of(dict_of(part).get("type"))
    if kind not in PARTS:
        return unknown(part, kind)
    taken: dict[str, Any] = {"type": kind} | {name: text_of(part.get(name)) for name in PARTS[kind]}
    if kind == "attachment":
        size = part.get("size")
        taken["size"] = size if isinstance(size, int) and 0 <= size < 2**53 else None
        if digest := id_of(part.get("digest")):
            taken["pointer"] = f"attachments/{digest}"
    return taken
