"""Files that stand within the JSON itself, as `data:` URIs: taken out, so that they are kept as files and not as text.

Only where a format puts files, under one of KEYS: what somebody wrote stays what they wrote.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Any

KEYS = frozenset({"asset_pointer", "url", "image_url", "images", "filepath", "data"})
DATA = re.compile(r"data:([\w.+-]+/[\w.+-]+)?(?:;[\w=.+-]+)*;base64,")
POINTER = "sha256:"


def take_out(item: Any) -> dict[str, bytes]:
    """Replaces each in place by a pointer; returns what they point to. With a stack, as some exports nest deep."""
    found: dict[str, bytes] = {}
    stack: list[tuple[Any, bool]] = [(item, False)]
    while stack:
        here, holds_files = stack.pop()
        places = here.items() if isinstance(here, dict) else enumerate(here)
        for place, value in list(places):
            holds = holds_files if isinstance(here, list) else place in KEYS
            if isinstance(value, dict | list):
                stack.append((value, holds))
            elif holds and isinstance(value, str) and value.startswith("data:"):
                here[place] = _pointer(value, found)
    return found


def _pointer(value: str, found: dict[str, bytes]) -> str:
    head = DATA.match(value[:200])
    if head is None:
        return value
    try:
        file = base64.b64decode(value[head.end() :])
    except (binascii.Error, ValueError):
        return value
    pointer = POINTER + hashlib.sha256(file).hexdigest()
    found[pointer] = file
    return pointer
