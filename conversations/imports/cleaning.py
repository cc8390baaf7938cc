"""A foreign object without what is never kept, and with text that every database can hold.

Keys, tokens, share ids, and the ids of people and folders of the other system are dropped wherever they stand. It is
walked with a stack and not by recursion: some exports nest each answer in its question, thousands deep.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from upstream.scalars import clean_text

SECRETS = frozenset(
    {
        *("access_token", "accesstoken", "refresh_token", "refreshtoken", "session_token"),
        *("sessiontoken", "secret_token", "api_key", "apikey", "openaiapikey", "secret"),
        *("password", "authorization", "cookie"),
    }
)
NEVER_KEPT = SECRETS | {
    *("user_id", "userid", "account", "owner", "share_id", "shareid", "folder_id", "folderid"),
    *("project_uuid", "conversationsignature", "clientid", "ephemeral_id"),
    *("safe_urls", "blocked_urls"),
}
KEY = re.compile(r"\b(?:sk-[A-Za-z0-9_-]{20,}|eyJ[A-Za-z0-9_-]{30,}\.[A-Za-z0-9_-]{30,}\.)")
DEEPEST = 25_000
MOST_HARMLESS = 5_000
_harmless: set[str] = set()  # names that were looked at before, and are kept as they are


@dataclass(slots=True)
class Cleaned:
    """`carries_key` where the object held what opens somebody's account; `changed` where anything was dropped."""

    value: Any
    carries_key: bool = False
    changed: bool = False


def clean(value: Any) -> Cleaned:
    found = Cleaned(None)
    holder: list[Any] = [value]
    stack: list[Any] = [holder]
    while stack:
        here = stack.pop()
        for place, item in _places(here, found):
            kind = type(item)
            if kind is str:
                here[place] = _text(item, found)
            elif kind is dict or kind is list:
                stack.append(item)
            elif kind is float and not math.isfinite(item):
                here[place] = None
                found.changed = True
    found.value = holder[0]
    return found


def _places(here: Any, found: Cleaned) -> Iterable[tuple[Any, Any]]:
    """Each with what stands there; what is put in its place may be so meanwhile."""
    if isinstance(here, list):
        return enumerate(here)
    if not here.keys() <= _harmless:
        _drop(here, found)
    return here.items()


def _drop(here: dict[str, Any], found: Cleaned) -> None:
    """What is never kept; and names are texts as well."""
    for name in [name for name in here if name.lower() in NEVER_KEPT]:
        value = here.pop(name)
        found.changed = True
        if value and name.lower() in SECRETS:
            found.carries_key = True
    for name in [name for name in here if not name.isprintable() or not name.isascii()]:
        here[_text(name, found)] = here.pop(name)
    if len(_harmless) < MOST_HARMLESS:
        _harmless.update(
            name for name in here if len(name) < 40 and name.isprintable() and name.isascii()
        )


def _text(text: str, found: Cleaned) -> str:
    if ("sk-" in text or "eyJ" in text) and KEY.search(text):
        found.carries_key = True
    cleaned = clean_text(text)
    if cleaned is not text and cleaned != text:
        found.changed = True
    return cleaned
