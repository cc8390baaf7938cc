"""The journal: what was published has been saved.

Every FLUSH_SECONDS (somewhat less often while very many answers are written) one transaction saves what all generations
have written since, and then it is published, one frame a passage. A commit that fails is repeated with the same rows;
until it succeeds nothing is published and reading from upstream pauses. After GIVE_UP_SECONDS the generations end as
internal_error, with what is saved.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError

from conversations.generation import ledger
from conversations.generation.hub import Hub
from conversations.generation.in_database import DatabaseThreads
from conversations.generation.manuscript import Ending, Manuscript
from conversations.protocol import DeltaAdded
from upstream.types import Placed

FLUSH_SECONDS = 0.05
# With more answers at once a flush may wait longer, up to twice as long: fewer and fuller frames, at a third less CPU.
FULL_BATCH = 150  # answers that were added to since the last flush
RETRY_SECONDS = 0.25
STALLED_SECONDS = 1.0  # a commit that takes longer stops the reading from upstream
GIVE_UP_SECONDS = 30.0

logger = logging.getLogger(__name__)


class JournalLost(Exception):
    """This generation can no longer be saved; its upstream request is to be closed."""


class SavingFailed(Exception):
    """The database did not take a batch for GIVE_UP_SECONDS."""


@dataclass(slots=True)
class Batch:
    """What one transaction saves."""

    deltas: list[tuple[Manuscript, DeltaAdded]] = field(default_factory=list)
    endings: list[tuple[Manuscript, Ending]] = field(default_factory=list)
    places: list[tuple[Manuscript, Placed]] = field(default_factory=list)

    def manuscripts(self) -> set[Manuscript]:
        return {entry[0] for entry in (*self.deltas, *self.endings, *self.places)}

    def only(self, manuscript: Manuscript) -> Batch:
        return Batch(
            [entry for entry in self.deltas if entry[0] is manuscript],
            [entry for entry in self.endings if entry[0] is manuscript],
            [entry for entry in self.places if entry[0] is manuscript],
        )

    def __bool__(self) -> bool:
        return bool(self.deltas or self.endings or self.places)


class Journal:
    def __init__(self, hub: Hub, engine_id: uuid.UUID) -> None:
        self.engine_id = engine_id
        self.disowned = False
        self._hub = hub
        self._threads = DatabaseThreads("journal", threads=1)
        self._dirty: dict[Manuscript, None] = {}
        self._endings: list[tuple[Manuscript, Ending]] = []
        self._ended: dict[Manuscript, asyncio.Future[None]] = {}
        self._work = asyncio.Event()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._task: asyncio.Task[None] | None = None

    @property
    def flows(self) -> bool:
        """False while saving fails: whoever reads from upstream then waits for `room`."""
        return self._flowing.is_set()

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="journal")

    async def close(self) -> None:
        """Save what waits, and end. Everything must have been finished before."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self._threads.close()

    def append(self, manuscript: Manuscript, part: str, text: str) -> None:
        manuscript.append(part, text)
        self._touch(manuscript)

    def replace(self, manuscript: Manuscript, part: str, text: str) -> None:
        manuscript.replace(part, text)
        self._touch(manuscript)

    def place(self, manuscript: Manuscript, place: Placed) -> None:
        """Save where the upstream keeps the turn, with the next deltas: a restart then finds it there."""
        manuscript.place = place
        self._touch(manuscript)

    async def room(self, manuscript: Manuscript) -> None:
        """Wait until saving works. Raises JournalLost when this generation has been given up."""
        await self._flowing.wait()
        if manuscript.lost:
            raise JournalLost

    async def finish(self, manuscript: Manuscript, ending: Ending) -> None:
        """Save the rest and the end, and return when it is published. Raises JournalLost."""
        if manuscript.lost:
            raise JournalLost
        self._endings.append((manuscript, ending))
        done = self._ended[manuscript] = asyncio.get_running_loop().create_future()
        self._work.set()
        await done

    def _touch(self, manuscript: Manuscript) -> None:
        if manuscript.lost:
            raise JournalLost
        self._dirty[manuscript] = None
        self._work.set()

    async def _run(self) -> None:
        while True:
            await self._work.wait()
            began = time.monotonic()
            load = len(self._dirty) / FULL_BATCH
            try:
                await self._flush()
            except Exception:
                # The journal outlives whatever is in it: without it nothing in this process would be answered.
                logger.exception("A flush of the journal failed")
            interval = FLUSH_SECONDS * min(max(1.0, load), 2.0)
            await asyncio.sleep(max(0.0, interval - (time.monotonic() - began)))

    async def _flush(self) -> None:
        batch = self._take()
        if not batch:
            return
        try:
            await self._save_until_it_works(batch)
        except ledger.EngineDisowned:
            self._disown(batch)
        except SavingFailed:
            self.give_up(self._all(batch))
        except Exception:
            # The rows of some generation are refused (its conversation was deleted for good, say).
            logger.warning("A batch was refused and is saved one by one", exc_info=True)
            await self._save_one_by_one(batch)
        else:
            self._publish(batch)
        finally:
            self._flowing.set()

    async def _save_until_it_works(self, batch: Batch) -> None:
        """Raises SavingFailed when that takes too long; a database that hangs fails like one that refuses."""
        began = time.monotonic()
        while True:
            saving = asyncio.create_task(self._save(batch))
            await asyncio.wait({saving}, timeout=STALLED_SECONDS)
            if not saving.done():
                self._flowing.clear()
                left = GIVE_UP_SECONDS - (time.monotonic() - began)
                await asyncio.wait({saving}, timeout=max(0.0, left))
            if not saving.done():
                saving.add_done_callback(_look_at)
                logger.error("The database has hung for %.0f s", GIVE_UP_SECONDS)
                raise SavingFailed
            try:
                return saving.result()
            except (OperationalError, InterfaceError, OSError) as error:
                self._flowing.clear()
                if time.monotonic() - began >= GIVE_UP_SECONDS:
                    logger.error("Saving answers failed for %.0f s: %s", GIVE_UP_SECONDS, error)
                    raise SavingFailed from error
                logger.warning("Saving answers failed and is tried again: %s", error)
                await asyncio.sleep(RETRY_SECONDS)

    def _take(self) -> Batch:
        self._work.clear()
        dirty, self._dirty = self._dirty, {}
        endings, self._endings = self._endings, []
        batch = Batch(endings=endings)
        for manuscript in dirty:
            batch.deltas += [(manuscript, delta) for delta in manuscript.number_open()]
            if place := manuscript.take_place():
                batch.places.append((manuscript, place))
        return batch

    async def _save(self, batch: Batch) -> None:
        deltas = [delta for _manuscript, delta in batch.deltas]
        await self._threads.run(ledger.save, self.engine_id, deltas, batch.endings, batch.places)

    async def _save_one_by_one(self, batch: Batch) -> None:
        for manuscript in batch.manuscripts():
            own = batch.only(manuscript)
            try:
                await self._save_until_it_works(own)
            except ledger.EngineDisowned:
                self._disown(batch)
                return
            except Exception as error:
                name = type(error).__name__
                logger.warning("Generation %s cannot be saved: %s", manuscript.generation_id, name)
                self.give_up({manuscript})
            else:
                self._publish(own)

    def _disown(self, batch: Batch) -> None:
        logger.error("Another process took this one for dead; its generations were ended there.")
        self.disowned = True
        self.give_up(self._all(batch))

    def _publish(self, batch: Batch) -> None:
        for manuscript, delta in batch.deltas:
            manuscript.published = delta.sequence
            self._hub.publish(manuscript.topic, delta)
        for manuscript, ending in batch.endings:
            self._hub.publish(manuscript.topic, manuscript.status_event(ending))
            self._resolve(manuscript, None)

    def _all(self, batch: Batch) -> set[Manuscript]:
        later = {manuscript for manuscript, _ in self._endings}
        return batch.manuscripts() | set(self._dirty) | later

    def give_up(self, manuscripts: set[Manuscript]) -> None:
        """Forget what could not be saved. The engine ends the rows when the database works again (engine.py)."""
        self._dirty = {m: None for m in self._dirty if m not in manuscripts}
        self._endings = [entry for entry in self._endings if entry[0] not in manuscripts]
        for manuscript in manuscripts:
            manuscript.lost = True
            manuscript.open = []
            self._resolve(manuscript, JournalLost())

    def _resolve(self, manuscript: Manuscript, error: Exception | None) -> None:
        done = self._ended.pop(manuscript, None)
        if done is None or done.done():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)


def _look_at(saving: asyncio.Task[None]) -> None:
    """The commit that hung has come to its end, and nobody waits for it any more."""
    if not saving.cancelled() and saving.exception() is not None:
        logger.warning("It ended with %s", type(saving.exception()).__name__)
