"""The lines to pages that are open in this process, and the log-ins that they came with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from conversations.access import Visitor
from conversations.protocol import LOGGED_OUT, RESTART

Close = Callable[[int], None]


class OpenSockets:
    """Sockets and, beside them, streams over HTTP."""

    def __init__(self) -> None:
        self._closers: dict[object, tuple[Visitor, Close]] = {}
        self._streams: set[object] = set()
        self._no_more_streams = False

    def add(self, line: object, visitor: Visitor, close: Close, *, is_stream: bool = False) -> None:
        """`close` is called once, with the code to close by: when the log-in has ended, or the portal."""
        self._closers[line] = (visitor, close)
        if is_stream:
            self._streams.add(line)
            if self._no_more_streams:  # it was on its way in
                self.close_streams()

    def remove(self, line: object) -> None:
        self._closers.pop(line, None)
        self._streams.discard(line)

    def visitors(self) -> set[Visitor]:
        return {visitor for visitor, _close in self._closers.values()}

    def streams_of(self, user_id: int) -> int:
        """How many streams a member holds here."""
        return sum(self._closers[line][0].user_id == user_id for line in self._streams)

    def close_for(self, visitors: set[Visitor]) -> None:
        for line, (visitor, close) in list(self._closers.items()):
            if visitor in visitors:
                self.remove(line)
                asyncio.get_running_loop().call_soon(close, LOGGED_OUT)

    def close_streams(self) -> None:
        """The portal ends. Sockets are closed by the server; it would wait for responses that have no end."""
        self._no_more_streams = True
        for line in list(self._streams):
            _visitor, close = self._closers[line]
            self.remove(line)
            close(RESTART)
