"""The portal's settings where messages are taken and nobody answers: what sending costs, and no more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from chatportal.settings import *  # noqa: F403
from chatportal.settings import MIDDLEWARE as ALL

MIDDLEWARE = [*ALL, "benchmarks.stage.sending_only.NobodyAnswers"]


class NobodyAnswers:
    """Has the engine of this process rest, before it is started."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        from conversations.generation.engine import Engine

        async def rest(*_arguments: Any) -> None:
            await asyncio.Event().wait()

        Engine._look_for_work = rest  # type: ignore[method-assign]
        Engine._every = rest  # type: ignore[method-assign]
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        return self.get_response(request)
