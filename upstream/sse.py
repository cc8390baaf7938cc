"""Server-sent events, read from bytes.

Lines end at LF, CRLF or CR and nowhere else: U+2028 and U+0085 are text, which a reader of decoded lines gets wrong.
A character split across reads stays whole, because only whole lines are decoded.
Source: https://html.spec.whatwg.org/multipage/server-sent-events.html, "Interpreting an event stream".
"""

from __future__ import annotations

from collections.abc import Iterator

from upstream.errors import Malformed

LONGEST_FRAME = 4 * 1024 * 1024  # bytes; an access-token gateway repeats the whole answer in each


class EventStream:
    """Feed it what was read; it gives the `data` of each event that is complete, as bytes."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, read: bytes) -> Iterator[bytes]:
        """Yield the data of the events that `read` completes. Raises Malformed for a frame beyond LONGEST_FRAME."""
        # A CR at the very end may be half of a CRLF: it stays in the rest.
        buffer = self._rest + read
        if b"\r" in buffer:
            held = buffer.endswith(b"\r")
            buffer = buffer[:-1] if held else buffer
            buffer = buffer.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        else:
            held = False
        *lines, rest = buffer.split(b"\n")
        self._rest = rest + b"\r" if held else rest
        if len(self._rest) + self._size > LONGEST_FRAME:
            raise Malformed(f"A frame of the stream is longer than {LONGEST_FRAME} bytes.")
        for line in lines:
            if not line:
                if self._data:
                    data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
                    self._data = []
                    self._size = 0
                    yield data
            elif line.startswith(b"data:"):
                data = line[6:] if line.startswith(b"data: ") else line[5:]
                self._data.append(data)
                self._size += len(data)

    def end(self) -> Iterator[bytes]:
        """Yield an event whose closing blank line is missing; some servers leave the last one out."""
        rest, self._rest = self._rest.rstrip(b"\r"), b""
        yield from self.feed(rest + b"\n\n")
