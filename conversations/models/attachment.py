"""A file or picture that belongs to what was said in a conversation."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

# What a browser may show in the page: nothing of them can run.
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, user: Any) -> AttachmentQuerySet:
        return self.filter(
            conversation__owner=user,
            conversation__deleted_at=None,
            conversation__is_arriving=False,
        )


class Attachment(models.Model):
    """`digest` is SHA-256 of its bytes, which lie among the owner's files (attached_files.py); parts of messages name
    it. `media_type` is what the bytes are where they are a picture, else what the file it came from said.
    """

    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="+"
    )
    digest = models.CharField(max_length=64)
    name = models.CharField(max_length=300, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField()

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = (
            models.UniqueConstraint(
                fields=("conversation", "digest"), name="one_attachment_a_digest"
            ),
        )
        indexes = (models.Index(fields=("digest",), name="attachments_by_digest"),)

    def __str__(self) -> str:
        return self.name or self.digest[:8]

    def get_absolute_url(self) -> str:
        return reverse("conversations:attachment", args=[self.digest])

    @property
    def is_picture(self) -> bool:
        return self.media_type in PICTURES
