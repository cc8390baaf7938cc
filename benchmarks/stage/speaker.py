"""An upstream that says one given text, so many tokens a second, in the OpenAI dialect."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import threading
from collections.abc import Iterator

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


class Speaker:
    """`text` is what the next answer says; a token is a word with what stands after it, or a line's end."""

    def __init__(self, *, tokens_a_second: float) -> None:
        self.pause = 1 / tokens_a_second
        self.text = ""
        self.url = ""
        self._loop = asyncio.new_event_loop()

    async def _serve(self, started: threading.Event) -> None:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        started.set()
        async with server:
            await server.serve_forever()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        await reader.readexactly(int(length[1]) if length else 0)
        writer.write(HEAD)
        began = self._loop.time()
        for number, token in enumerate(tokens_of(self.text)):
            delta = {"choices": [{"index": 0, "delta": {"content": token}, "finish_reason": None}]}
            writer.write(b"data: " + json.dumps(delta).encode() + b"\n\n")
            await asyncio.sleep(max(0.0, began + (number + 1) * self.pause - self._loop.time()))
        end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
        writer.write(b"data: " + json.dumps(end).encode() + b"\n\ndata: [DONE]\n\n")
        await writer.drain()
        writer.close()


def tokens_of(text: str) -> list[str]:
    return re.findall(r"\S{1,6}[^\S\n]*|\n+", text)


@contextlib.contextmanager
def speaking(*, tokens_a_second: float) -> Iterator[Speaker]:
    speaker, started = Speaker(tokens_a_second=tokens_a_second), threading.Event()
    loop = speaker._loop

    def run() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(speaker._serve(started))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    started.wait(5)
    try:
        yield speaker
    finally:
        loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
        thread.join(5)
