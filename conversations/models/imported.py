"""An import: files that a member brought, how far it is, and what became of each conversation in them."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ImportQuerySet(models.QuerySet["Import"]):
    def visible_to(self, user: Any) -> ImportQuerySet:
        return self.filter(owner=user)

    def recent_first(self) -> ImportQuerySet:
        return self.order_by("-created_at", "-pk")

    def with_files(self) -> ImportQuerySet:
        """Those whose files are still needed."""
        return self.filter(state__in=Import.UNFINISHED)


class Import(models.Model):
    """`reading` makes the list to choose from, `running` brings the chosen ones in; both are worked off by whichever
    process takes the row, and go on where they stood when that one has ended.
    """

    class State(models.TextChoices):
        READING = "reading", _("being read")
        WAITING = "waiting", _("waits for your choice")
        RUNNING = "running", _("running")
        COMPLETED = "completed", _("finished")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("nothing was imported")
        UNDONE = "undone", _("undone")

    AT_WORK = (State.READING, State.RUNNING)
    UNFINISHED = (State.READING, State.WAITING, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="imports"
    )
    state = models.CharField(max_length=16, choices=State, default=State.READING)
    # [{"name": as the member called it, "stored": its random name under the data directory, "size": bytes}]
    files = models.JSONField(default=list)
    # Sentences for the member: a key that was found, pictures that did not come along.
    warnings = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    # Who works on it, and when that was last heard of.
    worker = models.UUIDField(null=True, editable=False)
    heard_at = models.DateTimeField(null=True, editable=False)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return ", ".join(file["name"] for file in self.files)[:200]

    def get_absolute_url(self) -> str:
        return reverse("conversations:import", args=[self.pk])

    @property
    def is_at_work(self) -> bool:
        return self.state in self.AT_WORK


class ImportRow(models.Model):
    """One conversation of the files, or one thing in them that could not be read."""

    class Outcome(models.TextChoices):
        PENDING = "pending", _("not yet")
        IMPORTED = "imported", _("imported")
        UPDATED = "updated", _("updated")
        SKIPPED = "skipped", _("skipped")
        FAILED = "failed", _("failed")

    belongs_to = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    # Its number in the files, from 0, and the place as a person looks for it.
    number = models.PositiveIntegerField()
    place = models.CharField(max_length=300, blank=True)
    format = models.CharField(max_length=32, blank=True)
    title = models.CharField(max_length=200, blank=True)
    messages = models.PositiveIntegerField(default=0)
    is_wanted = models.BooleanField(default=True)
    outcome = models.CharField(max_length=16, choices=Outcome, default=Outcome.PENDING)
    reason = models.CharField(max_length=500, blank=True)
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("belongs_to", "number"), name="one_row_a_number"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.title}"
