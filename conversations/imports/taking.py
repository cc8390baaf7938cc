"""Taking values out of foreign objects, where anything may be missing or be something else."""

from __future__ import annotations

import hashlib
import json
from typing import Any

LONGEST_PART = 200_000  # characters of raw JSON that are shown


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else ""


def dict_of(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def id_of(value: Any) -> str:
    """An id as a text; empty for none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)[:500]


def unknown(value: Any, name: str = "") -> dict[str, Any]:
    """A part that nobody knows, as raw JSON."""
    try:
        raw = json.dumps(value, ensure_ascii=False, indent=1, default=str)
    except (RecursionError, ValueError):
        raw = "…"
    return {"type": "unknown", "name": text_of(name)[:200], "raw": raw[:LONGEST_PART]}


def attachment(
    name: Any, media_type: Any = "", size: Any = None, kind: str = "file", pointer: Any = ""
) -> dict[str, Any]:
    """What is known of a file. `pointer` is what its conversation calls it; whether there is such a file shows later
    (attaching.py).
    """
    is_size = isinstance(size, int | float) and not isinstance(size, bool) and 0 <= size < 2**53
    return {
        "type": "attachment",
        "name": (text_of(name) or kind)[:300],
        "media_type": text_of(media_type)[:100],
        "size": int(size) if is_size else None,
        "pointer": text_of(pointer)[:500],
    }


def citation(url: Any, title: Any, text: Any = "") -> dict[str, Any]:
    return {
        "type": "citation",
        "url": text_of(url)[:2000],
        "title": text_of(title)[:500] or text_of(url)[:500],
        "text": text_of(text)[:2000],
    }


def fenced(code: str, language: str = "") -> str:
    """As a block of Markdown whose fence is longer than any within."""
    fence = "```"
    while fence in code:
        fence += "`"
    language = language if language.isalnum() and language != "unknown" else ""
    return f"{fence}{language}\n{code}\n{fence}"


def chained(previous: str, *values: Any) -> str:
    """An id for a message whose system gave none: of what was said, and of all that was said before it. So the same
    file gives the same ids, one that goes on gives them to what it has in common, and an answer that was given anew
    becomes another version.
    """
    said = json.dumps([previous, *values], default=str)
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:32]
