"""What a thread of the engine works off while nobody has to wait for it: the row is the truth."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.db import models
from django.utils import timezone


class JobQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(owner=user)

    def recent_first(self) -> Self:
        return self.order_by("-created_at", "-pk")

    def unfinished(self) -> Self:
        return self.filter(state__in=self.model.UNFINISHED)


class Job(models.Model):
    """A class of its own names its states: `AT_WORK` are those in which a worker may take it, `UNFINISHED` those and
    where it waits for somebody.
    """

    AT_WORK: tuple[str, ...] = ()
    UNFINISHED: tuple[str, ...] = ()
    state: Any

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    # Who works on it, and when that was last heard of.
    worker = models.UUIDField(null=True, editable=False)
    heard_at = models.DateTimeField(null=True, editable=False)
    # How many workers began with it and fell silent; who ends in order takes his own back.
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        abstract = True

    @property
    def is_at_work(self) -> bool:
        return self.state in self.AT_WORK
