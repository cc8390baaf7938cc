"""Where an imported conversation comes from: so that the same file twice changes nothing, and a newer one adds."""

from __future__ import annotations

import uuid
import zlib

from django.conf import settings
from django.db import models


class Origin(models.Model):
    """Foreign ids stand here as digests, and count for one owner only: nobody's file names anybody else's rows."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="origins"
    )
    conversation = models.OneToOneField(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="origin"
    )
    format = models.CharField(max_length=32)
    foreign_digest = models.CharField(max_length=64)
    content_digest = models.CharField(max_length=64)
    # As the last import left them: what the member changed since is not overwritten.
    title = models.CharField(max_length=200, blank=True)
    leaf_id = models.UUIDField(null=True)
    # Files that it speaks of and that have not come along: a later import may bring them.
    missing_files = models.PositiveIntegerField(default=0)
    # The object as the file had it, without keys and foreign people's ids; empty where it was too deep to be cleaned,
    # and where it is large: then it stands in pieces.
    original = models.BinaryField(blank=True, default=b"")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "format", "foreign_digest"), name="one_origin_a_foreign_id"
            ),
        )
        indexes = (models.Index(fields=("owner", "content_digest"), name="origins_by_content"),)

    def __str__(self) -> str:
        return f"{self.format} {self.foreign_digest[:8]}"

    @property
    def original_json(self) -> bytes:
        pieces = self.pieces.filter(content_digest=self.content_digest).order_by("number")
        original = bytes(self.original) or b"".join(bytes(piece.data) for piece in pieces)
        return zlib.decompress(original) if original else b""


class OriginPiece(models.Model):
    """A part of an original that is too large for one short transaction. One that is replaced has another digest."""

    origin = models.ForeignKey(Origin, on_delete=models.CASCADE, related_name="pieces")
    content_digest = models.CharField(max_length=64)
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("origin", "content_digest", "number"), name="one_piece_a_number"
            ),
        )

    def __str__(self) -> str:
        return f"{self.origin_id} {self.number}"
