"""The engine: takes pending generations and sees each to its end. One in a process, started with it.

A generation belongs to the engine and not to a socket: nobody watching changes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Awaitable, Callable, Iterator

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from conversations import dispatch, publishing
from conversations.access import without_access
from conversations.exports import working as exporting
from conversations.generation import reaper
from conversations.generation.claiming import (
    Assignment,
    claim_pending,
    own_generations,
)
from conversations.generation.farewell import farewells, note_farewell
from conversations.generation.household import keep_house
from conversations.generation.hub import Hub
from conversations.generation.in_database import DatabaseThreads
from conversations.generation.journal import Journal
from conversations.generation.revoking import refuse_revoked, revoked
from conversations.generation.runner import Runner
from conversations.generation.settling import settle_left_over
from conversations.generation.sockets import OpenSockets
from conversations.generation.waiting import moved_places
from conversations.imports import working as importing
from conversations.jobs.thread import JobThread
from conversations.models import Conversation, Generation
from conversations.protocol import (
    HEARTBEAT_SECONDS,
    BranchChanged,
    StatusChanged,
    topic_of_conversation,
    topic_of_person,
)
from upstream.client import UpstreamClient
from upstream.errors import ConversationGone, UpstreamError
from upstream.pool.alerts import note_untold, tell_by_mail, watch_expiry
from upstream.pool.releasing import release_all, release_run_out, renew
from upstream.pool.webhooks import claim_webhook_calls, note_answer

LOOK_SECONDS = 1.0
BEAT_SECONDS = 2.0
LETTING_GO_SECONDS = 35.0  # the journal gives up after 30
FAREWELL_SECONDS = 5.0
POOL_SECONDS = 5.0
ACCESS_SECONDS = 3.0  # the promise is 4
HOUSE_SECONDS = 60.0

logger = logging.getLogger(__name__)


class Engine:
    """All of it belongs to one event loop."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.sockets = OpenSockets()
        self.database = DatabaseThreads("database")
        self.client = UpstreamClient()
        self.jobs = (
            JobThread("imports", importing.claim_import, importing.work),
            JobThread("exports", exporting.claim_export, exporting.work),
        )
        self.runners: dict[uuid.UUID, Runner] = {}
        self.journal: Journal
        self.draining = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._rounds: list[asyncio.Task[None]] = []
        self._wake = asyncio.Event()
        self._hurried = asyncio.Event()
        self.loop = asyncio.get_running_loop()

    async def start(self) -> None:
        await self._enter()
        self.hub.start(settings.REDIS_URL)
        publishing.listeners.append(self.hub.publish_from_thread)
        dispatch.wakers.append(self._wake_from_thread)
        for thread in self.jobs:
            thread.start()
        self._rounds = [
            asyncio.create_task(self._look_for_work(), name="look for work"),
            asyncio.create_task(self._every(BEAT_SECONDS, self._beat), name="beat"),
            asyncio.create_task(
                self._every(ACCESS_SECONDS, self._check_access), name="check access"
            ),
            asyncio.create_task(
                self._every(HEARTBEAT_SECONDS, self._beat_to_pages), name="heartbeat"
            ),
            asyncio.create_task(
                self._every(LOOK_SECONDS, self._tell_places), name="tell places in line"
            ),
            asyncio.create_task(
                self._every(POOL_SECONDS, self._look_after_pool), name="look after the pool"
            ),
            asyncio.create_task(
                self._every(FAREWELL_SECONDS, self._bid_farewell), name="delete upstream"
            ),
            asyncio.create_task(self._every(HOUSE_SECONDS, self._keep_house), name="keep house"),
        ]

    async def drain(self, seconds: float) -> None:
        """Let running answers end within `seconds`, interrupt the rest, and close everything."""
        self.draining = True
        publishing.listeners.remove(self.hub.publish_from_thread)
        dispatch.wakers.remove(self._wake_from_thread)
        jobs_ended = [asyncio.create_task(asyncio.to_thread(each.stop)) for each in self.jobs]
        if self._tasks:
            ended = asyncio.create_task(asyncio.wait(self._tasks))
            hurried = asyncio.create_task(self._hurried.wait())
            await asyncio.wait(
                {ended, hurried}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
            ended.cancel()
            hurried.cancel()
        for runner in list(self.runners.values()):
            runner.interrupt()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LETTING_GO_SECONDS)
        for task in self._rounds:
            task.cancel()
        await asyncio.gather(*self._rounds, return_exceptions=True)
        await asyncio.gather(*jobs_ended)
        await self.journal.close()
        await self.hub.close()
        await self.client.aclose()
        with contextlib.suppress(DatabaseError, InterfaceError):
            await self.database.run(reaper.retire_engine, self.journal.engine_id)
        await self.database.close()

    def hurry(self) -> None:
        """Drain no longer; for any thread, and for the handler of a signal."""
        self.loop.call_soon_threadsafe(self._hurried.set)

    async def _enter(self) -> None:
        self._begin_journal(await self.database.run(reaper.register_engine))
        await self._reap()

    def _begin_journal(self, engine_id: uuid.UUID) -> None:
        self.journal = Journal(self.hub, engine_id)
        self.journal.start()

    async def _enter_anew(self) -> None:
        """Another process took this one for dead and ended what it had: let go of it, and begin again."""
        engine_id = await self.database.run(
            reaper.register_engine
        )  # may fail, and is tried again then
        old = self.journal
        old.disowned = True
        old.give_up({runner.manuscript for runner in self.runners.values()})
        for runner in tuple(self.runners.values()):
            runner.stop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LETTING_GO_SECONDS)
        self._begin_journal(engine_id)
        await old.close()
        await self.database.run(release_all, old.engine_id)

    def _wake_from_thread(self) -> None:
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._wake.set)

    async def _look_for_work(self) -> None:
        while True:
            # Not wait_for: that of Python 3.11 swallows a cancellation which comes together with the wake.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._wake.wait()
            self._wake.clear()
            for runner in tuple(self.runners.values()):
                if runner.manuscript.lost:
                    runner.stop()
            with self._database_may_be_away():
                await self._look_after_own()
            with self._database_may_be_away():
                await self._take_pending()

    async def _take_pending(self) -> None:
        while not self.draining:
            assignments = await self.database.run(claim_pending, self.journal.engine_id)
            for assignment in assignments:
                self._run(assignment)
            if not assignments:
                return

    def _run(self, assignment: Assignment) -> None:
        runner = Runner(
            assignment,
            client=self.client,
            journal=self.journal,
            hub=self.hub,
            database=self.database,
            on_released=self._wake.set,  # somebody may wait for that credential
        )
        generation_id = assignment.manuscript.generation_id
        self.runners[generation_id] = runner
        task = asyncio.create_task(self._see_through(runner), name=f"generation {generation_id}")
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._forget(done, runner))

    async def _tell_places(self) -> None:
        for place in await self.database.run(moved_places):
            ids = str(place.conversation_id), str(place.message_id), str(place.generation_id)
            event = StatusChanged(*ids, Generation.Status.PENDING, 0, position=place.position)
            self.hub.publish(topic_of_conversation(place.conversation_id), event)

    async def _see_through(self, runner: Runner) -> None:
        await runner.run()
        self._wake.set()  # it may have been sent back
        with self._database_may_be_away():
            await self._tell_sidebars(runner.manuscript.conversation_id)

    async def _tell_sidebars(self, conversation_id: uuid.UUID) -> None:
        found = await self.database.run(_conversation_with_marks, conversation_id)
        if found is not None:
            event = publishing.conversation_event(found, writing=found.is_writing)
            self.hub.publish(topic_of_person(found.owner_id), event)

    def _forget(self, task: asyncio.Task[None], runner: Runner) -> None:
        self._tasks.discard(task)
        generation_id = runner.manuscript.generation_id
        # One that was sent back may have been claimed again meanwhile: that run is another runner's.
        if self.runners.get(generation_id) is runner:
            del self.runners[generation_id]
        if not task.cancelled() and task.exception() is not None:
            logger.error("A runner failed", exc_info=task.exception())

    async def _look_after_own(self) -> None:
        """Heed stops, and end what is ours but runs no longer: given up by the journal, or lost while claiming."""
        for own in await self.database.run(own_generations, self.journal.engine_id):
            runner = self.runners.get(own.generation_id)
            if runner is None:
                with (
                    self._database_may_be_away()
                ):  # one that cannot be ended does not hold up the others
                    await self._end(own.generation_id)
            elif own.unwanted:
                runner.stop()

    async def _end(self, generation_id: uuid.UUID) -> None:
        generation = await self.database.run(Generation.objects.get, pk=generation_id)
        await self.database.run(reaper.end_with_what_is_saved, generation, code="internal_error")
        await self._have_pages_look_again(generation)

    async def _beat(self) -> None:
        await self.database.run(renew, self.journal.engine_id)
        if self.journal.disowned or not await self.database.run(
            reaper.beat, self.journal.engine_id
        ):
            await self._enter_anew()
        await self._reap()

    async def _look_after_pool(self) -> None:
        await self.database.run(release_run_out)
        await self.database.run(settle_left_over)
        await self.database.run(watch_expiry)
        await self.database.run(tell_by_mail)
        for call in await self.database.run(claim_webhook_calls):
            try:
                answer = await self.client.post_webhook(
                    call.url, call.body, may_be_private=call.may_be_private
                )
            except UpstreamError as error:
                await self.database.run(note_untold, call.alert_id, error.detail)
            else:
                await self.database.run(note_answer, call, answer)

    async def _reap(self) -> None:
        for generation in await self.database.run(reaper.reap_dead_engines, self.journal.engine_id):
            await self._have_pages_look_again(generation)

    async def _have_pages_look_again(self, generation: Generation) -> None:
        await self._tell_sidebars(generation.conversation_id)
        conversation = str(generation.conversation_id)
        self.hub.publish(topic_of_conversation(conversation), BranchChanged(conversation, None))

    async def _check_access(self) -> None:
        await self._revoke()
        visitors = self.sockets.visitors()
        if visitors:
            self.sockets.close_for(await self.database.run(without_access, visitors))

    async def _keep_house(self) -> None:
        present = {visitor.user_id for visitor in self.sockets.visitors()}
        await self.database.run(keep_house, present)

    async def _revoke(self) -> None:
        """End what its owner may no longer have answered."""
        for generation_id in await self.database.run(revoked, self.journal.engine_id):
            if runner := self.runners.get(generation_id):
                runner.revoke()
        for generation in await self.database.run(refuse_revoked):
            await self._have_pages_look_again(generation)

    async def _beat_to_pages(self) -> None:
        self.hub.beat()

    async def _bid_farewell(self) -> None:
        for farewell in await self.database.run(farewells):
            try:
                await self.client.delete_conversation(
                    farewell.target, farewell.upstream_conversation_id
                )
            except ConversationGone:
                pass
            except UpstreamError as error:
                logger.info("A conversation could not be deleted upstream: %s", error.code)
                continue
            await self.database.run(note_farewell, farewell)

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            with self._database_may_be_away():
                await work()

    @contextlib.contextmanager
    def _database_may_be_away(self) -> Iterator[None]:
        try:
            yield
        except (DatabaseError, InterfaceError, OSError) as error:
            logger.warning("The database does not answer: %s", error)
        except Exception:
            logger.exception("A round of the engine failed")


def _conversation_with_marks(conversation_id: uuid.UUID) -> Conversation | None:
    visible = Conversation.objects.filter(deleted_at=None)
    return visible.with_marks().filter(pk=conversation_id).first()
