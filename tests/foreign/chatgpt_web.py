"""What chatgpt-web's “Export” saves, taken from its page."""

from __future__ import annotations

from typing import Any


def said(
    text: str, *, by_user: bool, at: str = "11/22/2026, 7:48:31 PM", **more: Any
) -> dict[str, Any]:
    item: dict[str, Any] = {"dateTime": at, "text": text, "inversion": by_user, "error": False}
    if by_user:
        item |= {"conversationOptions": None}
    else:
        item |= {"loading": False, "conversationOptions": {"parentMessageId": f"chatcmpl-{text}"}}
    return item | {"requestOptions": {"prompt": text, "options": None}} | more


def store(
    *conversations: tuple[int, str, list[dict[str, Any]]], envelope: bool = True, **more: Any
) -> Any:
    data = {
        "active": 1002,
        "usingContext": True,
        "history": [{"uuid": u, "title": t, "isEdit": False} | more for u, t, _ in conversations],
        "chat": [{"uuid": u, "data": items} for u, _, items in reversed(conversations)],
    }
    return {"data": data, "expire": None} if envelope else data


def hello(uuid: int = 1002, title: str = "hello") -> tuple[int, str, list[dict[str, Any]]]:
    return (
        uuid,
        title,
        [
            said("hello", by_user=True),
            said("Hi! How can I help?", by_user=False, at="11/22/2026, 7:48:32 PM"),
            said("second", by_user=True, at="11/22/2026, 7:48:40 PM"),
            said("...", by_user=False, at="11/22/2026, 7:48:41 PM"),
        ],
    )
