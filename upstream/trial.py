"""Trying a credential: the list of models, and one short answer, with the times that they took."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from dataclasses import dataclass

from upstream.adapters.base import ListedModel
from upstream.client import UpstreamClient
from upstream.errors import Interrupted, UpstreamError
from upstream.types import ChatRequest, Placed, PromptMessage, Target, TextDelta, TextReplaced

QUESTION = "Answer with the one word: ready"
LONGEST_ANSWER = 40  # tokens
SHOWN = 300  # characters
PATIENCE = 45.0  # seconds, for all of it


@dataclass(slots=True)
class Trial:
    """What came of it: times are in seconds; `code` and `detail` where an answer did not come."""

    model: str = ""
    models: list[ListedModel] | None = None
    models_problem: str = ""
    text: str = ""
    first_text: float | None = None
    total: float | None = None
    code: str = ""
    detail: str = ""
    place: Placed | None = None

    @property
    def works(self) -> bool:
        return bool(self.text) and not self.code


async def try_target(target: Target, *, model: str = "") -> Trial:
    """Ask `target` for its models and have `model`, else the first of them, answer. Raises nothing of upstream."""
    client = UpstreamClient()
    trial = Trial(model)
    try:
        async with asyncio.timeout(PATIENCE):
            await _list(client, target, trial)
            if not trial.model and trial.models:
                trial.model = trial.models[0].name
            if trial.model:
                await _ask(client, target, trial)
    except TimeoutError:
        trial.code, trial.detail = "unreachable", f"No answer within {PATIENCE:.0f} s."
    finally:
        await client.aclose()
    return trial


async def _list(client: UpstreamClient, target: Target, trial: Trial) -> None:
    try:
        trial.models = await client.list_models(target)
    except UpstreamError as error:  # not every gateway lists its models: the answer decides
        trial.models_problem = error.detail
        if not trial.model:
            trial.code, trial.detail = error.code, error.detail


async def _ask(client: UpstreamClient, target: Target, trial: Trial) -> None:
    request = ChatRequest(
        trial.model, (PromptMessage("user", QUESTION),), longest_answer=LONGEST_ANSWER
    )
    began = time.monotonic()
    try:
        async with aclosing(client.stream_chat(target, request)) as events:
            async for event in events:
                if isinstance(event, TextDelta | TextReplaced):
                    trial.first_text = trial.first_text or time.monotonic() - began
                    before = trial.text if isinstance(event, TextDelta) else ""
                    trial.text = (before + event.text)[:SHOWN]
                elif isinstance(event, Placed):
                    trial.place = event
        trial.total = time.monotonic() - began
        if trial.place is not None:
            await client.delete_conversation(target, trial.place.conversation_id)
    except Interrupted as error:
        trial.code, trial.detail = error.code, error.detail
    except UpstreamError as error:
        if trial.total is None:  # else it was only the clearing up that failed
            trial.code, trial.detail = error.code, error.detail
