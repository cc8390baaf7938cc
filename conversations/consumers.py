"""The socket of a page: it opens and closes what follows the page, and hands on what that says."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

from conversations import protocol
from conversations.access import visitor_of
from conversations.following import Following, object_in, positions_in, session_key
from conversations.generation import lifespan

LONGEST_FRAME = 64 * 1024  # characters


class PageConsumer(AsyncWebsocketConsumer):
    following: Following | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # What ends with the socket. Not disconnect(): one that breaks while it connects or joins never comes there.
        with contextlib.ExitStack() as self.ending:
            await super().__call__(scope, receive, send)

    async def connect(self) -> None:
        engine = await lifespan.start()
        visitor = await engine.database.run(visitor_of, session_key(self.scope))
        await self.accept()
        if visitor is None:
            await self.close(protocol.LOGGED_OUT)
            return
        self.following = Following(engine, visitor, self._send)
        self.ending.callback(self.following.close)
        engine.sockets.add(self, visitor, self._end)
        self.ending.callback(engine.sockets.remove, self)
        await self.following.say(protocol.Welcome())
        self.ending.callback(asyncio.create_task(self._forward(self.following)).cancel)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.following is None:
            return
        try:
            said = _parse(text_data)
        except ValueError:
            await self.close(protocol.MALFORMED)
            return
        if said.get("type") == "join":
            await self.following.join(said.get("conversation"), positions_in(said.get("positions")))
        elif said.get("type") == "leave":
            self.following.leave()

    async def _forward(self, following: Following) -> None:
        # The browser may be gone at any await: disconnect() then ends this, or uvicorn's OSError does.
        with contextlib.suppress(OSError):
            await following.forward()

    async def _send(self, frame: str) -> None:
        # Past two layers of Channels, which cost as much as the socket, for each frame of each watcher.
        await self.base_send({"type": "websocket.send", "text": frame})

    def _end(self, code: int) -> None:
        self._closing = asyncio.create_task(self.close(code))


def _parse(text: str | None) -> dict[str, Any]:
    """Raises ValueError for all that is no JSON object of a reasonable size."""
    if text is None or len(text) > LONGEST_FRAME:
        raise ValueError
    return object_in(text)
