"""The web server in this process: uvicorn with the settings that were measured, on a socket that we made."""

from __future__ import annotations

import gc
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from types import FrameType

import uvicorn
from django.conf import settings

from conversations.generation.lifespan import close_streams, hurry

BACKLOG = 2048
LARGEST_FRAME = 64 * 1024  # a browser only says where it stands
# Beside an import, which computes for long, a request waits for its turn after each of its two dozen questions to the
# database: with Python's 5 ms it took 131 ms instead of 17, with this 27 (benchmarks/portability.py).
TURN_SECONDS = 0.0005
EVERY_ADDRESS = {"", "0.0.0.0", "::"}


class CannotListen(Exception):
    """Another program listens there, or the address or port is not ours to have."""


class StreamsEndFirst(uvicorn.Server):
    """Uvicorn closes sockets by itself, and would wait for the streams of pages, which have no end."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        close_streams()
        await super().shutdown(sockets=sockets)


class PortalServer(StreamsEndFirst):
    """Says when it serves and when it begins to stop."""

    def __init__(self, *, on_started: Callable[[], None], on_stopping: Callable[[], None]) -> None:
        super().__init__(_configuration())
        sys.setswitchinterval(TURN_SECONDS)
        # Bodies of requests wait where there is room for the largest, and not in a container's memory.
        tempfile.tempdir = str(settings.FILE_UPLOAD_TEMP_DIR)
        self._on_started = on_started
        self._on_stopping = on_stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            # What is loaded now stays: the collector need not look at it again in the middle of an answer.
            gc.collect()
            gc.freeze()
            self._on_started()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit:
            hurry()  # uvicorn itself would still wait for the lifespan to end
        else:
            self._on_stopping()
        super().handle_exit(sig, frame)


def listen(host: str, port: int) -> socket.socket:
    """The socket, before anything else is done: that a port is taken is worth knowing first."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except (OSError, OverflowError) as error:  # the second: no port has this number
        listener.close()
        raise CannotListen(getattr(error, "strerror", None) or str(error)) from error
    listener.set_inheritable(False)
    return listener


def urls(host: str, port: int) -> list[str]:
    """Where people can reach it; the first is the one to open here."""
    if settings.PORTAL_URL:
        return [settings.PORTAL_URL]
    hosts = ["127.0.0.1", *_own_addresses()] if host in EVERY_ADDRESS else [host]
    return [f"http://{f'[{name}]' if ':' in name else name}:{port}/" for name in hosts]


def _own_addresses() -> list[str]:
    try:
        answer = subprocess.run(
            ["hostname", "-I"], capture_output=True, text=True, timeout=5, check=True
        )
    except (
        OSError,
        subprocess.SubprocessError,
    ):  # not every system has it; the addresses are a courtesy
        return []
    return answer.stdout.split()


def _configuration() -> uvicorn.Config:
    return uvicorn.Config(
        "chatportal.asgi:application",
        loop="uvloop",
        http="httptools",
        # Measured (docs/dependencies.md): the cheapest pair for many small frames; deflate costs 50 KB a socket.
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=LARGEST_FRAME,
        lifespan="on",
        # Without a limit it would wait for ever; after it the lifespan shutdown drains the answers being written.
        timeout_graceful_shutdown=settings.PORTAL_DRAIN_SECONDS,
        proxy_headers=False,  # chatportal/routing.py does, and remembers who spoke
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
    )
