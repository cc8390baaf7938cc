"""Telling the hubs of other processes, through Redis: what is published here is delivered there.

Redis carries and keeps nothing: what was published has been saved before, and is numbered. A line to it that breaks
costs a watcher in another process a new snapshot, and nothing in this one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import uuid
from collections.abc import Awaitable, Callable

from django.utils.crypto import salted_hmac
from redis import asyncio as redis
from redis.exceptions import RedisError

MISSED: list[str] = ["", ""]  # stands for events that could not be handed over
MOST_WAITING = 10_000  # frames; beyond that the others have to catch up from the database
RETRY_SECONDS = 1.0

logger = logging.getLogger(__name__)


class Relay:
    """`deliver(topic, frame)` is called for what other processes publish, `missed()` when some may have been lost."""

    def __init__(
        self, url: str, *, deliver: Callable[[str, str], None], missed: Callable[[], None]
    ) -> None:
        # socket_timeout: else a line on which nothing happens is taken for a broken one.
        self._redis = redis.from_url(url, socket_timeout=None, socket_connect_timeout=5)
        self._own = uuid.uuid4().hex
        self._channel = channel()
        self._dropped = False
        self._deliver, self._missed = deliver, missed
        self._outgoing: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._lasting(self._send), name="relay out"),
            asyncio.create_task(self._lasting(self._receive), name="relay in"),
        ]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(RedisError, OSError):
            await self._redis.aclose()

    def send(self, topic: str, frame: str) -> None:
        """Hand an event over to the other processes; never waits, and drops it where Redis does not keep up."""
        try:
            self._outgoing.put_nowait(json.dumps([self._own, topic, frame]))
        except asyncio.QueueFull:
            self._dropped = True

    async def _send(self) -> None:
        while True:
            entries = [await self._outgoing.get()]
            while not self._outgoing.empty():
                entries.append(self._outgoing.get_nowait())
            if self._dropped:
                entries.append(json.dumps([self._own, *MISSED]))
            self._dropped = True  # until it is known to have arrived
            async with self._redis.pipeline(transaction=False) as pipeline:
                for entry in entries:
                    pipeline.publish(self._channel, entry)
                await pipeline.execute()
            self._dropped = False

    async def _receive(self) -> None:
        async with self._redis.pubsub() as subscription:
            await subscription.subscribe(self._channel)
            self._missed()
            async for message in subscription.listen():
                if message["type"] == "message":
                    self._hear(message["data"])

    def _hear(self, data: bytes) -> None:
        sender, *event = json.loads(data)
        if sender == self._own:
            return
        if event == MISSED:
            self._missed()
        else:
            self._deliver(*event)

    async def _lasting(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except (RedisError, OSError) as error:
                logger.warning("Redis does not answer: %s", type(error).__name__)
            except Exception:
                logger.exception("The relay failed and begins again")
            await asyncio.sleep(RETRY_SECONDS)


def channel() -> str:
    """A name that other portals on the same Redis cannot know: its databases do not keep channels apart."""
    return f"chatportal:{salted_hmac('conversations.generation.relay', 'events').hexdigest()}"
