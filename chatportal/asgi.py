"""The ASGI application: pages over HTTP, events over the socket or a stream, the engine in the lifespan."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatportal.settings")

from chatportal.handler import make_http_application

http = make_http_application()  # before all that imports models

from channels.routing import ProtocolTypeRouter  # noqa: E402

from chatportal.routing import (  # noqa: E402
    BehindProxies,
    EngineWithFirstScope,
    LargeBodies,
    lifespan,
    websocket,
    with_streams,
)

application = ProtocolTypeRouter(
    {
        "http": BehindProxies(EngineWithFirstScope(with_streams(LargeBodies(http)))),
        "websocket": websocket,
        "lifespan": lifespan,
    }
)
