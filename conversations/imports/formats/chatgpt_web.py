"""chatgpt-web's `chat-store_*.json`, of the original and of its fork: a list of titles beside a list of what was said.

The two are joined by `uuid`. It is the time at which a conversation was begun, or 1002 for the first in any browser: so
what was said first is part of a conversation's identity here.
"""

from __future__ import annotations

from typing import Any

from conversations.imports.embedded import POINTER
from conversations.imports.taking import attachment, chained, dict_of, id_of, list_of, text_of
from conversations.imports.times import local_seconds, seconds
from conversations.imports.values import Circumstances, ImportedConversation, ImportedMessage

NAME, TITLE = "chatgpt-web", "chatgpt-web"
# What stood in an answer that had not begun, in the languages of the original.
THINKING = {
    *(
        "Thinking...",
        "思考中...",
        "思考中",
        "思考中…",
        "생각 중...",
        "Думаю...",
        "Đang suy nghĩ...",
        "Pensando...",
    ),
}


def recognises(item: dict[str, Any]) -> bool:
    return isinstance(item.get("said"), list) and item.get("store") == NAME


def recognises_file(value: Any) -> bool:
    """A whole file, with the envelope of the browser's storage or without it."""
    store = _store(value)
    return store is not None and ("chat" in store or "history" in store)


def conversations_in(value: Any) -> list[dict[str, Any]]:
    """One object for each conversation: what `identify` and `read` take."""
    store = _store(value) or {}
    titles: dict[str, dict[str, Any]] = {}
    for each in map(dict_of, list_of(store.get("history"))):
        titles.setdefault(id_of(each.get("uuid")), each)
    said: dict[str, list[Any]] = {}
    for each in map(dict_of, list_of(store.get("chat"))):
        said.setdefault(id_of(each.get("uuid")), []).extend(list_of(each.get("data")))
    # The newest stands first there; here the oldest is brought in first.
    uuids = [*dict.fromkeys([*titles, *said])][::-1]
    return [
        {"store": NAME, "uuid": uuid, "history": titles.get(uuid, {}), "said": said.get(uuid, [])}
        for uuid in uuids
    ]


def _store(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("chatStorage"), dict | str):  # all of the browser's storage, by hand
        value = value["chatStorage"]
    if isinstance(value, dict) and isinstance(value.get("data"), dict):
        value = value["data"]
    if not isinstance(value, dict):
        return None
    lists = [value.get("chat"), value.get("history")]
    return value if any(isinstance(each, list) for each in lists) or value == {} else None


def identify(item: dict[str, Any]) -> str:
    first = dict_of(next(iter(list_of(item.get("said"))), None))
    return chained(id_of(item.get("uuid")), text_of(first.get("text")), first.get("dateTime"))


def read(item: dict[str, Any], circumstances: Circumstances) -> ImportedConversation:
    about = dict_of(item.get("history"))
    found = ImportedConversation(
        id=identify(item),
        title=text_of(about.get("title")),
        created_at=seconds(_number(item.get("uuid"))),
    )
    if prompt := text_of(about.get("prompt")):
        found.settings["system_prompt"] = prompt
    if about.get("usingContext") is False:
        found.settings["uses_context"] = False
    previous = ""
    for each in map(dict_of, list_of(item.get("said"))):
        message = _message(each, previous, circumstances, text_of(about.get("chatModel")))
        found.messages.append(message)
        previous = message.id
    found.current = previous or None
    return found


def _number(value: Any) -> Any:
    text = id_of(value)
    return int(text) if text.isdecimal() and len(text) < 20 else None


def _message(
    each: dict[str, Any], previous: str, circumstances: Circumstances, model: str
) -> ImportedMessage:
    is_user, text = each.get("inversion") is True, text_of(each.get("text"))
    found = ImportedMessage(
        id=chained(previous, is_user, text, each.get("dateTime")),
        parent=previous or None,
        role="user" if is_user else "assistant",
        text=text,
        created_at=local_seconds(each.get("dateTime"), circumstances.zone),
        model="" if is_user else text_of(each.get("model")) or model,
    )
    if each.get("error") is True:
        found.text = ""
        found.parts.append({"type": "error", "text": text})
    elif not is_user and text.strip() in THINKING:
        found.text = ""
        found.parts.append({"type": "incomplete"})
    elif each.get("loading") is True:
        found.parts.append({"type": "incomplete"})
    for image in list_of(each.get("images")):
        found.parts.append(attachment(_name(image), "image/*", None, "image", image))
    return found


def _name(image: Any) -> str:
    """The end of an address; one that holds the picture itself has none."""
    name = text_of(image)
    return "" if name.startswith(POINTER) else name.rpartition("/")[2]
