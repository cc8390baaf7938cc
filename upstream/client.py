"""The only door to a model: `UpstreamClient.stream_chat(target, request)` yields events or raises an UpstreamError.

`import httpx` stands in this module alone. httpx rides on aiohttp's connections, which costs about a quarter less CPU
a delta than its own (docs/adr/0005). Sessions are kept apart by target: no cookie, no connection is shared.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from upstream.adapters import ADAPTERS
from upstream.adapters.base import Adapter, Call, ListedModel
from upstream.adapters.refusals import excerpt
from upstream.errors import Interrupted, Malformed, UpstreamError
from upstream.failures import PROXY_FAILURES, broken, unreachable
from upstream.guard import guarded_socket_factory
from upstream.proxies import guarded_proxy_connector
from upstream.scalars import ScalarJoiner, clean_text
from upstream.sse import EventStream
from upstream.types import ChatRequest, Event, ReasoningDelta, Target, TextDelta, TextReplaced

LONGEST_BODY = 1024 * 1024  # bytes of an error, or of an answer that is not streamed
LONGEST_ANSWER = 20_000_000  # characters; something upstream writes without end
ASK_SECONDS = 30.0  # for a call beside the chat, from its beginning to its end
COMMENTS_ONLY_SECONDS = (
    600.0  # a stream that sends keep-alive comments and never an event ends after this
)

NOTHING = ChatRequest(model="", messages=())  # for calls beside the chat
DELTAS = (TextDelta, ReasoningDelta)
TransportFailure = (
    httpx.HTTPError,
    httpx.InvalidURL,
    aiohttp.ClientError,
    *PROXY_FAILURES,
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
        joined = JoinedText()
        try:
            async with aclosing(self._events(target, adapter)) as events:
                async for event in events:
                    if (whole := joined.take(event)) is not None:
                        yield whole
            for last in joined.end():
                yield last
        except UpstreamError as error:
            error.made_presentable(*target.secrets)
            raise

    async def list_models(self, target: Target) -> list[ListedModel]:
        """The models that the provider lists; also the cheapest test of a credential. Raises UpstreamError."""
        adapter = ADAPTERS[target.kind](target, NOTHING)
        said = await self._ask(target, adapter, adapter.models_call())
        try:
            return adapter.read_models(said)
        except (AttributeError, KeyError, TypeError) as error:
            raise Malformed("The list of models is of another shape.") from error

    async def delete_conversation(self, target: Target, conversation_id: str) -> bool:
        """Have the upstream delete a conversation that it keeps; False where it keeps none. Raises UpstreamError."""
        adapter = ADAPTERS[target.kind](target, NOTHING)
        call = adapter.deletion_call(conversation_id)
        if call is None:
            return False
        await self._ask(target, adapter, call)
        return True

    async def post_webhook(
        self, url: str, body: Mapping[str, Any], *, may_be_private: bool
    ) -> bytes:
        """Tell a service something, and return what it says to it; the guard holds here as well.

        Raises UpstreamError, without the URL and without its path, which some services repeat alone.
        """
        key = f"webhook/{hash(url)}/{may_be_private}"
        parts = urlsplit(url)
        secrets = url, *(part for part in (parts.path, parts.query) if len(part) > 8)
        target = Target(key, "openai_chat", url, "", own_host_may_be_private=may_be_private)
        call = Call(url, {}, body)
        try:
            async with (
                asyncio.timeout(ASK_SECONDS),
                self._response(target, ADAPTERS["openai_chat"](target, NOTHING), call) as response,
            ):
                return await _body(response)
        except (*TransportFailure, ValueError) as failure:  # of a URL that nobody can call
            raise unreachable(failure, target).made_presentable(*secrets) from failure
        except UpstreamError as error:
            error.made_presentable(*secrets)
            raise

    async def aclose(self) -> None:
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.aclose()

    async def _ask(self, target: Target, adapter: Adapter, call: Call) -> Any:
        """The JSON that answers a call beside the chat."""
        try:
            async with (
                asyncio.timeout(ASK_SECONDS),
                self._response(target, adapter, call) as response,
            ):
                body = await _body(response)
            return json.loads(body) if body else None
        except (ValueError, RecursionError) as error:
            raise Malformed(
                f"{urlsplit(call.url).path} answers with no JSON but with {excerpt(body)}"
            ).made_presentable(*target.secrets) from error
        except TransportFailure as failure:
            raise unreachable(failure, target).made_presentable(*target.secrets) from failure
        except UpstreamError as error:
            error.made_presentable(*target.secrets)
            raise

    async def _events(self, target: Target, adapter: Adapter) -> AsyncGenerator[Event]:
        began = False
        try:
            async with self._response(target, adapter, adapter.call()) as response:
                began = True
                async with aclosing(_events_of(response, adapter)) as events:
                    async for event in events:
                        yield event
        except TransportFailure as failure:
            if adapter.ended:
                return
            raise (broken(failure) if began else unreachable(failure, target)) from failure
        if not adapter.ended:
            raise Interrupted("The stream ended without a finish reason.")

    @asynccontextmanager
    async def _response(
        self, target: Target, adapter: Adapter, call: Call
    ) -> AsyncIterator[httpx.Response]:
        session = self._session(target)
        request = session.build_request(
            call.method, call.url, headers=dict(call.headers), json=call.body
        )
        response = await session.send(request, stream=True)
        try:
            if not response.is_success:
                raise adapter.refusal(response.status_code, response.headers, await _body(response))
            yield response
        finally:
            await response.aclose()

    def _session(self, target: Target) -> httpx.AsyncClient:
        if target.key not in self._sessions:
            self._sessions[target.key] = _new_session(target)
        return self._sessions[target.key]


class JoinedText:
    """Joins characters that were cut between two deltas of a part."""

    def __init__(self) -> None:
        self._length = 0
        self._joiners: dict[type[TextDelta | ReasoningDelta], ScalarJoiner]
        self._joiners = {TextDelta: ScalarJoiner(), ReasoningDelta: ScalarJoiner()}

    def take(self, event: Event) -> Event | None:
        """The event with whole characters in it; None where nothing of it is whole yet."""
        if isinstance(event, DELTAS):
            self._length += len(event.text)
            if self._length > LONGEST_ANSWER:
                raise Malformed(f"The answer is longer than {LONGEST_ANSWER} characters.")
            text = self._joiners[type(event)].add(event.text)
            if text is event.text:
                return event
            return type(event)(text) if text else None
        if isinstance(event, TextReplaced):
            self._joiners[TextDelta] = ScalarJoiner()
            return TextReplaced(clean_text(event.text))
        return event

    def end(self) -> Iterator[Event]:
        for kind, joiner in self._joiners.items():
            if last := joiner.end():
                yield kind(last)


def _new_session(target: Target) -> httpx.AsyncClient:
    def open_session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=_new_connector(target, transport.ssl_context),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
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


def _new_connector(target: Target, ssl_context: Any) -> aiohttp.BaseConnector:
    url = httpx.URL(target.base_url)
    own_port = url.port or (443 if url.scheme == "https" else 80)
    private_port = own_port if target.own_host_may_be_private else None
    # A kept connection that the upstream has closed meanwhile fails the request, and a POST cannot simply be
    # repeated; a new one for each answer costs a handshake before the first text.
    options = {"limit": 0, "force_close": True, "ssl": ssl_context}
    if target.proxy_url:
        return guarded_proxy_connector(
            target.proxy_url,
            proxy_may_be_private=target.proxy_may_be_private,
            private_port=private_port,
            **options,
        )
    return aiohttp.TCPConnector(
        socket_factory=guarded_socket_factory(private_port=private_port), **options
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
