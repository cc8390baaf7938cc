"""What stands before the socket, and the life of the process."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from channels.routing import URLRouter
from django.conf import settings
from django.http.request import validate_host
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from conversations.generation import lifespan as engine_lifespan
from conversations.routing import websocket_urlpatterns


class SameOrigin:
    """Refuses a socket that a page of another origin opens: the browser would send our cookie along.

    The Origin has to name the Host that was asked for, as for Django's CSRF check, or be one of ours by PORTAL_URL.
    A client that sends none is no browser, and brings no cookie that it was not given.
    """

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1")
        if origin and not self._is_ours(origin, headers.get(b"host", b"").decode("latin-1")):
            await receive()
            await send({"type": "websocket.close", "code": 4403})
            return None
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
