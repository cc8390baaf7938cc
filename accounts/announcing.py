"""What of the announcements somebody is shown, and that they have read it."""

from __future__ import annotations

from typing import Any

from accounts.models import Announcement, Dismissal

MOST_SHOWN = 5  # above a page that is there for something else


def announcements_for(user: Any) -> list[Announcement]:
    """What a member has not dismissed yet; for one who has not logged in, what may stand there."""
    if not getattr(user, "is_authenticated", False):
        return list(Announcement.objects.at_log_in().current()[:MOST_SHOWN])
    meant = Announcement.objects.meant_for(user).not_dismissed_by(user)
    return list(meant.current()[:MOST_SHOWN])


def dismiss(announcement: Announcement, member: Any) -> None:
    """Not to be shown to them again; twice is once."""
    Dismissal.objects.get_or_create(announcement=announcement, member=member)
