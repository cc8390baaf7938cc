"""Who watches what in this process: topics, and the subscriptions that wait for their events.

Events are turned into text once, however many watch. A subscription that is not read fast enough is not allowed to
grow: its frames are dropped and it is told that it has missed some, so that it starts again from a snapshot.
"""

from __future__ import annotations

import asyncio
from collections import deque

from conversations.protocol import Event

MOST_WAITING = 512  # frames


class Subscription:
    """The frames for one socket, in the order in which they were published."""

    def __init__(self, hub: Hub) -> None:
        self.topics: set[str] = set()
        self.missed = False
        self._hub = hub
        self._frames: deque[str] = deque()
        self._waiter: asyncio.Future[None] | None = None

    def join(self, topic: str) -> None:
        self.topics.add(topic)
        self._hub.subscriptions.setdefault(topic, set()).add(self)

    def leave(self, topic: str) -> None:
        self.topics.discard(topic)
        watching = self._hub.subscriptions.get(topic, set())
        watching.discard(self)
        if not watching:
            self._hub.subscriptions.pop(topic, None)

    def close(self) -> None:
        for topic in tuple(self.topics):
            self.leave(topic)

    def deliver(self, frame: str) -> None:
        if len(self._frames) >= MOST_WAITING:
            self._frames.clear()
            self.missed = True
        self._frames.append(frame)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def take_all(self) -> list[str]:
        """The frames that wait, without waiting."""
        frames = list(self._frames)
        self._frames.clear()
        return frames

    async def wait(self) -> None:
        """Return once there are frames to take."""
        if not self._frames:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None


class Hub:
    """Belongs to one event loop. `publish_from_thread` is for the synchronous core."""

    def __init__(self) -> None:
        self.subscriptions: dict[str, set[Subscription]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()

    def subscribe(self) -> Subscription:
        return Subscription(self)

    def publish(self, topic: str, event: Event) -> None:
        watching = self.subscriptions.get(topic)
        if watching:
            frame = event.as_frame()
            for subscription in watching:
                subscription.deliver(frame)

    def publish_from_thread(self, topic: str, event: Event) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.publish, topic, event)
