"""One generation from its first delta to its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from conversations.generation.claiming import Assignment
from conversations.generation.hub import Hub
from conversations.generation.in_database import DatabaseThreads
from conversations.generation.journal import Journal, JournalLost
from conversations.generation.manuscript import Ending, Manuscript
from conversations.generation.sending_back import Failure, Fate, send_back
from conversations.models import Generation
from conversations.protocol import seconds_between
from upstream.client import UpstreamClient
from upstream.errors import ConversationGone, UpstreamError
from upstream.estimates import estimate_tokens
from upstream.pool.releasing import Outcome, release
from upstream.quotas import settle
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
        self,
        assignment: Assignment,
        *,
        client: UpstreamClient,
        journal: Journal,
        hub: Hub,
        database: DatabaseThreads,
        on_released: Callable[[], None],
    ) -> None:
        self.assignment = assignment
        self.manuscript: Manuscript = assignment.manuscript
        self._client = client
        self._journal = journal
        self._hub = hub
        self._database = database
        self._on_released = on_released
        self._reading: asyncio.Task[None] | None = None
        self._cut_short: Ending | None = None
        self._finish_reason = ""
        self._usage: Usage | None = None
        self._replayed = False
        self._upstream_error: UpstreamError | None = None

    def stop(self) -> None:
        """Close the upstream request; what was written stays."""
        self._cut(Ending(Status.STOPPED, **self._known()))

    def revoke(self) -> None:
        """Its owner may no longer use the model; what was written stays."""
        self._cut(self._broken("not_offered", "Its owner may no longer use the model."))

    def interrupt(self) -> None:
        """End as interrupted: the process is about to end."""
        self._cut(self._error(Status.INTERRUPTED, "interrupted", "The portal was restarted."))

    async def run(self) -> None:
        self._hub.publish(
            self.manuscript.topic, self.manuscript.status_event(Ending(Status.STREAMING))
        )
        ending = await self._ending()
        if ending is None:
            return  # it waits again, for another credential
        releasing = asyncio.create_task(self._release(ending))
        try:
            await self._journal.finish(self.manuscript, ending)
        except JournalLost:
            self._tell_that_it_is_lost()
        await releasing

    async def _ending(self) -> Ending | None:
        """How it ended; None where it did not, and was sent back."""
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
            self._upstream_error = error
            fate = await self._send_back(error)
            if fate is Fate.SENT_BACK:
                return None
            if fate is Fate.STOPPED:
                return self._cut_short or Ending(Status.STOPPED, **self._known())
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

    async def _send_back(self, error: UpstreamError) -> Fate:
        """Before the first delta another credential may answer instead, and nobody sees that one failed."""
        lease = self.assignment.lease
        if lease is None or not self.manuscript.is_blank or self._cut_short:
            return Fate.ENDS
        failure = Failure(lease, self._journal.engine_id, error, self._outcome(error.code))
        try:
            return await self._database.run(send_back, failure)
        except (DatabaseError, InterfaceError, OSError) as away:
            logger.warning("A failed generation could not be sent back: %s", type(away).__name__)
            return Fate.ENDS

    async def _release(self, ending: Ending) -> None:
        """Give the lease back, and what was reserved. Where that fails the lease runs out (settling.py)."""
        lease = self.assignment.lease
        outcome = self._outcome(ending.error_code or str(ending.status))
        try:
            if lease is None:  # it could not even begin
                await self._database.run(settle, self.manuscript.generation_id, counts=False)
                return
            await self._database.run(
                release, lease, holder=self._journal.engine_id, outcome=outcome
            )
        except (DatabaseError, InterfaceError, OSError) as away:
            logger.warning("A lease could not be given back: %s", type(away).__name__)
        self._on_released()

    def _outcome(self, code: str) -> Outcome:
        """What the lease came to; where the upstream counted no tokens, an estimate."""
        assignment, manuscript = self.assignment, self.manuscript
        first_text_ms = None
        if manuscript.first_text_at and assignment.lease:
            waited = (manuscript.first_text_at - assignment.lease.leased_at).total_seconds()
            first_text_ms = int(max(0.0, waited) * 1000)
        usage = self._usage
        if usage is None and not manuscript.is_blank and assignment.request is not None:
            shown = sum(estimate_tokens(each.text) for each in assignment.request.messages)
            written = "".join((*manuscript.written["reasoning"], *manuscript.written["text"]))
            usage = Usage(shown, estimate_tokens(written))
        return Outcome(
            code,
            error=self._upstream_error,
            first_text_ms=first_text_ms,
            prompt_tokens=usage.prompt_tokens if usage else 0,
            completion_tokens=usage.completion_tokens if usage else 0,
            is_estimated=self._usage is None,
            after_text=not manuscript.is_blank,
        )

    async def _read(self) -> None:
        assignment = self.assignment
        if assignment.refusal is not None:
            raise assignment.refusal
        assert assignment.lease is not None and assignment.request is not None
        target = assignment.lease.target
        try:
            await self._read_from(target, assignment.request)
        except ConversationGone:
            # Deleted on the vendor's page, or of another account: what was said is here, and is told again.
            if self._replayed:
                raise
            await self._read_from(target, assignment.request.told_anew())

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
        known: dict[str, Any] = {
            "replayed": self._replayed,
            "answered_by": self.assignment.answered_by,
            "tries": self.assignment.tries,
            "cut": self.assignment.cut,
            "thought_seconds": seconds_between(
                self.manuscript.claimed_at, self.manuscript.first_text_at
            ),
        }
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
