"""chatgpt-web's own file, for those who must go back: the current branch of each conversation, which it replaces all of
its own with.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import timezone

from conversations.exports.formats.json_list import dumped, listed
from conversations.exports.plain import Plain, branch_of

NAME, SUFFIX, MEDIA_TYPE = "chatgpt-web", "json", "application/json"


def write(conversations: Iterator[Plain]) -> Iterator[str]:
    titles: list[dict[str, Any]] = []

    def chats() -> Iterator[dict[str, Any]]:
        taken: set[int] = set()
        for plain in conversations:
            number = int(datetime.fromisoformat(plain["created_at"]).timestamp() * 1000)
            while number in taken:
                number += 1
            taken.add(number)
            titles.append({"uuid": number, "title": plain["title"], "isEdit": False})
            yield {"uuid": number, "data": list(_said(plain))}

    yield '{"data":{"chat":'
    yield from listed(chats())
    active = titles[-1]["uuid"] if titles else None
    yield f',"history":{dumped(titles[::-1])},"active":{dumped(active)},"usingContext":true}},"expire":null}}\n'


def _said(plain: Plain) -> Iterator[dict[str, Any]]:
    asked, options = "", None
    for message in branch_of(plain):
        if message["hidden"] or message["role"] not in {"user", "assistant"}:
            continue
        by_user = message["role"] == "user"
        if by_user:
            asked = message["text"]
        errors = [part["text"] for part in message["parts"] if part["type"] == "error"]
        own = None if by_user else {"parentMessageId": message["id"]}
        yield {
            "dateTime": _local(message["created_at"]),
            "text": message["text"] or "\n".join(errors),
            "inversion": by_user,
            "error": bool(errors) and not message["text"],
            "loading": False,
            "conversationOptions": own,
            "requestOptions": {"prompt": asked, "options": options},
        }
        options = own or options


def _local(moment: str) -> str:
    at = timezone.localtime(datetime.fromisoformat(moment))
    return f"{at.year}/{at.month}/{at.day} {at:%H:%M:%S}"
