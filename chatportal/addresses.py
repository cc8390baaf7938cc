"""Addresses of servers that hold a password: what is wrong with one is said without showing it."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import environ
from django.core.exceptions import ImproperlyConfigured

from chatportal.refusal import CannotStart

SPOKEN = ("sqlite://", "postgres://", "postgresql://", "pgsql://", "psql://")
DATABASE = (
    "DATABASE_URL cannot be used. Write postgres://user:password@host:5432/name, with what is special in the password "
    "as %XX (@ is %40, / is %2F, # is %23), or leave it out: the portal then keeps an SQLite database itself."
)
MAIL = (
    "EMAIL_URL cannot be used. Write smtp+tls://user:password@host:587, with what is special in the password as %XX "
    "(@ is %40), or leave it out: mail can be set up in the administration."
)
REDIS = "REDIS_URL cannot be used. Write redis://host:6379/0, or rediss:// with TLS."


def database(url: str) -> dict[str, Any]:
    """Django's description of it. Raises CannotStart."""
    if not url.startswith(SPOKEN):  # environ would warn of it, showing the password
        raise CannotStart(DATABASE)
    try:
        parsed: dict[str, Any] = environ.Env.db_url_config(url)
    except (ValueError, KeyError, ImproperlyConfigured):
        raise CannotStart(DATABASE) from None
    if not parsed["NAME"] or "#" in url:  # what follows it would be left out in silence
        raise CannotStart(DATABASE)
    parsed["HOST"] = unquote(parsed["HOST"])  # %2Frun%2Fpostgresql is a socket, as everywhere
    return parsed


def mail(url: str) -> dict[str, Any]:
    try:
        parsed: dict[str, Any] = environ.Env.email_url_config(url)
    except (ValueError, KeyError, ImproperlyConfigured):
        raise CannotStart(MAIL) from None
    return parsed


def redis(url: str) -> str:
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        raise CannotStart(REDIS)
    return url
