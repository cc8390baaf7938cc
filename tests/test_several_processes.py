"""The hubs of several processes tell each other through Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from django.test import Client
from redis import Redis

from conversations.generation import relay
from conversations.generation.hub import Hub, Subscription
from conversations.protocol import DeltaAdded, Heartbeat

TOPIC = "conversation:1"
pytestmark = pytest.mark.once


@asynccontextmanager
async def _hubs(redis_url: str, number: int = 2) -> AsyncIterator[list[Hub]]:
    hubs = [Hub() for _ in range(number)]
    for hub in hubs:
        hub.start(redis_url)
    with Redis.from_url(redis_url) as redis:
        async with asyncio.timeout(10):
            while dict(redis.pubsub_numsub(relay.channel()))[relay.channel().encode()] < number:  # type: ignore[arg-type]  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    yield hubs
    for hub in hubs:
        await hub.close()


async def _frames(subscription: Subscription, count: int) -> list[str]:
    found: list[str] = []
    async with asyncio.timeout(10):
        while len(found) < count:
            await subscription.wait()
            subscription.missed = False
            found += subscription.take_all()
    return found


def _delta(number: int) -> DeltaAdded:
    return DeltaAdded("c", "m", "g", number, "text", "append", f"{number} 天气👋")


async def test_what_one_publishes_the_others_deliver_in_order_and_once(redis_url: str) -> None:
    async with _hubs(redis_url, 3) as hubs:
        subscriptions = [hub.subscribe() for hub in hubs]
        for subscription in subscriptions:
            subscription.join(TOPIC)
        for number in range(200):
            hubs[0].publish(TOPIC, _delta(number))
        wanted = [_delta(number).as_frame() for number in range(200)]
        for subscription in subscriptions:
            assert await _frames(subscription, 200) == wanted
        hubs[1].publish(TOPIC, Heartbeat())
        for subscription in subscriptions:
            assert await _frames(subscription, 1) == [Heartbeat().as_frame()]


async def test_nobody_hears_of_what_they_did_not_join(redis_url: str) -> None:
    async with _hubs(redis_url) as (one, other):
        stranger = other.subscribe()
        stranger.join("conversation:2")
        watcher = other.subscribe()
        watcher.join(TOPIC)
        one.publish(TOPIC, _delta(1))
        await _frames(watcher, 1)
        assert stranger.take_all() == []


async def test_after_a_broken_line_every_page_starts_from_a_snapshot(redis_url: str) -> None:
    async with _hubs(redis_url) as (_one, other):
        watcher = other.subscribe()
        watcher.join(TOPIC)
        watcher.missed = False
        with Redis.from_url(redis_url) as redis:
            redis.client_kill_filter(_type="pubsub")
        async with asyncio.timeout(10):
            await watcher.wait()
        assert watcher.missed


def test_readiness_tells_whether_redis_answers(
    client: Client, db: None, redis_url: str, settings: object
) -> None:
    settings.REDIS_URL = redis_url  # type: ignore[attr-defined]
    assert client.get("/readyz").json()["redis"] is True
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["redis"]) == (503, False)
