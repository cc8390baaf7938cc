"""Who watches what in this process: topics, and the subscriptions that wait for their events.

Events are turned into text once, however many watch. A subscription that is not read fast enough is not allowed to
grow: its frames are dropped and it is told that it has missed some, so that it starts again from a snapshot.
"""

from __future__ import annotations

import asyncio
from collections import deque

from conversations.generation.relay import Relay
from conversations.protocol import Event, Heartbeat

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
        self._hub.everyone.discard(self)

    def deliver(self, frame: str) -> None:
        if len(self._frames) >= MOST_WAITING:
            self._frames.clear()
            self.missed = True
        self._frames.append(frame)
        self._wake()

    def miss(self) -> None:
        """Something for this subscription was lost on the way."""
        self.missed = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def take_all(self) -> list[str]:
        """The frames that wait, without waiting."""
        frames = list(self._frames)
        self._frames.clear()
        return frames

    async def wait(self) -> None:
        """Return once there are frames to take, or some were missed."""
        if not self._frames and not self.missed:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None


class Hub:
    """Belongs to one event loop. `publish_from_thread` is for the synchronous core."""

    def __init__(self) -> None:
        self.subscriptions: dict[str, set[Subscription]] = {}  # by topic
        self.everyone: set[Subscription] = set()
        self.relay: Relay | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, redis_url: str = "") -> None:
        """`redis_url` names the Redis through which the hubs of several processes tell each other."""
        self._loop = asyncio.get_running_loop()
        if redis_url:
            self.relay = Relay(redis_url, deliver=self.deliver, missed=self.start_again)
            self.relay.start()

    async def close(self) -> None:
        if self.relay is not None:
            await self.relay.close()

    def subscribe(self) -> Subscription:
        subscription = Subscription(self)
        self.everyone.add(subscription)
        return subscription

    def publish(self, topic: str, event: Event) -> None:
        if self.relay is None and topic not in self.subscriptions:
            return
        frame = event.as_frame()
        self.deliver(topic, frame)
        if self.relay is not None:
            self.relay.send(topic, frame)

    def deliver(self, topic: str, frame: str) -> None:
        for subscription in self.subscriptions.get(topic, ()):
            subscription.deliver(frame)

    def start_again(self) -> None:
        """Events of other processes may have been lost: every page starts from a snapshot."""
        for subscription in self.everyone:
            subscription.miss()

    def beat(self) -> None:
        """A sign of life for every page, by which it tells a quiet line from a broken one."""
        frame = Heartbeat().as_frame()
        for subscription in self.everyone:
            subscription.deliver(frame)

    def publish_from_thread(self, topic: str, event: Event) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.publish, topic, event)
