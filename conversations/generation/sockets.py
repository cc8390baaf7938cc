"""The sockets that are open in this process, and the log-ins that they came with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from conversations.access import Visitor


class OpenSockets:
    def __init__(self) -> None:
        self._closers: dict[object, tuple[Visitor, Callable[[], None]]] = {}

    def add(self, socket: object, visitor: Visitor, close: Callable[[], None]) -> None:
        """`close` is called once, when the log-in has ended."""
        self._closers[socket] = (visitor, close)

    def remove(self, socket: object) -> None:
        self._closers.pop(socket, None)

    def visitors(self) -> set[Visitor]:
        return {visitor for visitor, _close in self._closers.values()}

    def close_for(self, visitors: set[Visitor]) -> None:
        for socket, (visitor, close) in list(self._closers.items()):
            if visitor in visitors:
                self.remove(socket)
                asyncio.get_running_loop().call_soon(close)
