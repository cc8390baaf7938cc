"""The first run: its administrator, made by a command on the server and never by whoever signs up first, and what the
environment says of who may come in.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from accounts.models import AccessCode, SiteSettings, User
from accounts.models.access_code import SHORTEST_CODE, code_digest


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
        # The one row that is always there is the lock: of two that start at once, one makes the administrator.
        SiteSettings.objects.get_or_create(pk=1)
        SiteSettings.objects.select_for_update().get(pk=1)
        if User.objects.exists():
            return None
        one_time = None if password else secrets.token_urlsafe(12)
        User.objects.create_superuser(
            username, "", password or one_time, must_change_password=one_time is not None
        )
    return FirstAdministrator(username, one_time)


def take_access_code_from_environment() -> bool:
    """Have chatgpt-web's AUTH_SECRET_KEY open the door, the first time it is seen; whether it was.

    From then on the administration rules. Raises ValueError, with a sentence, for one that is too short.
    """
    code = settings.AUTH_SECRET_KEY.strip()
    site = SiteSettings.current()
    if not code or "AUTH_SECRET_KEY" in site.taken_from_environment:
        return False
    if len(code) < SHORTEST_CODE:
        raise ValueError(
            f"AUTH_SECRET_KEY becomes the code by which people sign up: give it {SHORTEST_CODE} characters or more, "
            "or leave it out."
        )
    with transaction.atomic():
        AccessCode.objects.get_or_create(
            digest=code_digest(code), defaults={"title": "AUTH_SECRET_KEY"}
        )
        site.sign_up = SiteSettings.SignUp.ACCESS_CODE
        site.taken_from_environment = [*site.taken_from_environment, "AUTH_SECRET_KEY"]
        site.save()
    return True
