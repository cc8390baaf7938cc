"""The one bridge from the async rim to the synchronous ORM.

Outside of an HTTP request asgiref runs all database work in one shared thread, so that two hundred sockets wait for
each other. Here a few threads of our own share it, each with a connection that it keeps.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, InterfaceError, connections

THREADS = 4

P = ParamSpec("P")
R = TypeVar("R")


class DatabaseThreads:
    """A bounded executor. A connection that an error has touched is closed, and made anew for the next call."""

    def __init__(self, name: str, *, threads: int = THREADS) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._threads = threads
        self._closing = False

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._executor, lambda: _guarded(function, *args, **kwargs)
        )

    async def close(self, *, within: float = 10.0) -> None:
        """Close the connections and end the threads; a call that hangs is not waited for longer than `within`."""
        self.close_soon()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.to_thread(self._executor.shutdown, wait=True), within)

    def close_soon(self) -> None:
        """Have each thread close its connection and end after what it is doing."""
        if self._closing:
            return
        self._closing = True
        # They meet before they do, so that none does the work of two.
        everyone = threading.Barrier(self._threads)
        for _thread in range(self._threads):
            self._executor.submit(_close_own_connections, everyone)
        self._executor.shutdown(wait=False)


def _close_own_connections(everyone: threading.Barrier) -> None:
    with contextlib.suppress(threading.BrokenBarrierError):
        everyone.wait(timeout=5)
    connections.close_all()


def _guarded(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    try:
        return function(*args, **kwargs)
    except (DatabaseError, InterfaceError):
        connections.close_all()
        raise
