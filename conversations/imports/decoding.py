"""JSON text to Python objects, however deep it is nested."""

from __future__ import annotations

import io
import json
from typing import Any

import ijson
from django.utils.translation import gettext as _

from conversations.imports.values import NotReadable

LONGEST_NUMBER = 400  # digits
MOST_VALUES = 3_000_000


def decode(raw: bytes) -> Any:
    """Raises NotReadable with the place in it, counted from 0."""
    # A list of nothing takes thirty times in memory what it takes in text: 64 MB of them would take all that there is.
    if sum(raw.count(mark) for mark in (b",", b"[", b"{")) > MOST_VALUES:
        raise NotReadable(_("It holds more values than can be read."))
    try:
        return json.loads(raw, parse_int=_whole, parse_constant=lambda name: None)
    except RecursionError:
        return _decode_deep(raw)
    except json.JSONDecodeError as error:
        raise NotReadable(
            _("This is not JSON: it goes wrong at byte %d of it.") % error.pos
        ) from error
    except ValueError as error:
        raise NotReadable(_("There is text in it that cannot be read.")) from error


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) < LONGEST_NUMBER else 0


def _decode_deep(raw: bytes) -> Any:
    """By events, with a stack: answers that are nested in their questions would end Python's own."""
    top: list[Any] = []
    stack: list[Any] = [top]
    key = ""
    try:
        for event, value in ijson.basic_parse(io.BytesIO(raw), use_float=True):
            if event == "map_key":
                key = value
            elif event in {"end_map", "end_array"}:
                stack.pop()
            else:
                new: Any = {"start_map": dict, "start_array": list}.get(event, lambda v=value: v)()
                here = stack[-1]
                if isinstance(here, dict):
                    here[key] = new
                else:
                    here.append(new)
                if event in {"start_map", "start_array"}:
                    stack.append(new)
    except (ijson.JSONError, ValueError) as error:
        raise NotReadable(_("This is not JSON: it goes wrong somewhere in it.")) from error
    return top[0]
