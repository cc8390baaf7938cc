"""What administrators have to say to everybody, or to a group: shown until a member has dismissed it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def meant_for(self, user: Any) -> AnnouncementQuerySet:
        return self.filter(Q(group=None) | Q(group__in=user.groups.all()))

    def at_log_in(self) -> AnnouncementQuerySet:
        """What is shown to whoever has not logged in."""
        return self.filter(shown_at_log_in=True, group=None)

    def current(self, now: datetime | None = None) -> AnnouncementQuerySet:
        """Those whose time it is, what presses first."""
        now = now or timezone.now()
        begun = self.filter(Q(ends_at=None) | Q(ends_at__gt=now), starts_at__lte=now)
        return begun.order_by("-level", "-starts_at", "-pk")

    def not_dismissed_by(self, user: Any) -> AnnouncementQuerySet:
        return self.exclude(pk__in=Dismissal.objects.filter(member=user).values("announcement"))


class Announcement(models.Model):
    class Level(models.IntegerChoices):
        INFORMATION = 0, _("Information")
        WARNING = 1, _("Warning")
        URGENT = 2, _("Urgent")

    text = models.TextField(
        _("text"), max_length=2000, help_text=_("Plain text. Web addresses become links.")
    )
    level = models.PositiveSmallIntegerField(_("level"), choices=Level, default=Level.INFORMATION)
    starts_at = models.DateTimeField(_("from"), default=timezone.now)
    ends_at = models.DateTimeField(
        _("until"), null=True, blank=True, help_text=_("Empty: until it is deleted.")
    )
    # With its group it goes: for everybody it was not meant.
    group = models.ForeignKey(
        Group,
        verbose_name=_("for the group"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty: for everybody."),
    )
    shown_at_log_in = models.BooleanField(
        _("also on the log-in page"),
        default=False,
        help_text=_("Where everybody can read it who finds the portal."),
    )

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        ordering = ("-starts_at", "-pk")

    def __str__(self) -> str:
        return self.text[:80]

    def clean(self) -> None:
        if self.ends_at and self.starts_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": _("It ends before it begins.")})
        if self.group_id and self.shown_at_log_in:
            sentence = _("Nobody is in a group before they log in: choose one or the other.")
            raise ValidationError({"shown_at_log_in": sentence})

    @property
    def level_name(self) -> str:
        return self.Level(self.level).name.lower()


class Dismissal(models.Model):
    """A member has read it, and need not see it again."""

    announcement = models.ForeignKey(
        Announcement, on_delete=models.CASCADE, related_name="dismissals"
    )
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="dismissals"
    )
    dismissed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("member", "announcement"), name="dismissed_once_by_each"
            ),
        )

    def __str__(self) -> str:
        return f"{self.announcement_id} by {self.member_id}"
