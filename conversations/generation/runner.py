"""One generation from its first delta to its end."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import Any

from django.utils import timezone

from conversations.generation.claiming import Assignment
from conversations.generation.hub import Hub
from conversations.generation.journal import Journal, JournalLost
from conversations.generation.manuscript import Ending, Manuscript
from conversations.models import Generation
from upstream.client import UpstreamClient
from upstream.errors import ConversationGone, UpstreamError
from upstream.types import (
    ChatRequest,
    Event,
    Finished,
    Placed,
    ReasoningDelta,
    Target,
    TextDelta,
    TextReplaced,
    Usage,
)

Status = Generation.Status
logger = logging.getLogger(__name__)


class Runner:
    """Reads from upstream and writes to the journal until the answer ends, is stopped, or breaks."""

    def __init__(
        self, assignment: Assignment, *, client: UpstreamClient, journal: Journal, hub: Hub
    ) -> None:
        self.assignment = assignment
        self.manuscript: Manuscript = assignment.manuscript
        self._client = client
        self._journal = journal
        self._hub = hub
        self._reading: asyncio.Task[None] | None = None
        self._cut_short: Ending | None = None
        self._finish_reason = ""
        self._usage: Usage | None = None
        self._replayed = False

    def stop(self) -> None:
        """Close the upstream request; what was written stays."""
        self._cut(Ending(Status.STOPPED))

    def interrupt(self) -> None:
        """End as interrupted: the process is about to end."""
        self._cut(self._error(Status.INTERRUPTED, "interrupted", "The portal was restarted."))

    async def run(self) -> None:
        self._hub.publish(
            self.manuscript.topic, self.manuscript.status_event(Ending(Status.STREAMING))
        )
        ending = await self._ending()
        try:
            await self._journal.finish(self.manuscript, ending)
        except JournalLost:
            self._tell_that_it_is_lost()

    async def _ending(self) -> Ending:
        if self._cut_short:
            return self._cut_short
        self._reading = asyncio.create_task(self._read())
        try:
            await self._reading
        except asyncio.CancelledError:
            return self._cut_short or self._error(
                Status.INTERRUPTED, "interrupted", "The portal was stopped."
            )
        except UpstreamError as error:
            return self._broken(error.code, error.detail)
        except JournalLost:
            return self._broken("internal_error", "Saving failed.")
        except Exception as error:
            logger.exception("Generation %s failed", self.manuscript.generation_id)
            return self._broken("internal_error", type(error).__name__)
        finally:
            self._reading = None
        return Ending(
            Status.COMPLETED, finish_reason=self._finish_reason or "stop", **self._known()
        )

    async def _read(self) -> None:
        assignment = self.assignment
        if assignment.refusal is not None:
            raise assignment.refusal
        assert assignment.target is not None and assignment.request is not None
        try:
            await self._read_from(assignment.target, assignment.request)
        except ConversationGone:
            # Deleted on the vendor's page, or of another account: what was said is here, and is told again.
            if self._replayed:
                raise
            await self._read_from(assignment.target, assignment.request.told_anew())

    async def _read_from(self, target: Target, request: ChatRequest) -> None:
        self._replayed = request.tells_anew
        async with aclosing(self._client.stream_chat(target, request)) as events:
            async for event in events:
                self._take(event)
                if not self._journal.flows:
                    await self._journal.room(self.manuscript)

    def _take(self, event: Event) -> None:
        if isinstance(event, TextDelta):
            if self.manuscript.first_text_at is None:
                self.manuscript.first_text_at = timezone.now()
            self._journal.append(self.manuscript, "text", event.text)
        elif isinstance(event, ReasoningDelta):
            self._journal.append(self.manuscript, "reasoning", event.text)
        elif isinstance(event, TextReplaced):
            self._journal.replace(self.manuscript, "text", event.text)
        elif isinstance(event, Placed):
            self._journal.place(self.manuscript, event)
        elif isinstance(event, Finished):
            self._finish_reason = event.reason
        else:
            self._usage = event

    def _cut(self, ending: Ending) -> None:
        if self._cut_short is None:
            self._cut_short = ending
        if self._reading is not None:
            self._reading.cancel()

    def _broken(self, code: str, detail: str) -> Ending:
        """What broke after some text is interrupted, and can be continued; before it, it failed."""
        status = Status.INTERRUPTED if self.manuscript.has_text() else Status.FAILED
        return self._error(status, code, detail)

    def _error(self, status: str, code: str, detail: str) -> Ending:
        return Ending(
            status, code, detail, error_sentence=self.assignment.sentence(code), **self._known()
        )

    def _known(self) -> dict[str, Any]:
        """What is known of a generation at its end, however it ends."""
        known: dict[str, Any] = {"replayed": self._replayed}
        if usage := self._usage:
            known["prompt_tokens"] = usage.prompt_tokens
            known["completion_tokens"] = usage.completion_tokens
        return known

    def _tell_that_it_is_lost(self) -> None:
        """The one status that is told before it is saved: nobody is left waiting while the database is away."""
        code = "interrupted" if self._journal.disowned else "internal_error"
        written = self.manuscript.published or self.manuscript.text_before
        ending = self._error(Status.INTERRUPTED if written else Status.FAILED, code, "")
        self._hub.publish(self.manuscript.topic, self.manuscript.status_event(ending))
