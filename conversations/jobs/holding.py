"""Taking a job, saying that one is still at it, and letting go: each a conditional UPDATE that says whether it
happened. So a job that was cancelled, or taken from a worker that fell silent, is noticed by whoever works on it.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from django.db.models import Q, QuerySet
from django.utils import timezone

from conversations.models.job import Job

SILENT_FOR = timedelta(seconds=60)  # then a worker is taken for dead
TELL_SECONDS = 1.0
LOOKED_AT = 5  # of those that wait, while others may take some
MOST_ATTEMPTS = 5
PAUSE = 0.3  # of the time that a piece of work took: beside live use, the rest of the process has to breathe
LONGEST_PAUSE = 0.05  # seconds

AJob = TypeVar("AJob", bound=Job)


class Ended(Exception):
    """It was cancelled, taken by another process, or this one is to end."""


def claim(jobs: QuerySet[AJob], worker: uuid.UUID) -> AJob | None:
    """The oldest of them that nobody works on, now this worker's."""
    silent = Q(worker=None) | Q(heard_at__lt=timezone.now() - SILENT_FOR)
    waiting = jobs.filter(silent, state__in=jobs.model.AT_WORK).order_by("created_at")
    for each in waiting.select_related("owner")[:LOOKED_AT]:
        taken = jobs.filter(silent, pk=each.pk, state__in=jobs.model.AT_WORK)
        if taken.update(worker=worker, heard_at=timezone.now()):
            each.worker = worker
            return each
    return None


class Hold:
    """What a worker has of the job that it claimed."""

    def __init__(self, job: Job, keep_on: Callable[[], bool], *, breathes: bool = False) -> None:
        self.job = job
        self.keep_on = keep_on
        self.breathes = breathes
        self.told_at = 0.0

    def tell(self, **changes: Any) -> None:
        """That it is still being worked on, and how far it is, once a second; raises Ended where it should not be."""
        if time.monotonic() - self.told_at < TELL_SECONDS:
            return
        self.told_at = time.monotonic()
        self.note(**changes)
        if not self.keep_on():
            raise Ended

    def note(self, **changes: Any) -> None:
        """Change the row now; raises Ended where it is no longer this worker's."""
        if not self._mine().update(heard_at=timezone.now(), **changes):
            raise Ended

    def move(self, state: str, **changes: Any) -> None:
        """To another state, where the next one who works on it takes it up; raises Ended as above."""
        finished_at = None if state in self.job.UNFINISHED else timezone.now()
        moved = {"state": state, "worker": None, "finished_at": finished_at, **changes}
        if not self._mine().update(**moved):
            raise Ended
        self.job.state = state

    def let_go(self, **changes: Any) -> None:
        """Whoever comes next may go on with it at once."""
        self._rows().filter(pk=self.job.pk, worker=self.job.worker).update(worker=None, **changes)

    def breathe(self, begun: float) -> None:
        """A moment for everybody else, after what began at `begun` (monotonic seconds)."""
        if self.breathes:
            time.sleep(min(LONGEST_PAUSE, PAUSE * (time.monotonic() - begun)))

    def _mine(self) -> Any:
        return self._rows().filter(pk=self.job.pk, state=self.job.state, worker=self.job.worker)

    def _rows(self) -> Any:
        return type(self.job)._default_manager.all()
