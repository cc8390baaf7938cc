"""Django's ASGI handler with one change of threads a request instead of three.

Our middleware and views are synchronous. Django would enter a thread for the outer middleware, come back to the event
loop for its own innermost part, and enter a thread again for the view: each change costs more than most middleware.
"""

from __future__ import annotations

from typing import Any

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest


class OneThreadHandler(ASGIHandler):
    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> Any:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


def make_http_application() -> OneThreadHandler:
    """As Django's get_asgi_application."""
    django.setup(set_prefix=False)
    return OneThreadHandler()
