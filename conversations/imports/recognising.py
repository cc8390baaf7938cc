"""Which system an object comes from: told by what it holds, never by the name of a file."""

from __future__ import annotations

from typing import Any, Protocol

from conversations.imports.formats import (
    chatgpt,
    chatgpt_web,
    claude,
    librechat,
    open_webui,
    portal,
)
from conversations.imports.values import Circumstances, ImportedConversation


class Format(Protocol):
    """What a module in `formats` has: see docs/adding-an-import-format.md."""

    NAME: str
    TITLE: str

    def recognises(self, item: dict[str, Any]) -> bool: ...

    def identify(self, item: dict[str, Any]) -> str: ...

    def read(self, item: dict[str, Any], circumstances: Circumstances) -> ImportedConversation: ...


# The first that recognises an object reads it.
FORMATS: tuple[Any, ...] = (portal, chatgpt_web, claude, chatgpt, librechat, open_webui)
TITLES = {each.NAME: each.TITLE for each in FORMATS}


def format_of(item: Any) -> Format | None:
    if not isinstance(item, dict):
        return None
    return next((each for each in FORMATS if each.recognises(item)), None)
