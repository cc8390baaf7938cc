"""The right to use one credential for one generation. A row lives while its generation does."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from upstream.models.credential import Credential
from upstream.models.language_model import LanguageModel


class LeaseQuerySet(models.QuerySet["Lease"]):
    def running(self, now: datetime | None = None) -> LeaseQuerySet:
        """Those whose holder has renewed them lately."""
        return self.filter(expires_at__gt=now or timezone.now())


class Lease(models.Model):
    """`holder` is the engine that uses it: it renews `expires_at` while it lives, so that a dead one's run out."""

    generation = models.UUIDField(unique=True)  # who asks is known to the apps above
    holder = models.UUIDField(db_index=True)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="leases")
    # The secret's: an answer that runs on a replaced secret does not keep the new one busy.
    revision = models.PositiveIntegerField()
    language_model = models.ForeignKey(
        LanguageModel, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    leased_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    objects = LeaseQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.credential_id} for {self.generation}"
