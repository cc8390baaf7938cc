"""A fast local upstream: each request gets COUNT deltas, RATE a second, from the moment GET /go is asked for.

Every delta carries its number and the time when it was sent (microseconds of the machine's monotonic clock). What was
sent on a stream is told afterwards by GET /sent, by the last message of the request. Run: upstream.py PORT COUNT RATE
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
    b"Connection: close\r\n\r\n"
)
SLOTS = 25  # the streams' deltas are spread over the time between two of a stream


class Upstream:
    def __init__(self, count: int, rate: float) -> None:
        self.count, self.rate = count, rate
        self.streams: list[tuple[str, asyncio.StreamWriter]] = []
        self.sent: dict[str, list[str]] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        path = head.split()[1]
        if path == "/waiting":
            await _answer(writer, {"waiting": len(self.streams)})
        elif path == "/go":
            asyncio.create_task(self.play())  # noqa: RUF006
            await _answer(writer, {})
        elif path == "/sent":
            await _answer(writer, {name: "".join(texts) for name, texts in self.sent.items()})
        else:
            length = next(
                line for line in head.lower().split("\r\n") if line.startswith("content-length:")
            )
            body = json.loads(await reader.readexactly(int(length.split(":")[1])))
            writer.write(HEAD)
            self.streams.append((body["messages"][-1]["content"], writer))

    async def play(self) -> None:
        streams, self.streams = self.streams, []
        self.sent = {name: [] for name, _writer in streams}
        start = time.monotonic()
        for number in range(self.count):
            for slot in range(SLOTS):
                due = start + (number + slot / SLOTS) / self.rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                for name, writer in streams[slot::SLOTS]:
                    text = f"{number}:{time.monotonic_ns() // 1000} "
                    self.sent[name].append(text)
                    writer.write(_chunk(_frame({"content": text}, None)))
        for _name, writer in streams:
            writer.write(_chunk(_frame({}, '"stop"')) + _chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")
            writer.close()


def _frame(delta: dict[str, str], reason: str | None) -> bytes:
    """As long as OpenAI's are."""
    return (
        'data: {"id":"chatcmpl-9dKq3mWcZxB4nT0pQ7","object":"chat.completion.chunk","created":1790000000,'
        '"model":"bench-1","system_fingerprint":"fp_0","choices":[{"index":0,"delta":'
        f'{json.dumps(delta)},"logprobs":null,"finish_reason":{reason or "null"}}}]}}\n\n'
    ).encode()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def _answer(writer: asyncio.StreamWriter, said: dict[str, object]) -> None:
    body = json.dumps(said).encode()
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body)
    )
    await writer.drain()
    writer.close()


async def main() -> None:
    port, count, rate = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    server = await asyncio.start_server(
        Upstream(count, rate).serve, "127.0.0.1", port, backlog=1024
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
