"""One page followed, over whatever carries its frames: join, snapshot, forward. It decides nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.http import parse_cookie

from conversations import protocol
from conversations.access import Visitor
from conversations.generation.engine import Engine
from conversations.joining import conversation_for, joined, snapshots

MOST_POSITIONS = 100

SendFrame = Callable[[str], Awaitable[None]]


class Following:
    """`send` hands one JSON text to the page. `close` when it ends."""

    def __init__(self, engine: Engine, visitor: Visitor, send: SendFrame) -> None:
        self.engine, self.visitor, self.send = engine, visitor, send
        self.conversation: str | None = None
        self.positions: dict[str, int] = {}
        # Held while a join reads and sends: nothing newer than a snapshot goes out before it.
        self.sending = asyncio.Lock()
        self.subscription = engine.hub.subscribe()
        self.subscription.join(protocol.topic_of_person(visitor.user_id))

    def close(self) -> None:
        self.subscription.close()

    async def say(self, event: protocol.Event) -> None:
        await self.send(event.as_frame())

    async def join(self, conversation_id: Any, positions: dict[str, int]) -> None:
        """Join the hub first, then read, then send: what happens meanwhile is sent twice rather than not at all."""
        async with self.sending:
            self.leave()
            found = await self.engine.database.run(
                conversation_for, self.visitor.user_id, conversation_id
            )
            if found is None:
                await self.say(protocol.Gone(str(conversation_id)[:64]))
                return
            self.conversation = str(found.pk)
            self.positions = positions
            self.subscription.join(protocol.topic_of_conversation(found.pk))
            await self._say_standing()

    def leave(self) -> None:
        if self.conversation is not None:
            self.subscription.leave(protocol.topic_of_conversation(self.conversation))
            self.conversation = None

    async def forward(self) -> None:
        """For ever."""
        while True:
            await self.subscription.wait()
            async with self.sending:
                if self.subscription.missed:
                    await self._catch_up()
                for frame in self.subscription.take_all():
                    await self.send(frame)

    async def _say_standing(self) -> None:
        user_id, locale = self.visitor.user_id, self.visitor.locale
        # Read again after joining: the leaf may have moved between.
        found = await self.engine.database.run(conversation_for, user_id, self.conversation)
        if found is None:
            return
        for snapshot in await self.engine.database.run(
            snapshots, found, self.positions, locale=locale
        ):
            await self.say(snapshot)
        await self.say(joined(found))

    async def _catch_up(self) -> None:
        """This page reads more slowly than answers are written: it starts again from where they stand."""
        self.subscription.missed = False
        self.subscription.take_all()
        if self.conversation is not None:
            await self._say_standing()


def session_key(scope: Any) -> str:
    headers = dict(scope["headers"])
    cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
    return str(cookies.get(settings.SESSION_COOKIE_NAME, ""))


def object_in(text: str) -> dict[str, Any]:
    """Raises ValueError for what is no JSON object."""
    try:
        said = json.loads(text)
    except RecursionError as error:
        raise ValueError from error
    if not isinstance(said, dict):
        raise ValueError
    return said


def positions_in(said: Any) -> dict[str, int]:
    """What the page says it has; whatever is of another shape is left out."""
    if not isinstance(said, dict):
        return {}
    entries = list(said.items())[:MOST_POSITIONS]
    return {str(key): value for key, value in entries if isinstance(value, int)}
