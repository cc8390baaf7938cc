"""Something that administrators are to be told, by one channel: a row waits until it was told."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from upstream.models.credential import Credential
from upstream.models.webhook import Webhook


class Alert(models.Model):
    """By e-mail where it has no webhook. `event`: `credential_expired`, `credential_blocked`, `token_expires_soon`."""

    event = models.CharField(max_length=32)
    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="+")
    text = models.TextField()
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    next_try_at = models.DateTimeField(default=timezone.now, db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
    told_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.event}: {self.text}"
