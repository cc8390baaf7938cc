"""A fast local upstream: each request gets COUNT deltas, RATE a second, from the moment GET /go is asked for.

At /v1/chat/completions each event has a delta; at /api/conversation each has all of the answer so far.
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
        self.streams: list[Stream] = []
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
            question = body["messages"][-1]["content"]
            if path.endswith("/conversation"):
                self.streams.append(Stream(question["parts"][0], writer, cumulative=True))
            else:
                self.streams.append(Stream(question, writer))

    async def play(self) -> None:
        streams, self.streams = self.streams, []
        self.sent = {stream.name: [] for stream in streams}
        start = time.monotonic()
        for number in range(self.count):
            for slot in range(SLOTS):
                due = start + (number + slot / SLOTS) / self.rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                for stream in streams[slot::SLOTS]:
                    text = f"{number}:{time.monotonic_ns() // 1000} "
                    self.sent[stream.name].append(text)
                    stream.send(text)
        for stream in streams:
            stream.end()


class Stream:
    """One answer. Texts hold nothing that JSON would escape."""

    def __init__(
        self, name: str, writer: asyncio.StreamWriter, *, cumulative: bool = False
    ) -> None:
        self.name, self.writer, self.cumulative = name, writer, cumulative
        self.text = ""

    def send(self, text: str) -> None:
        if self.cumulative:
            self.text += text
            self.writer.write(_chunk(_event(self.name, self.text, "in_progress", "null")))
        else:
            self.writer.write(_chunk(_frame({"content": text}, None)))

    def end(self) -> None:
        if self.cumulative:
            last = _event(self.name, self.text, "finished_successfully", "true")
        else:
            last = _frame({}, '"stop"')
        self.writer.write(_chunk(last) + _chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")
        self.writer.close()


def _event(name: str, text: str, status: str, end_turn: str) -> bytes:
    """As access-token gateways write them."""
    number = int(name.rpartition(" ")[2])
    return (
        f'data: {{"message": {{"id": "4c5a1d0e-0000-4000-8000-{number:012}", "author": {{"role": "assistant", '
        '"name": null, "metadata": {}}, "create_time": 1700000000.12, "update_time": null, "content": '
        f'{{"content_type": "text", "parts": ["{text}"]}}, "status": "{status}", "end_turn": {end_turn}, '
        '"weight": 1.0, "metadata": {"message_type": "next", "model_slug": "bench-1"}, "recipient": "all"}, '
        f'"conversation_id": "4c5a1d0e-0000-4000-9000-{number:012}", "error": null}}\n\n'
    ).encode()


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
