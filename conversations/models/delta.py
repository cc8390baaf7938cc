"""A numbered piece of text just added. Rows live while their generation does, and are folded into the message then."""

from __future__ import annotations

from django.db import models


class Delta(models.Model):
    class Part(models.TextChoices):
        TEXT = "text"
        REASONING = "reasoning"

    class Operation(models.TextChoices):
        APPEND = "append"
        REPLACE = "replace"  # all that this generation has written of the part

    generation = models.ForeignKey(
        "conversations.Generation",
        on_delete=models.CASCADE,
        related_name="deltas",
        db_index=False,  # the constraint below serves; a second index would be written with each delta
    )
    sequence = models.PositiveIntegerField()
    part = models.CharField(max_length=9, choices=Part)
    operation = models.CharField(max_length=7, choices=Operation)
    text = models.TextField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("generation", "sequence"), name="deltas_are_numbered"),
        )

    def __str__(self) -> str:
        return f"{self.generation_id} {self.sequence}"
