"""An export that is too large to be sent while it is made: how far it is, and until when its file is kept."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from conversations.models.job import Job, JobQuerySet


class ExportQuerySet(JobQuerySet):
    def ready(self, now: datetime) -> ExportQuerySet:
        """Those whose file can be fetched."""
        return self.filter(state=Export.State.READY, expires_at__gt=now)


def new_token() -> str:
    return secrets.token_urlsafe(24)


class Export(Job):
    """Begun anew by whichever process takes the row after one has ended in the middle, into a file of its own name."""

    class State(models.TextChoices):
        PENDING = "pending", _("waits for its turn")
        RUNNING = "running", _("running")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        EXPIRED = "expired", _("deleted")

    AT_WORK = (State.PENDING, State.RUNNING)
    UNFINISHED = AT_WORK

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exports"
    )
    state = models.CharField(max_length=16, choices=State, default=State.PENDING)
    format = models.CharField(max_length=32)
    language = models.CharField(max_length=16)
    # The ids of the conversations that were chosen; null for all that there are when it is made.
    chosen = models.JSONField(null=True)
    # Conversations.
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    # A sentence for the member: why it failed.
    reason = models.CharField(max_length=300, blank=True)
    # Part of its address, beside the log-in: who knows the id from somewhere does not know the link.
    token = models.CharField(max_length=64, default=new_token, editable=False)
    # Its random name under the data directory.
    stored = models.CharField(max_length=64, blank=True)
    file_name = models.CharField(max_length=120, blank=True)
    content_type = models.CharField(max_length=80, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    expires_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")

    def __str__(self) -> str:
        return f"{self.format}, {self.total}"

    @property
    def download_url(self) -> str:
        page = reverse("conversations:export-file", args=[self.pk])
        return f"{page}?token={self.token}"
