"""The only door out: `UpstreamClient.stream_chat(target, request)` yields typed events or raises an UpstreamError.

`import httpx` stands in this module alone. httpx rides on aiohttp's connections, which costs about a quarter less CPU
a delta than its own (docs/adr/0005). Sessions are kept apart by target: no cookie, no connection is shared.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from upstream.adapters import ADAPTERS
from upstream.adapters.base import Adapter
from upstream.errors import Interrupted, Malformed, Unreachable, UpstreamError
from upstream.guard import AddressRefused, guarded_socket_factory
from upstream.scalars import ScalarJoiner
from upstream.sse import EventStream
from upstream.types import ChatRequest, Event, ReasoningDelta, Target, TextDelta

LONGEST_BODY = 1024 * 1024  # bytes of an error, or of an answer that is not streamed
COMMENTS_ONLY_SECONDS = (
    600.0  # a stream that sends keep-alive comments and never an event ends after this
)

DELTAS = (TextDelta, ReasoningDelta)
TransportFailure = (
    httpx.HTTPError,
    httpx.InvalidURL,
    aiohttp.ClientError,
    OSError,
    asyncio.TimeoutError,
)


class UpstreamClient:
    """Keeps a session for each target. Belongs to one event loop; close it there."""

    def __init__(self) -> None:
        self._sessions: dict[str, httpx.AsyncClient] = {}

    async def stream_chat(self, target: Target, request: ChatRequest) -> AsyncGenerator[Event]:
        """Ask `target` and yield its events as they arrive; return only after the upstream said that it is done.

        Closing the iterator closes the request, and with it the work upstream. Raises UpstreamError.
        """
        adapter = ADAPTERS[target.kind](target, request)
        joiners: dict[type[TextDelta | ReasoningDelta], ScalarJoiner]
        joiners = {TextDelta: ScalarJoiner(), ReasoningDelta: ScalarJoiner()}
        try:
            async with aclosing(self._events(target, adapter)) as events:
                async for event in events:
                    if isinstance(event, DELTAS):
                        text = joiners[type(event)].add(event.text)
                        if text is event.text:
                            yield event
                        elif text:
                            yield type(event)(text)
                    else:
                        yield event
            for kind, joiner in joiners.items():
                if last := joiner.end():
                    yield kind(last)
        except UpstreamError as error:
            error.made_presentable(target.secret)
            raise

    async def get_json(self, target: Target, path: str) -> Any:
        """GET `path` below the target's base URL and return the JSON it answers. Raises UpstreamError."""
        adapter = ADAPTERS[target.kind](target, ChatRequest(model="", messages=()))
        url = f"{target.base_url.rstrip('/')}/{path}"
        try:
            response = await self._session(target).get(url, headers=dict(adapter.call().headers))
        except TransportFailure as failure:
            raise _unreachable(failure, target).made_presentable(target.secret) from failure
        if response.status_code != 200:
            refusal = adapter.refusal(response.status_code, response.headers, response.content)
            raise refusal.made_presentable(target.secret)
        try:
            return response.json()
        except (ValueError, RecursionError) as error:
            raise Malformed(f"{path} is no JSON.") from error

    async def aclose(self) -> None:
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.aclose()

    async def _events(self, target: Target, adapter: Adapter) -> AsyncGenerator[Event]:
        began = False
        try:
            async with self._response(target, adapter) as response:
                began = True
                async with aclosing(_events_of(response, adapter)) as events:
                    async for event in events:
                        yield event
        except TransportFailure as failure:
            if adapter.ended:
                return
            raise (_broken(failure) if began else _unreachable(failure, target)) from failure
        if not adapter.ended:
            raise Interrupted("The stream ended without a finish reason.")

    @asynccontextmanager
    async def _response(self, target: Target, adapter: Adapter) -> AsyncIterator[httpx.Response]:
        call = adapter.call()
        session = self._session(target)
        request = session.build_request("POST", call.url, headers=call.headers, json=call.body)
        response = await session.send(request, stream=True)
        try:
            if response.status_code != 200:
                raise adapter.refusal(response.status_code, response.headers, await _body(response))
            yield response
        finally:
            await response.aclose()

    def _session(self, target: Target) -> httpx.AsyncClient:
        if target.key not in self._sessions:
            self._sessions[target.key] = _new_session(target)
        return self._sessions[target.key]


