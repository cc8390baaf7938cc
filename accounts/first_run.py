"""The first administrator. Made by a command on the server, never by whoever signs up first."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.db import transaction

from accounts.models import User


@dataclass(frozen=True, slots=True)
class FirstAdministrator:
    username: str
    one_time_password: str | None

    def __repr__(self) -> str:
        return f"FirstAdministrator({self.username!r})"


def create_first_administrator(username: str, *, password: str = "") -> FirstAdministrator | None:
    """Create the administrator of an empty portal; None if there are people already.

    Without `password` a one-time password is made, which must be changed at the first log-in.
    """
    with transaction.atomic():
        if User.objects.exists():
            return None
        one_time = None if password else secrets.token_urlsafe(12)
        User.objects.create_superuser(
            username, "", password or one_time, must_change_password=one_time is not None
        )
    return FirstAdministrator(username, one_time)
