"""The hook in conftest.py: a coroutine test shares its thread, and so its transaction, with the ORM."""

from __future__ import annotations

import asyncio

import redis.asyncio

from accounts.models import User


async def test_a_coroutine_sees_the_rows_of_its_fixtures(ada: User) -> None:
    await asyncio.sleep(0)
    assert await User.objects.filter(pk=ada.pk).aexists()


async def test_and_the_next_one_finds_none_of_them(bob: User) -> None:
    assert [user.username async for user in User.objects.all()] == ["bob"]


async def test_the_throw_away_valkey_answers(redis_url: str) -> None:
    async with redis.asyncio.from_url(redis_url) as client:
        assert await client.ping()
