"""Values as a JSON list, written one after another."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any


def dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def listed(values: Iterable[Any]) -> Iterator[str]:
    separator = "["
    for value in values:
        yield f"{separator}\n{dumped(value)}"
        separator = ","
    yield "\n]" if separator == "," else "[]"
