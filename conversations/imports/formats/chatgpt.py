"""ChatGPT's official export, and what the chatgpt-exporter userscript writes: a `mapping` of nodes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from conversations.imports.embedded import POINTER
from conversations.imports.taking import (
    attachment,
    citation,
    dict_of,
    fenced,
    id_of,
    list_of,
    text_of,
    unknown,
)
from conversations.imports.times import seconds
from conversations.imports.values import Circumstances, ImportedConversation, ImportedMessage

NAME, TITLE = "chatgpt", "ChatGPT"
MARKS = ("mapping", "current_node", "default_model_slug", "conversation_template_id")
# Around what stands for a citation in the text: private-use characters that no font has.
CITED = re.compile("\ue200[^\ue201]*\ue201|[\ue200-\ue206]")


def recognises(item: dict[str, Any]) -> bool:
    return any(mark in item for mark in MARKS) and "chat_messages" not in item


def identify(item: dict[str, Any]) -> str:
    return id_of(item.get("conversation_id")) or id_of(item.get("id"))


def read(item: dict[str, Any], circumstances: Circumstances) -> ImportedConversation:
    model = text_of(item.get("default_model_slug"))
    return ImportedConversation(
        id=identify(item),
        title=text_of(item.get("title")),
        created_at=seconds(item.get("create_time")),
        updated_at=seconds(item.get("update_time")),
        is_pinned=bool(item.get("is_starred") or item.get("pinned_time")),
        is_archived=item.get("is_archived") is True,
        current=id_of(item.get("current_node")) or None,
        messages=[
            _message(str(key), dict_of(node), model)
            for key, node in dict_of(item.get("mapping")).items()
        ],
    )


def _message(key: str, node: dict[str, Any], default_model: str) -> ImportedMessage:
    parent = id_of(node.get("parent")) or None
    message = dict_of(node.get("message"))
    found = ImportedMessage(key, parent)
    if not message:
        return found
    metadata, author = dict_of(message.get("metadata")), dict_of(message.get("author"))
    role = text_of(author.get("role"))
    found.role = {"function": "tool"}.get(role, role) or "user"
    found.created_at = seconds(message.get("create_time"))
    found.is_hidden = _is_hidden(message, metadata)
    if found.role == "assistant":
        found.model = text_of(metadata.get("model_slug")) or default_model
    _add_content(found, dict_of(message.get("content")), message)
    _add_metadata(found, metadata)
    if message.get("status") == "in_progress":
        found.parts.append({"type": "incomplete"})
    if found.says_nothing:
        found.role = ""  # the empty messages that hold the place of a system prompt
    return found


def _is_hidden(message: dict[str, Any], metadata: dict[str, Any]) -> bool:
    return bool(
        message.get("weight") == 0
        or metadata.get("is_visually_hidden_from_conversation")
        or metadata.get("is_user_system_message")
    )


def _add_content(found: ImportedMessage, content: dict[str, Any], message: dict[str, Any]) -> None:
    kind = text_of(content.get("content_type"))
    add = CONTENT.get(kind)
    if add is not None:
        add(found, content)
    elif content:
        found.parts.append(unknown(content, kind))
    name = text_of(dict_of(message.get("author")).get("name"))
    recipient = text_of(message.get("recipient")) or "all"
    if found.role == "assistant" and recipient != "all" and found.text:
        found.parts.insert(0, {"type": "tool_call", "name": recipient, "text": found.text})
        found.text = ""
    elif found.role == "tool" and found.text:
        found.parts.insert(0, {"type": "tool_output", "name": name, "text": found.text})
        found.text = ""
    elif kind == "code" and found.text:
        found.text = fenced(found.text, text_of(content.get("language")))


def _add_text(found: ImportedMessage, content: dict[str, Any]) -> None:
    parts = content.get("parts")
    if not isinstance(parts, list):
        parts = [content.get("text")]
    texts = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        elif part is not None:
            _add_part(found, dict_of(part), texts, part)
    found.text = "\n".join(text for text in texts if text)


def _add_part(found: ImportedMessage, part: dict[str, Any], texts: list[str], raw: Any) -> None:
    kind = text_of(part.get("content_type"))
    if kind == "audio_transcription":
        texts.append(text_of(part.get("text")))
    elif kind == "image_asset_pointer":
        drawn = dict_of(dict_of(part.get("metadata")).get("dalle"))
        name = text_of(drawn.get("prompt")) or _tail(part.get("asset_pointer"))
        pointer = part.get("asset_pointer")
        found.parts.append(attachment(name, "image/*", part.get("size_bytes"), "image", pointer))
    elif "asset_pointer" in kind:
        pointer = part.get("audio_asset_pointer")
        pointer = pointer if isinstance(pointer, str) else dict_of(pointer).get("asset_pointer")
        pointer = pointer or part.get("asset_pointer")
        size, name = part.get("size_bytes"), _tail(pointer)
        found.parts.append(attachment(name, "audio/*", size, "audio", pointer))
    elif kind == "text" or (not kind and isinstance(part.get("text"), str)):
        texts.append(text_of(part.get("text")))
    else:
        found.parts.append(unknown(raw, kind))


def _tail(pointer: Any) -> str:
    """The name in a pointer; one that holds the file itself has none."""
    pointer = text_of(pointer)
    return "" if pointer.startswith(("data:", POINTER)) else pointer.rpartition("/")[2]


def _add_plain(found: ImportedMessage, content: dict[str, Any]) -> None:
    found.text = text_of(content.get("text"))


def _add_thoughts(found: ImportedMessage, content: dict[str, Any]) -> None:
    thoughts = []
    for thought in map(dict_of, list_of(content.get("thoughts"))):
        summary, said = text_of(thought.get("summary")), text_of(thought.get("content"))
        thoughts.append("\n".join(each for each in (summary, said) if each))
    found.reasoning = "\n\n".join(each for each in thoughts if each)


def _add_recap(found: ImportedMessage, content: dict[str, Any]) -> None:
    found.parts.append({"type": "duration", "text": text_of(content.get("content"))})


def _add_quote(found: ImportedMessage, content: dict[str, Any]) -> None:
    said = content.get("text") or content.get("snippet")
    found.parts.append(citation(content.get("url"), content.get("title"), said))


def _add_browsing(found: ImportedMessage, content: dict[str, Any]) -> None:
    found.text = text_of(content.get("result")) or text_of(content.get("summary"))


def _add_error(found: ImportedMessage, content: dict[str, Any]) -> None:
    said = f"{text_of(content.get('name'))}: {text_of(content.get('text'))}".strip(": ")
    found.parts.append({"type": "error", "text": said})


def _add_own_words(found: ImportedMessage, content: dict[str, Any]) -> None:
    """What the member told ChatGPT about themselves, which it sent along."""
    told = (text_of(content.get(name)) for name in ("user_profile", "user_instructions"))
    found.role, found.is_hidden = "system", True
    found.text = "\n\n".join(each for each in told if each)


def _add_memory(found: ImportedMessage, content: dict[str, Any]) -> None:
    found.role, found.is_hidden = "system", True
    found.text = text_of(content.get("model_set_context"))


CONTENT: dict[str, Callable[[ImportedMessage, dict[str, Any]], None]] = {
    "text": _add_text,
    "multimodal_text": _add_text,
    "code": _add_plain,
    "execution_output": _add_plain,
    "tether_browsing_code": _add_plain,
    "thoughts": _add_thoughts,
    "reasoning_recap": _add_recap,
    "tether_quote": _add_quote,
    "sonic_webpage": _add_quote,
    "tether_browsing_display": _add_browsing,
    "system_error": _add_error,
    "user_editable_context": _add_own_words,
    "model_editable_context": _add_memory,
}


def _add_metadata(found: ImportedMessage, metadata: dict[str, Any]) -> None:
    for each in map(dict_of, list_of(metadata.get("attachments"))):
        _add_attachment(found, each)
    for each in map(dict_of, list_of(metadata.get("citations"))):
        of = dict_of(each.get("metadata"))
        if of.get("url"):
            found.parts.append(citation(of.get("url"), of.get("title"), of.get("text")))
    for reference in map(dict_of, list_of(metadata.get("content_references"))):
        _add_reference(found, reference)
    if not found.text.isascii():
        found.text = CITED.sub("", found.text)
    result = dict_of(metadata.get("aggregate_result"))
    for each in map(dict_of, list_of(result.get("messages"))):
        if each.get("message_type") == "image":
            pointer = each.get("image_url")
            found.parts.append(attachment(_tail(pointer), "image/*", None, "image", pointer))


def _add_attachment(found: ImportedMessage, each: dict[str, Any]) -> None:
    """A picture that somebody sent stands in the content, too; there it has no name."""
    key, name = id_of(each.get("id")), text_of(each.get("name"))
    for part in found.parts:
        if key and part["type"] == "attachment" and _tail(part["pointer"]) == key:
            part["name"] = name or part["name"]
            return
    found.parts.append(attachment(name, each.get("mime_type"), each.get("size"), "file", key))


def _add_reference(found: ImportedMessage, reference: dict[str, Any]) -> None:
    cited = text_of(reference.get("matched_text"))
    if cited and cited != " " and cited in found.text:
        found.text = found.text.replace(cited, text_of(reference.get("alt")))
    known = {part.get("url") for part in found.parts if part["type"] == "citation"}
    for name in ("items", "sources", "fallback_items"):
        for each in map(dict_of, list_of(reference.get(name))):
            if text_of(each.get("url")) and each["url"] not in known:
                known.add(each["url"])
                found.parts.append(citation(each["url"], each.get("title")))
