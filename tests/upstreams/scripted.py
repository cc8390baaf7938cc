"""An upstream that does as it is told, byte by byte: the other side of the wire, faked with a real socket.

    upstream.will(stream("Hello", " world"))                       # the next request gets this
    upstream.will(refuse(429, {"error": {...}}, headers={"Retry-After": "7"}))
    upstream.will([HEAD, delta("Hel"), Hold(), delta("lo"), FINISH, DONE])

Requests beyond what was scripted get DEFAULT. What was asked is kept in `requests`.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Self

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
    b"Connection: close\r\n\r\n"
)


@dataclass
class Wait:
    seconds: float


@dataclass
class Hold:
    """The stream stays open here until `release()`, or until the portal hangs up."""

    released: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)

    def release(self) -> None:
        self.released.set()


class Cut:
    """The connection breaks, in the middle of the chunked body."""


@dataclass
class Raw:
    """Bytes outside of the chunked body."""

    data: bytes


Step = bytes | Wait | Hold | Raw | type[Cut]


def frame(data: Any) -> bytes:
    """One event of the stream."""
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    return b"data: " + text + b"\n\n"


def delta(text: str, *, key: str = "content") -> bytes:
    return frame({"choices": [{"index": 0, "delta": {key: text}, "finish_reason": None}]})


def finish(reason: str = "stop") -> bytes:
    return frame({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})


FINISH = finish()
USAGE = frame({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}})
DONE = frame(b"[DONE]")


def stream(*texts: str) -> list[Step]:
    return [HEAD, *(delta(text) for text in texts), FINISH, USAGE, DONE]


def refuse(status: int, body: Any, *, headers: dict[str, str] | None = None) -> list[Step]:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = "text/html" if text.lstrip()[:1] == b"<" else "application/json"
    return [Raw(_response(status, text, {"Content-Type": kind, **(headers or {})}))]


DEFAULT: list[Step] = stream("Yes", ", indeed", ".")


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: Any
    hung_up: threading.Event = field(default_factory=threading.Event)


class ScriptedUpstream:
    """Serves on a free loopback port, in a thread of its own, from `with` to its end."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._scripts: deque[list[Step]] = deque()
        self._holds: list[Hold] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._in_loop(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *error: object) -> None:
        for hold in self._holds:
            hold.release()
        self._in_loop(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def will(self, script: list[Step]) -> list[Step]:
        self._scripts.append(script)
        self._holds += [step for step in script if isinstance(step, Hold)]
        return script

    def forget(self) -> None:
        """What was scripted and asked before is over: another test begins."""
        for hold in self._holds:
            hold.release()
        for kept in (self.requests, self._scripts, self._holds):
            kept.clear()

    def close_port(self) -> None:
        """From now on connections are refused."""
        self._in_loop(self._stop_listening())

    def _in_loop(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _stop_listening(self) -> None:
        self._server.close()

    async def _close(self) -> None:
        self._server.close()
        own = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not own]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await _read_request(reader)
            self.requests.append(request)
            script = self._scripts.popleft() if self._scripts else DEFAULT
            playing = asyncio.create_task(self._play(script, writer))
            hanging_up = asyncio.create_task(reader.read())
            await asyncio.wait({playing, hanging_up}, return_when=asyncio.FIRST_COMPLETED)
            if not playing.done():
                request.hung_up.set()
                playing.cancel()
            hanging_up.cancel()
            await asyncio.gather(playing, hanging_up, return_exceptions=True)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _play(self, script: list[Step], writer: asyncio.StreamWriter) -> None:
        chunked = False
        for step in script:
            if step is Cut:
                writer.transport.abort()
                return
            if isinstance(step, Wait | Hold):
                await _pause(step)
            elif isinstance(step, Raw):
                writer.write(step.data)
            elif isinstance(step, bytes):
                writer.write(b"%x\r\n%s\r\n" % (len(step), step) if chunked else step)
                chunked = True
            await writer.drain()
        if chunked:
            writer.write(b"0\r\n\r\n")
            await writer.drain()


async def _pause(step: Wait | Hold) -> None:
    if isinstance(step, Wait):
        await asyncio.sleep(step.seconds)
        return
    step.reached.set()
    while not step.released.is_set():  # noqa: ASYNC110 (released from the test's thread)
        await asyncio.sleep(0.005)


async def _read_request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(first.split()[1], headers, json.loads(body) if body else None)


def _response(status: int, body: bytes, headers: dict[str, str]) -> bytes:
    lines = [
        f"HTTP/1.1 {status} Scripted",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + body
