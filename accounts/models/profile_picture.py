"""A person's picture, as the portal has drawn it anew: never what was sent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone


class ProfilePictureQuerySet(models.QuerySet["ProfilePicture"]):
    def visible_to(self, user: Any) -> ProfilePictureQuerySet:
        """One's own, and for administrators everybody's, as long as it is the one that is shown."""
        shown = self.filter(owner__picture=F("fingerprint"))
        return shown if user.is_staff else shown.filter(owner=user)


class ProfilePicture(models.Model):
    """Stays for a while after it was removed, for Undo; `User.picture` says whether it is shown."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile_picture"
    )
    image = models.BinaryField()  # WebP
    fingerprint = models.CharField(max_length=32, db_index=True)
    removed_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = ProfilePictureQuerySet.as_manager()

    def __str__(self) -> str:
        return f"picture of {self.owner_id}"
