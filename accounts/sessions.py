"""Where somebody is logged in, and ending it there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User

SEEN_EVERY = timedelta(minutes=5)
SESSION_KEY = "seen_at"
# What a user agent calls itself, the more telling name first. Sources: the agents' own strings.
BROWSERS = (
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/"),
    ("Firefox", r"(Firefox|FxiOS)/"),
    ("Chrome", r"(Chrome|CriOS|Chromium)/"),
    ("Safari", r"Safari/"),
)
SYSTEMS = (
    ("Android", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux"),
)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A log-in of a person that is still good. `device` is a guess from what the browser says of itself."""

    pk: int
    device: str
    address: str
    began_at: datetime
    seen_at: datetime
    is_current: bool


def open_sessions(user: User, *, current: str | None) -> list[OpenSession]:
    """Newest use first. What has run out or was ended elsewhere is left out, and forgotten."""
    _forget_ended(user)
    rows = UserSession.objects.filter(user=user).order_by("-last_seen_at", "-pk")
    return [
        OpenSession(
            row.pk,
            device_of(row.user_agent),
            row.ip,
            row.created_at,
            row.last_seen_at,
            row.session_key == current,
        )
        for row in rows
    ]


def end_session(user: User, pk: int) -> bool:
    """Log `user` out there; False where that session is none of theirs."""
    found = UserSession.objects.filter(user=user, pk=pk).first()
    if found is None:
        return False
    found.end()
    return True


def end_other_sessions(user: User, *, current: str | None) -> int:
    """Log `user` out everywhere but here; returns how many sessions that were."""
    others = list(UserSession.objects.filter(user=user).exclude(session_key=current))
    for other in others:
        other.end()
    return len(others)


def note_use(request: HttpRequest) -> None:
    """Keep when and where a session was last used; a write every five minutes at most."""
    now = timezone.now()
    seen = request.session.get(SESSION_KEY, 0)
    if now.timestamp() - seen < SEEN_EVERY.total_seconds():
        return
    request.session[SESSION_KEY] = now.timestamp()
    address: Any = request.META.get("REMOTE_ADDR")
    used = UserSession.objects.filter(session_key=request.session.session_key)
    used.update(last_seen_at=now, **({"ip": address} if address else {}))


def device_of(user_agent: str) -> str:
    browser = _first(BROWSERS, user_agent)
    system = _first(SYSTEMS, user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or user_agent[:60] or _("An unknown program")


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, user_agent)), "")


def _forget_ended(user: User) -> None:
    rows = UserSession.objects.filter(user=user)
    keys = set(rows.values_list("session_key", flat=True))
    live = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    rows.exclude(session_key__in=set(live.values_list("session_key", flat=True))).delete()
