"""What is counted against a member's limits: the messages of this hour, and what running answers may still need."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class MessageCount(models.Model):
    """One row a member: `hour` is the whole hour (UTC) that `messages` were sent in. Whoever sends holds this row until
    the turn is saved, so that of one member's messages one is counted after the other.
    """

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    hour = models.DateTimeField()
    messages = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.messages} of {self.member_id}"


class Reservation(models.Model):
    """What is kept free for one generation, made with its turn and taken back when it has ended. A row lives while its
    generation does; `answer_cap` is in tokens, set where less was left than an answer may need.
    """

    generation = models.UUIDField(unique=True)  # who asks is known to the apps above
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    hour = models.DateTimeField()
    tokens = models.PositiveBigIntegerField(default=0)
    answer_cap = models.PositiveIntegerField(null=True)
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.tokens} for {self.generation}"
