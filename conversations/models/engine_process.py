"""A process that writes answers. Its heartbeat tells the others whether what it claimed is still being written."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone


class EngineProcess(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    host = models.CharField(max_length=255)
    process_id = models.PositiveIntegerField()
    heartbeat_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.host}:{self.process_id}"
