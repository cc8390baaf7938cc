"""One export of each format, with what somebody who reads it by eye would count and see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.foreign import chatgpt, chatgpt_web


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
}
