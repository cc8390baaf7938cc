"""A stream of JSON cut into the conversations it holds, without reading any: memory does not grow with the file.

Strings are skipped by one regular expression, and brackets counted. So the place of a fault is known to the byte, a bad
conversation spoils nothing but itself, and what is nested without end is refused before any parser sees it. (A
streaming parser that names the path of each value needs memory in the square of the depth.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _

from conversations.imports.cleaning import DEEPEST
from conversations.imports.values import NotReadable

CHUNK = 512 * 1024  # bytes
LARGEST = 64 * 1024 * 1024  # bytes of one conversation
# All that stands before the next bracket outside of a string, and the bracket.
TO_BRACKET = re.compile(
    rb'[^"\[\]{}]*+(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"[^"\[\]{}]*+)*+([\[\]{}])', re.DOTALL
)
# The same, over flat lists and objects as well, which are most of what is nested: within an item they change nothing.
# At most so many, so that what has been looked at is not looked at again when the stream goes on.
STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
FLAT = rb'[\[{](?:[^"\[\]{}]++|' + STRING + rb")*+[\]}]"
TO_NESTED_BRACKET = re.compile(
    rb'(?:[^"\[\]{}]++|' + STRING + rb"|" + FLAT + rb"){0,500}+([\[\]{}])", re.DOTALL
)
OPENS_LIST = re.compile(rb'"conversations"\s*:\s*\[\Z')
OPENING = b"[{"


class Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Item:
    """The bytes of one value, and where it begins in the stream."""

    raw: bytes
    offset: int


class Splitter:
    """Yields the items of a top-level list, of the list called "conversations" in a top-level object, or else each
    top-level value: one object, or one a line. Raises NotReadable at the first place that cannot be read.
    """

    def __init__(self, source: Stream) -> None:
        self.source = source
        self.head = b""  # what an object says before its list begins
        self.base = 0  # where `data` begins in the stream
        self.data = b""
        self.depth = 0
        self.level = 0  # the depth at which items stand; -1 behind the list
        self.start: int | None = None  # of the item that is being read, in the stream

    def __iter__(self) -> Iterator[Item]:
        at = 0
        while chunk := self.source.read(CHUNK):
            keep = at if self.start is None else self.start - self.base
            self.data, self.base, at = self.data[keep:] + chunk, self.base + keep, at - keep
            if self.base == 0 and self.data.lstrip()[:1] not in (b"[", b"{", b""):
                raise NotReadable(_("This is not JSON."))
            at = self._through_item(at)
            while match := TO_BRACKET.match(self.data, at):
                begun, at = at, match.end()
                if (item := self._bracket(match[1], begun, at)) is not None:
                    yield item
                at = self._through_item(at)
            if len(self.data) > LARGEST:
                raise NotReadable(
                    _("What begins at byte %d is larger than can be read.") % self.base
                )
        self._check_end(at)

    def _through_item(self, at: int) -> int:
        """To where an item is about to end, or the data: what is nested in it is only counted."""
        if self.start is None:
            return at
        # An object at the top may be the one around the list: what stands in itself is looked at.
        data, depth, least = self.data, self.depth, max(2, self.level + 1)
        while least <= depth < DEEPEST and (match := TO_NESTED_BRACKET.match(data, at)):
            if match[1] in OPENING:
                depth += 1
            elif depth == least:
                break
            else:
                depth -= 1
            at = match.end()
        self.depth = depth
        return at

    def _bracket(self, bracket: bytes, begun: int, end: int) -> Item | None:
        """`begun` and `end` stand in `data`: behind the bracket before, and behind this one."""
        if bracket in OPENING:
            self._open(bracket, begun, end)
            return None
        self.depth -= 1
        if self.depth < 0:
            raise NotReadable(
                _("This is not JSON: it goes wrong at byte %d.") % (self.base + end - 1)
            )
        if self.depth < self.level:
            self.level = 0 if self.level == 1 else -1
        elif self.start is not None and self.depth == self.level:
            start, self.start = self.start, None
            return Item(self.data[start - self.base : end], start)
        return None

    def _open(self, bracket: bytes, begun: int, end: int) -> None:
        if self.start is None and self.depth == self.level:
            if bracket == b"[" and self.depth == 0:
                self.level = 1
            else:
                self.start = self.base + end - 1
        elif self.depth == 1 and self.level == 0 and OPENS_LIST.search(self.data, begun, end):
            assert self.start is not None
            self.head = self.data[self.start - self.base : end]
            self.level, self.start = 2, None
        self.depth += 1
        if self.depth > DEEPEST:
            raise NotReadable(
                _("What stands before byte %d is nested too deep.") % (self.base + end)
            )

    def _check_end(self, at: int) -> None:
        end = self.base + len(self.data)
        if self.depth > 0:
            raise NotReadable(_("It breaks off at byte %d, before its end.") % end)
        if end == 0 or self.data[at:].strip():
            raise NotReadable(_("There is no JSON in it.") if end == 0 else _("This is not JSON."))
