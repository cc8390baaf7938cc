"""The baseline: what comes from upstream goes out at once, one frame a delta, and nothing is saved.

The same transport (httpx on aiohttp's connections), the same server (uvicorn, sansio sockets, no deflate) and the
same loop as the portal. Run: bare_relay.py PORT UPSTREAM_URL
"""

from __future__ import annotations

import json
import sys
from typing import Any

import aiohttp
import httpx
import uvicorn
from httpx_aiohttp import AiohttpTransport

UPSTREAM = sys.argv[2] if len(sys.argv) > 2 else ""
session: httpx.AsyncClient | None = None


def the_session() -> httpx.AsyncClient:
    global session
    if session is None:
        transport = AiohttpTransport(
            client=lambda: aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        )
        session = httpx.AsyncClient(
            transport=transport, timeout=httpx.Timeout(120.0, pool=None), trust_env=False
        )
    return session


async def application(scope: Any, receive: Any, send: Any) -> None:
    """The first frame a page sends is its question; the answer's deltas are its frames."""
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    question = (await receive())["text"]
    body = {"model": "bench-1", "messages": [{"role": "user", "content": question}], "stream": True}
    async with the_session().stream(
        "POST", f"{UPSTREAM}/v1/chat/completions", json=body
    ) as response:
        rest = b""
        async for read in response.aiter_raw():
            *lines, rest = (rest + read).split(b"\n")
            for line in lines:
                if not line.startswith(b"data: {"):
                    continue
                choice = json.loads(line[6:])["choices"][0]
                if choice["delta"].get("content"):
                    frame = {"type": "delta", "text": choice["delta"]["content"]}
                    await send({"type": "websocket.send", "text": json.dumps(frame)})
                if choice["finish_reason"]:
                    await send(
                        {"type": "websocket.send", "text": '{"type":"status","status":"completed"}'}
                    )
    await send({"type": "websocket.close"})


if __name__ == "__main__":
    uvicorn.run(
        application,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        lifespan="off",
        log_level="warning",
    )
