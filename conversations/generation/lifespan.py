"""The engine of this process: started in the ASGI lifespan, or, where a server has none, with the first scope."""

from __future__ import annotations

import asyncio

from django.conf import settings

from conversations.generation.engine import Engine

_engine: Engine | None = None
_ending: Engine | None = None
_starting: asyncio.Lock | None = None


async def start() -> Engine:
    """Return the running engine of this event loop, starting it if there is none."""
    global _engine, _starting
    if _engine is not None and _engine.loop is asyncio.get_running_loop():
        return _engine
    if _starting is None:
        _starting = asyncio.Lock()
    async with _starting:
        if _engine is None or _engine.loop is not asyncio.get_running_loop():
            engine = Engine()
            await engine.start()
            _engine = engine
    return _engine


async def stop() -> None:
    """Drain and end the engine."""
    global _engine, _ending, _starting
    _ending, _engine, _starting = _engine, None, None
    if _ending is not None:
        await _ending.drain(settings.PORTAL_DRAIN_SECONDS)
        _ending = None


def close_streams() -> None:
    """Before the server waits for its responses to end: see `OpenSockets.close_streams`."""
    if _engine is not None:
        _engine.sockets.close_streams()


def hurry() -> None:
    """Whoever stops the portal twice waits for no answer: what is written of them is kept.

    The server may still be closing its connections then, before the drain has begun.
    """
    engine = _ending or _engine
    if engine is not None:
        engine.hurry()
