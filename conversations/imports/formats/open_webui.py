"""Open WebUI: messages by id in `chat.history`, or, in old files, the chat object alone or a list of messages."""

from __future__ import annotations

import html
import re
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

NAME, TITLE = "open-webui", "Open WebUI"
# What older versions wrote into the text itself.
FOLDED = re.compile(
    r'<details\s+type="(reasoning|tool_calls|code_interpreter)"([^>]*)>\s*(?:<summary>.*?</summary>)?(.*?)</details>\s*',
    re.DOTALL,
)
ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
QUOTED = re.compile(r"^> ?", re.MULTILINE)


def recognises(item: dict[str, Any]) -> bool:
    chat = _chat(item)
    return isinstance(dict_of(chat.get("history")).get("messages"), dict) or (
        "chat" in item and isinstance(item["chat"], dict)
    )


def identify(item: dict[str, Any]) -> str:
    return id_of(item.get("id")) or id_of(_chat(item).get("id"))


def read(item: dict[str, Any], circumstances: Circumstances) -> ImportedConversation:
    chat = _chat(item)
    history = dict_of(chat.get("history"))
    found = ImportedConversation(
        id=identify(item),
        title=text_of(item.get("title")) or text_of(chat.get("title")),
        created_at=seconds(item.get("created_at")) or seconds(chat.get("timestamp")),
        updated_at=seconds(item.get("updated_at")),
        is_pinned=item.get("pinned") is True,
        is_archived=item.get("archived") is True,
        current=id_of(history.get("currentId")) or id_of(item.get("current_message_id")) or None,
        settings=_settings(chat),
    )
    tree = dict_of(history.get("messages"))
    if tree:
        found.messages = [_message(str(key), dict_of(each)) for key, each in tree.items()]
        return found
    previous = ""
    for each in map(dict_of, list_of(chat.get("messages"))):
        key = id_of(each.get("id")) or chained(previous, each.get("role"), each.get("content"))
        message = _message(key, each)
        message.parent = previous or None
        found.messages.append(message)
        previous = key
    return found


def _chat(item: dict[str, Any]) -> dict[str, Any]:
    return item["chat"] if isinstance(item.get("chat"), dict) else item


def _settings(chat: dict[str, Any]) -> dict[str, Any]:
    given = dict_of(chat.get("params"))
    names = {
        "system": "system_prompt",
        "temperature": "temperature",
        "top_p": "top_p",
        "max_tokens": "longest_answer",
    }
    return {ours: given[name] for name, ours in names.items() if given.get(name) is not None}


def _message(key: str, each: dict[str, Any]) -> ImportedMessage:
    role = text_of(each.get("role")) or "user"
    found = ImportedMessage(
        id=key,
        parent=id_of(each.get("parentId")) or None,
        role=role,
        created_at=seconds(each.get("timestamp")),
        model=_model(each) if role == "assistant" else "",
    )
    _add_content(found, each.get("content"))
    _add_output(found, list_of(each.get("output")))
    for file in map(dict_of, list_of(each.get("files"))):
        inner = dict_of(file.get("file"))
        name = file.get("name") or inner.get("filename")
        kind = file.get("content_type") or {"image": "image/*"}.get(text_of(file.get("type")))
        pointer = file.get("url") or file.get("id") or inner.get("id")
        found.parts.append(attachment(name, kind, file.get("size"), "file", pointer))
    for source in map(dict_of, list_of(each.get("sources")) or list_of(each.get("citations"))):
        _add_source(found, source)
    if each.get("error"):
        said = each["error"]
        said = dict_of(said).get("content") or dict_of(said).get("message") or said
        found.parts.append({"type": "error", "text": said if isinstance(said, str) else ""})
    if role == "assistant" and each.get("done") is False:
        found.parts.append({"type": "incomplete"})
    return found


def _model(each: dict[str, Any]) -> str:
    return text_of(each.get("modelName")) or text_of(each.get("model"))


def _add_content(found: ImportedMessage, content: Any) -> None:
    if isinstance(content, list):  # as OpenAI has it
        texts = []
        for part in map(dict_of, content):
            if isinstance(part.get("text"), str):
                texts.append(part["text"])
            elif part.get("type") == "image_url":
                pointer = dict_of(part.get("image_url")).get("url")
                found.parts.append(attachment("", "image/*", None, "image", pointer))
            else:
                found.parts.append(unknown(part, text_of(part.get("type"))))
        content = "\n".join(texts)
    text = text_of(content)
    if found.role == "assistant" and "<details" in text:
        text = FOLDED.sub(lambda match: _unfold(found, match), text).strip()
    found.text = text


def _unfold(found: ImportedMessage, match: re.Match[str]) -> str:
    kind, said = match[1], html.unescape(match[3]).strip()
    attributes = {name: html.unescape(value) for name, value in ATTRIBUTE.findall(match[2])}
    if kind == "reasoning":
        thought = QUOTED.sub("", said)
        found.reasoning = "\n\n".join(each for each in (found.reasoning, thought) if each)
        return ""
    name = attributes.get("name", kind)
    asked, answered = attributes.get("arguments", ""), attributes.get("result", "")
    found.parts.append({"type": "tool_call", "name": name, "text": asked or said})
    if answered or attributes.get("output"):
        text = answered or attributes["output"]
        found.parts.append({"type": "tool_output", "name": name, "text": text})
    return ""


def _add_output(found: ImportedMessage, output: list[Any]) -> None:
    """Newer versions keep what the model did as a list, and its text besides."""
    texts = []
    for each in map(dict_of, output):
        kind = text_of(each.get("type"))
        if kind == "message":
            texts.append(_text_in(each))
        elif kind == "reasoning":
            thought = _text_in(each) or _text_in({"content": each.get("summary")})
            if thought and thought not in found.reasoning:
                found.reasoning = "\n\n".join(x for x in (found.reasoning, thought) if x)
        elif each:
            found.parts += _done(each, kind)
    if not found.text:
        found.text = "\n\n".join(text for text in texts if text)


def _done(each: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """What a tool was asked, and what it said."""
    output = each.get("output")
    said = output if isinstance(output, str) else _text_in({"content": output})
    if kind == "function_call_output":
        return [{"type": "tool_output", "name": "", "text": said}]
    if kind not in {"function_call", "open_webui:code_interpreter"}:
        return [unknown(each, kind)]
    name = text_of(each.get("name")) or "code_interpreter"
    asked = text_of(each.get("arguments")) or text_of(each.get("code"))
    parts = [{"type": "tool_call", "name": name, "text": asked}]
    if said:
        parts.append({"type": "tool_output", "name": name, "text": said})
    return parts


def _text_in(each: dict[str, Any]) -> str:
    content = each.get("content")
    if isinstance(content, str):
        return content
    return "\n".join(text_of(part.get("text")) for part in map(dict_of, list_of(content)))


def _add_source(found: ImportedMessage, source: dict[str, Any]) -> None:
    about = dict_of(source.get("source"))
    documents = list_of(source.get("document"))
    for number, data in enumerate(map(dict_of, list_of(source.get("metadata"))) or [{}]):
        url = data.get("source") or about.get("url")
        said = documents[number] if number < len(documents) else ""
        found.parts.append(citation(url, data.get("title") or about.get("name"), said))
