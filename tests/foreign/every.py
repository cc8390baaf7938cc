"""One export of each format, with what somebody who reads it by eye would count and see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.foreign import chatgpt, chatgpt_web, others


@dataclass(frozen=True, slots=True)
class Sample:
    """`whole` makes an export of these conversations; `count` counts them in any export, knowing no importer."""

    whole: Callable[[int], Any]
    count: Callable[[Any], int]
    tree: dict[str, tuple[str, str | None]]
    leaf: str
    deep: Callable[[int], Any]


LINE = {
    "hello": ("user", None),
    "Hi! How can I help?": ("assistant", "hello"),
    "second": ("user", "Hi! How can I help?"),
    "...": ("assistant", "second"),
}
BRANCHES = {
    "Where to?": ("user", None),
    "To Rome.": ("assistant", "Where to?"),
    "To Oslo.": ("assistant", "Where to?"),
    "And then?": ("user", "To Oslo."),
    "Home.": ("assistant", "And then?"),
}


def _stores(count: int) -> Any:
    return chatgpt_web.store(
        *(chatgpt_web.hello(1_716_553_000_000 + at, f"T{at}") for at in range(count))
    )


def _long_store(length: int) -> Any:
    items = [chatgpt_web.said(f"Message {at}", by_user=not at % 2) for at in range(length)]
    return chatgpt_web.store((1002, "long", items))


SAMPLES = {
    "chatgpt": Sample(
        lambda count: [chatgpt.branching(f"c{at}") for at in range(count)],
        len,
        BRANCHES,
        "Home.",
        lambda length: [chatgpt.chain(length)],
    ),
    "chatgpt-web": Sample(
        _stores,
        lambda value: len({each["uuid"] for each in value["data"]["chat"]}),
        LINE,
        "...",
        _long_store,
    ),
    "open-webui": Sample(
        lambda count: [others.open_webui(f"c{at}") for at in range(count)],
        len,
        BRANCHES,
        "Home.",
        lambda length: [others.open_webui("c", others.line(length))],
    ),
    "librechat": Sample(
        lambda count: [others.librechat(f"c{at}") for at in range(count)],
        len,
        BRANCHES,
        "Home.",
        lambda length: others.librechat("c", others.line(length)),
    ),
    "librechat-recursive": Sample(
        lambda count: [others.librechat(f"c{at}", recursive=True) for at in range(count)],
        len,
        BRANCHES,
        "Home.",
        lambda length: others.nested_json(
            others.librechat("c", others.line(length), recursive=True)
        ),
    ),
    "claude": Sample(
        lambda count: [others.claude(f"c{at}") for at in range(count)],
        len,
        BRANCHES,
        "Home.",
        lambda length: [others.claude("c", others.line(length))],
    ),
    "portal": Sample(
        lambda count: {
            "format": "chatportal",
            "version": 1,
            "conversations": [ours(at) for at in range(count)],
        },
        lambda value: len(value["conversations"]),
        BRANCHES,
        "Home.",
        lambda length: {
            "format": "chatportal",
            "version": 1,
            "conversations": [ours(0, others.line(length))],
        },
    ),
}


def ours(number: int, story: Any = others.STORY) -> Any:
    """As docs/export.schema.json has it."""
    messages = [
        {
            "id": f"{number}-{key}",
            "parent": f"{number}-{parent}" if parent else None,
            "role": role,
            "text": text,
            "reasoning": "",
            "created_at": f"2026-03-01T12:00:{at % 60:02d}.{at:06d}+00:00",
            "model": "Small" if role == "assistant" else "",
            "hidden": False,
            "left_out": False,
            "ends_context": False,
            "parts": [],
        }
        for at, (key, parent, role, text) in enumerate(story)
    ]
    return {
        "id": f"c{number}",
        "title": f"T{number}",
        "created_at": "2026-03-01T12:00:00+00:00",
        "updated_at": "2026-03-01T13:00:00+00:00",
        "pinned": False,
        "archived": False,
        "settings": {},
        "current": f"{number}-{story[-1][0]}",
        "messages": messages,
    }
