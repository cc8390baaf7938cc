"""The events of a page over HTTP, where no socket gets through: one response that goes on (text/event-stream).

An ASGI application beside Django's handler: a view would hold its thread, and that thread's database connection, for
as long as the page is open.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from conversations import protocol
from conversations.access import visitor_of
from conversations.following import Following, object_in, positions_in, session_key
from conversations.generation import lifespan

MOST_FOR_ONE = (
    20  # streams of a member in a process; a page that is refused one asks after a number
)
FAREWELL_SECONDS = 1.0  # for a last word to somebody who may not be reading

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),  # a gzip on the way would keep what it is sent
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
]

Send = Callable[[dict[str, Any]], Awaitable[None]]


async def event_stream(scope: Any, receive: Any, send: Send) -> None:
    engine = await lifespan.start()
    visitor = await engine.database.run(visitor_of, session_key(scope))
    if scope["method"] != "GET":
        await _refuse(send, 405, "bad_request", _("This door only tells."))
    elif visitor is None:
        sentence = _("You have been logged out. Log in again; what you typed is kept.")
        await _refuse(send, 401, "logged_out", sentence)
    elif engine.sockets.streams_of(visitor.user_id) >= MOST_FOR_ONE:
        await _refuse(send, 429, "too_many", _("Too many pages are open. Close some of them."))
    else:
        with contextlib.closing(Following(engine, visitor, _frames_to(send))) as following:
            await _Stream(following, QueryDict(scope["query_string"])).run(receive, send)


class _Stream:
    def __init__(self, following: Following, query: QueryDict) -> None:
        self.following = following
        self.conversation = query.get("conversation", "")
        self.positions = _positions(query.get("positions", ""))
        self.closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def run(self, receive: Any, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        sockets = self.following.engine.sockets
        sockets.add(self, self.following.visitor, self._close, is_stream=True)
        works = (self._tell(), self._beat(), _left(receive))
        working: set[asyncio.Future[Any]] = {asyncio.create_task(work) for work in works}
        try:
            await asyncio.wait({*working, self.closed}, return_when=asyncio.FIRST_COMPLETED)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_SECONDS):
                    await self._say_farewell(send)
        finally:
            sockets.remove(self)
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)

    async def _tell(self) -> None:
        heartbeat = protocol.STREAM_HEARTBEAT_SECONDS
        await self.following.say(protocol.Welcome(heartbeat_seconds=heartbeat))
        if self.conversation:
            await self.following.join(self.conversation, self.positions)
        await self.following.forward()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(protocol.STREAM_HEARTBEAT_SECONDS)
            await self.following.say(protocol.Heartbeat())

    async def _say_farewell(self, send: Send) -> None:
        if self.closed.done():
            await self.following.say(protocol.Closing(self.closed.result()))
        await send({"type": "http.response.body", "body": b""})

    def _close(self, code: int) -> None:
        if not self.closed.done():
            self.closed.set_result(code)


async def _left(receive: Any) -> None:
    """Return once the browser has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _frames_to(send: Send) -> Callable[[str], Awaitable[None]]:
    async def say(frame: str) -> None:
        body = b"data: %b\n\n" % frame.encode()
        await send({"type": "http.response.body", "body": body, "more_body": True})

    return say


def _positions(said: str) -> dict[str, int]:
    try:
        return positions_in(object_in(said))
    except ValueError:
        return {}


async def _refuse(send: Send, status: int, code: str, sentence: str) -> None:
    body = json.dumps({"error": {"code": code, "message": sentence}}).encode()
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
