"""The socket of a page: join, snapshot, forward. It decides nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.http import parse_cookie

from conversations import protocol
from conversations.access import visitor_of
from conversations.generation import lifespan
from conversations.joining import conversation_for, joined, snapshots

MOST_POSITIONS = 100
LONGEST_FRAME = 64 * 1024  # characters


class PageConsumer(AsyncWebsocketConsumer):
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # What ends with the socket. Not disconnect(): one that breaks while it connects or joins never comes there.
        with contextlib.ExitStack() as self.ending:
            await super().__call__(scope, receive, send)

    async def connect(self) -> None:
        self.joined_conversation: str | None = None
        self.positions: dict[str, int] = {}
        # Held while a join reads and sends: nothing newer than a snapshot goes out before it.
        self.sending = asyncio.Lock()
        self.engine = await lifespan.start()
        self.subscription = self.engine.hub.subscribe()
        self.ending.callback(self.subscription.close)
        self.visitor = await self.engine.database.run(visitor_of, _session_key(self.scope))
        await self.accept()
        if self.visitor is None:
            await self.close(protocol.LOGGED_OUT)
            return
        self.engine.sockets.add(self, self.visitor, self._end_log_in)
        self.ending.callback(self.engine.sockets.remove, self)
        self.subscription.join(protocol.topic_of_person(self.visitor.user_id))
        await self._send(protocol.Welcome())
        self.ending.callback(asyncio.create_task(self._forward()).cancel)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.visitor is None:
            return
        try:
            said = _parse(text_data)
        except ValueError:
            await self.close(protocol.MALFORMED)
            return
        if said.get("type") == "join":
            async with self.sending:
                self._leave()
                await self._join(said.get("conversation"), _positions(said.get("positions")))
        elif said.get("type") == "leave":
            self._leave()

    async def _join(self, conversation_id: Any, positions: dict[str, int]) -> None:
        """Join the hub first, then read, then send: what happens meanwhile is sent twice rather than not at all."""
        assert self.visitor is not None
        found = await self.engine.database.run(
            conversation_for, self.visitor.user_id, conversation_id
        )
        if found is None:
            await self._send(protocol.Gone(str(conversation_id)[:64]))
            return
        self.joined_conversation = str(found.pk)
        self.positions = positions
        self.subscription.join(protocol.topic_of_conversation(found.pk))
        await self._send_standing()

    async def _send_standing(self) -> None:
        assert self.visitor is not None
        user_id, locale = self.visitor.user_id, self.visitor.locale
        # Read again after joining: the leaf may have moved between.
        found = await self.engine.database.run(conversation_for, user_id, self.joined_conversation)
        if found is None:
            return
        for snapshot in await self.engine.database.run(
            snapshots, found, self.positions, locale=locale
        ):
            await self._send(snapshot)
        await self._send(joined(found))

    def _leave(self) -> None:
        if self.joined_conversation is not None:
            self.subscription.leave(protocol.topic_of_conversation(self.joined_conversation))
            self.joined_conversation = None

    async def _forward(self) -> None:
        # The browser may be gone at any await: disconnect() then ends this, or uvicorn's OSError does.
        with contextlib.suppress(OSError):
            await self._forward_for_ever()

    async def _forward_for_ever(self) -> None:
        while True:
            await self.subscription.wait()
            async with self.sending:
                if self.subscription.missed:
                    await self._catch_up()
                for frame in self.subscription.take_all():
                    # Past two layers of Channels, which cost as much as the socket, for each frame of each watcher.
                    await self.base_send({"type": "websocket.send", "text": frame})

    async def _catch_up(self) -> None:
        """This page reads more slowly than answers are written: it starts again from where they stand."""
        self.subscription.missed = False
        self.subscription.take_all()
        if self.joined_conversation is not None:
            await self._send_standing()

    async def _send(self, event: protocol.Event) -> None:
        await self.send(text_data=event.as_frame())

    def _end_log_in(self) -> None:
        self._closing = asyncio.create_task(self.close(protocol.LOGGED_OUT))


def _session_key(scope: Any) -> str:
    headers = dict(scope["headers"])
    cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
    return str(cookies.get(settings.SESSION_COOKIE_NAME, ""))


def _parse(text: str | None) -> dict[str, Any]:
    """Raises ValueError for all that is no JSON object of a reasonable size."""
    if text is None or len(text) > LONGEST_FRAME:
        raise ValueError
    try:
        said = json.loads(text)
    except RecursionError as error:
        raise ValueError from error
    if not isinstance(said, dict):
        raise ValueError
    return said


def _positions(said: Any) -> dict[str, int]:
    """What the page says it has; whatever is of another shape is left out."""
    if not isinstance(said, dict):
        return {}
    entries = list(said.items())[:MOST_POSITIONS]
    return {str(key): value for key, value in entries if isinstance(value, int)}