def _new_session(target: Target) -> httpx.AsyncClient:
    url = httpx.URL(target.base_url)
    own_port = url.port or (443 if url.scheme == "https" else 80)
    factory = guarded_socket_factory(
        private_port=own_port if target.own_host_may_be_private else None
    )

    def open_session() -> aiohttp.ClientSession:
        # A kept connection that the upstream has closed meanwhile fails the request, and a POST cannot simply be
        # repeated; a new one for each answer costs a handshake before the first text.
        connector = aiohttp.TCPConnector(
            limit=0, force_close=True, socket_factory=factory, ssl=transport.ssl_context
        )
        return aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
        )

    transport = AiohttpTransport(client=open_session)
    return httpx.AsyncClient(
        transport=transport,
        timeout=httpx.Timeout(target.silence_seconds, connect=target.connect_seconds, pool=None),
        headers={"Accept": "text/event-stream, application/json", "Accept-Encoding": "identity"},
        # httpx has a jar beside aiohttp's, and would hand a cookie on from one answer to the next.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        trust_env=False,
    )


async def _events_of(response: httpx.Response, adapter: Adapter) -> AsyncGenerator[Event]:
    kind = response.headers.get("content-type", "text/event-stream")
    if not kind.startswith("text/event-stream"):
        for event in _whole(adapter, kind, await _body(response)):
            yield event
        return
    async for frame in _frames(response):
        for event in adapter.read_frame(frame):
            yield event
        if adapter.closed:
            return


async def _frames(response: httpx.Response) -> AsyncIterator[bytes]:
    stream = EventStream()
    plain = response.headers.get("content-encoding", "identity") == "identity"
    clock = asyncio.get_running_loop().time
    heard = clock()
    async for read in response.aiter_raw() if plain else response.aiter_bytes():
        now = clock()
        for frame in stream.feed(read):
            heard = now
            yield frame
        if now - heard > COMMENTS_ONLY_SECONDS:
            raise Interrupted(f"Nothing but comments for {COMMENTS_ONLY_SECONDS:.0f} s.")
    for frame in stream.end():
        yield frame


async def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    async for read in response.aiter_bytes():
        body += read
        if len(body) > LONGEST_BODY:
            break
    return bytes(body)


def _whole(adapter: Adapter, kind: str, body: bytes) -> Iterator[Event]:
    if not kind.startswith("application/json"):
        raise Malformed(
            f"Neither an event stream nor JSON but {kind}: {adapter.refusal(200, {}, body).detail}"
        )
    yield from adapter.read_whole(body)


def _unreachable(failure: BaseException, target: Target) -> UpstreamError:
    host = urlsplit(target.base_url).netloc
    for cause in _causes(failure):
        if isinstance(cause, AddressRefused):
            return Unreachable(f"{host}: {cause}. An administrator can allow it at the provider.")
        if isinstance(cause, aiohttp.ClientResponseError):
            return Malformed(f"{host} does not answer in HTTP: {cause.message}")
        if isinstance(cause, aiohttp.ClientConnectorDNSError):
            return Unreachable(f"{host}: no such host.")
        if isinstance(
            cause, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError
        ):
            return Unreachable(f"{host}: the certificate is not trusted, or TLS failed.")
        if isinstance(cause, aiohttp.SocketTimeoutError):
            return Unreachable(f"{host}: no answer within {target.silence_seconds:g} s.")
        if isinstance(cause, ConnectionRefusedError):
            return Unreachable(f"{host}: connection refused.")
    return Unreachable(f"{host}: {type(failure).__name__} {failure}")


def _broken(failure: BaseException) -> UpstreamError:
    if any(isinstance(cause, aiohttp.SocketTimeoutError) for cause in _causes(failure)):
        return Interrupted("The upstream fell silent in mid-answer.")
    return Interrupted(f"The connection broke in mid-answer: {type(failure).__name__}.")


def _causes(failure: BaseException | None) -> Iterator[BaseException]:
    while failure is not None:
        yield failure
        yield from getattr(failure, "exceptions", ())
        failure = failure.__cause__ or failure.__context__
