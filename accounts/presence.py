"""Who is online: seen in the last few minutes, by a request or by an open page, whichever process it came to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.models import User

WRITTEN_EVERY = timedelta(minutes=1)
ONLINE = timedelta(minutes=5)


def note_seen(people: Collection[int]) -> None:
    """Write down that these are here; at most once a minute for each, however many processes say so."""
    now = timezone.now()
    due = Q(last_seen_at=None) | Q(last_seen_at__lt=now - WRITTEN_EVERY)
    if people:
        User.objects.filter(due, pk__in=people).update(last_seen_at=now)


def is_due(person: User) -> bool:
    seen = person.last_seen_at
    return seen is None or seen < timezone.now() - WRITTEN_EVERY


def online() -> Any:
    """Who is here, last seen first."""
    since = timezone.now() - ONLINE
    return User.objects.filter(is_active=True, last_seen_at__gte=since).order_by("-last_seen_at")
