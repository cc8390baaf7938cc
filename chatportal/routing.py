"""What stands before the socket and the stream, and the life of the process."""

from __future__ import annotations

from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import close_old_connections
from django.http import parse_cookie
from django.http.request import validate_host
from django.urls import re_path
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from conversations.event_stream import event_stream
from conversations.generation import lifespan as engine_lifespan
from conversations.routing import STREAM, websocket_urlpatterns


class SameOrigin:
    """Refuses a socket or a stream that a page of another origin opens: the browser would send our cookie along.

    The Origin has to name the Host that was asked for, as for Django's CSRF check, or be one of ours by PORTAL_URL.
    A client that sends none is no browser, and brings no cookie that it was not given.
    """

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1")
        # A page may ask for a stream without an Origin, but not without this.
        if headers.get(b"sec-fetch-site") in {b"cross-site", b"same-site"} and not origin:
            return await _refuse(scope, receive, send)
        if origin and not self._is_ours(origin, headers.get(b"host", b"").decode("latin-1")):
            return await _refuse(scope, receive, send)
        return await self.inner(scope, receive, send)

    def _is_ours(self, origin: str, host: str) -> bool:
        if origin in settings.CSRF_TRUSTED_ORIGINS:
            return True
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        known = validate_host(parts.hostname or "", settings.ALLOWED_HOSTS)
        return known and parts.scheme in {"http", "https"} and parts.netloc == host


async def _refuse(scope: Any, receive: Any, send: Any, *, status: int = 403) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4403})
    else:
        await send({"type": "http.response.start", "status": status})
        await send({"type": "http.response.body"})


class BehindProxies:
    """Believes what PORTAL_TRUSTED_PROXIES say of who asks, and keeps in `peer` who spoke (accounts/proxy_header)."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self._believing = ProxyHeadersMiddleware(inner, settings.PORTAL_TRUSTED_PROXIES)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        scope["peer"] = scope.get("client")
        return await self._believing(scope, receive, send)


class EngineWithFirstScope:
    """Starts the engine where the server offers no lifespan (daphne, Django's runserver)."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        await engine_lifespan.start()
        return await self.inner(scope, receive, send)


class LargeBodies:
    """A body larger than a form may be is taken from a person who is logged in alone: Django would write all of it down
    before it asks who that is.
    """

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        if not _is_large(dict(scope["headers"])) or await sync_to_async(_is_logged_in)(scope):
            return await self.inner(scope, receive, send)
        return await _refuse(scope, receive, send, status=413)


def _is_large(headers: dict[bytes, bytes]) -> bool:
    """Also where nobody knows: browsers always say how much comes."""
    length = headers.get(b"content-length", b"")
    if length.isdigit():
        return int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return b"transfer-encoding" in headers


def _is_logged_in(scope: Any) -> bool:
    cookies = parse_cookie(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1"))
    key = cookies.get(settings.SESSION_COOKIE_NAME)
    engine = import_module(settings.SESSION_ENGINE)
    try:
        return bool(key and engine.SessionStore(key).get(SESSION_KEY))
    finally:
        close_old_connections()


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    """Start the engine before the first request, drain it after the last."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            try:
                await engine_lifespan.start()
            except Exception as error:
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                raise
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await engine_lifespan.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


websocket = BehindProxies(SameOrigin(URLRouter(websocket_urlpatterns)))


def with_streams(pages: Any) -> Any:
    """The streams of events, and for all other paths `pages`."""
    return URLRouter([re_path(STREAM, SameOrigin(event_stream)), re_path("", pages)])
