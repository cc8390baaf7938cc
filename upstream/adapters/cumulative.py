"""Answers that come whole in every frame, turned into deltas: what was added, or what stands now instead."""

from __future__ import annotations

import json
from collections.abc import Sequence

from upstream.types import Event, TextDelta, TextReplaced

BETWEEN_MESSAGES = "\n\n"


class CumulativeText:
    """The text of an answer that is told anew, from its beginning, with every piece."""

    def __init__(self, before: str = "") -> None:
        """`before` is the beginning of an answer that goes on: some upstreams repeat it, and it is written already."""
        self.message_id = ""
        self._before = before
        self._settled = ""  # of messages before this one
        self._text = ""

    def add(self, added: str) -> Sequence[Event]:
        self._text += added
        return (TextDelta(added),)

    def grow(self, message_id: str, text: str) -> Sequence[Event]:
        """The events that lead from the text so far to `text`; a new message stands below the one before."""
        if self._before and text.startswith(self._before):
            text = text[len(self._before) :]
        if self.message_id and message_id != self.message_id and not text.startswith(self._text):
            self._settled += self._text + BETWEEN_MESSAGES if self._text else ""
            self._text = ""
            begun = (TextDelta(BETWEEN_MESSAGES + text),) if self._settled and text else ()
            self.message_id, self._text = message_id, text
            return begun or ((TextDelta(text),) if text else ())
        self.message_id = message_id
        before, self._text = self._text, text
        if text.startswith(before):
            added = text[len(before) :]
            return (TextDelta(added),) if added else ()
        return (TextReplaced(self._settled + text),)


class Growth:
    """Tells what a frame adds to the frame before it, without reading all of it again.

    Of an answer of n frames, each holding all of it so far, reading each whole costs n². Where a frame is the one
    before with something put in behind the text, only that is read: comparing bytes costs next to nothing.
    """

    def __init__(self) -> None:
        self._head = b""  # up to the end of the text
        self._tail = b""  # from its closing quote on

    def remember(self, data: bytes, text: str) -> None:
        """Take in a frame that was read whole, and whose answer is `text`."""
        self._head = self._tail = b""
        for written in (json.dumps(text), json.dumps(text, ensure_ascii=False)):
            try:
                opened = data.find(b"[" + written.encode())
            except UnicodeEncodeError:
                continue  # half of a surrogate pair, written as it is
            if opened >= 0 and data[:opened].rstrip().endswith(b'"parts":'):
                closed = opened + len(written.encode())  # of its closing quote
                self._head, self._tail = data[:closed], data[closed:]
                return

    def added(self, data: bytes) -> str | None:
        """What `data` adds; None where it is of another shape, and has to be read whole."""
        head, tail = self._head, self._tail
        if not head or not data.endswith(tail) or not data.startswith(head):
            return None
        end = len(data) - len(tail)
        if end < len(head):
            return None
        try:
            added = json.loads(b'"' + data[len(head) : end] + b'"')
        except ValueError:
            return None
        self._head = data[:end]
        return str(added)
