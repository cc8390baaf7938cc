"""Who is at the other end of a socket, and whether they still may be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.second_factor import is_missing


@dataclass(frozen=True, slots=True)
class Visitor:
    """A log-in as it was when the socket opened."""

    user_id: int
    access_version: int
    session_key: str
    locale: str


def visitor_of(session_key: str) -> Visitor | None:
    """The person whose session this is; None for nobody, and for one whose one-time password is still to change, or
    who lacks a second factor that is required.
    """
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user: Any = get_user(request)
    if not session_key or not user.is_authenticated or user.must_change_password:
        return None
    if is_missing(user):
        return None
    return Visitor(user.pk, user.access_version, session_key, user.locale)


def without_access(visitors: Iterable[Visitor]) -> set[Visitor]:
    """Those of `visitors` whose log-in has ended or whose rights have changed since. Two queries for all of them."""
    visitors = set(visitors)
    if not visitors:
        return set()
    keys = {visitor.session_key for visitor in visitors}
    live = set(
        Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now()).values_list(
            "session_key", flat=True
        )
    )
    people = User.objects.filter(pk__in={visitor.user_id for visitor in visitors}, is_active=True)
    versions = dict(people.values_list("pk", "access_version"))
    return {
        visitor
        for visitor in visitors
        if visitor.session_key not in live
        or versions.get(visitor.user_id) != visitor.access_version
    }
