"""An import: files that a member brought, how far it is, and what became of each conversation in them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from conversations.models.job import Job, JobQuerySet


class Import(Job):
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

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="imports"
    )
    state = models.CharField(max_length=16, choices=State, default=State.READING)
    # [{"name": as the member called it, "stored": its random name under the data directory, "size": bytes}]
    files = models.JSONField(default=list)
    # Sentences for the member: a key that was found, pictures that did not come along.
    warnings = models.JSONField(default=list)
    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return ", ".join(file["name"] for file in self.files)[:200]

    def get_absolute_url(self) -> str:
        return reverse("conversations:import", args=[self.pk])


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
