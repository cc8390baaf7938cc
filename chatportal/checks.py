"""System checks: unsafe or contradictory settings stop the start, with a sentence that says what to change."""

from __future__ import annotations

import os
import re
from base64 import urlsafe_b64decode
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from accounts.proxy_header import proxy_networks

SHORTEST_SECRET_KEY = 32
# As examples have them, of other portals and of Django itself: whoever knows the key can log in as anybody.
FROM_EXAMPLES = ("insecure", "changeme", "secretkey", "yoursecret", "replaceme", "example")


@register()
def check_secret_key(**kwargs: Any) -> list[CheckMessage]:
    key = settings.SECRET_KEY
    letters = re.sub(r"[^a-z]", "", key.lower())
    known = any(word in letters for word in FROM_EXAMPLES)
    if len(key) < SHORTEST_SECRET_KEY or len(set(key)) < 8 or known:
        hint = "Leave SECRET_KEY out, and the portal makes one; or set one of at least 32 random characters."
        return [Error("SECRET_KEY is too short or known.", hint=hint, id="portal.E001")]
    return []


@register()
def check_encryption_keys(**kwargs: Any) -> list[CheckMessage]:
    try:
        for key in settings.FIELD_ENCRYPTION_KEYS:
            Fernet(key.strip())
            if len(set(urlsafe_b64decode(key.strip()))) < 8:
                raise ValueError("not random")
    except ValueError:
        hint = "Each is 32 random bytes in URL-safe base64; several are separated by commas."
        return [
            Error(
                "FIELD_ENCRYPTION_KEYS holds something that is no random key.",
                hint=hint,
                id="portal.E002",
            )
        ]
    return []


@register()
def check_one_process_on_sqlite(**kwargs: Any) -> list[CheckMessage]:
    workers = os.environ.get("WEB_CONCURRENCY", "1")
    if settings.DATABASES["default"]["ENGINE"] == "chatportal.sqlite" and workers not in {"", "1"}:
        hint = "Unset WEB_CONCURRENCY, or set DATABASE_URL to a PostgreSQL database."
        return [Error("On SQLite one process serves.", hint=hint, id="portal.E003")]
    return []


@register()
def check_proxy_log_in(**kwargs: Any) -> list[CheckMessage]:
    """A header that names people is only as good as the list of who may send it."""
    if not settings.PORTAL_AUTH_HEADER:
        return []
    if not settings.PORTAL_AUTH_PROXIES:
        hint = "Set PORTAL_AUTH_PROXIES to the address of the proxy that logs members in, or unset PORTAL_AUTH_HEADER."
        return [Error("PORTAL_AUTH_HEADER is set, and no proxy.", hint=hint, id="portal.E004")]
    try:
        wide = [str(network) for network in proxy_networks() if network.prefixlen == 0]
    except ValueError as error:
        hint = "Addresses or networks by commas, as in 10.0.0.2,10.1.0.0/16"
        return [Error(f"PORTAL_AUTH_PROXIES: {error}", hint=hint, id="portal.E005")]
    if wide:
        hint = "List the proxy alone: whoever else sends the header would be whom they please."
        return [Error("PORTAL_AUTH_PROXIES trusts everybody.", hint=hint, id="portal.E006")]
    return []


@register()
def check_mail(**kwargs: Any) -> list[CheckMessage]:
    if settings.MAIL_BY_ENVIRONMENT and not settings.PORTAL_URL:
        hint = "Set PORTAL_URL to the address that members use: links in mails are made from it."
        return [Warning("Without PORTAL_URL no mail is sent.", hint=hint, id="portal.W002")]
    return []


@register(deploy=True)
def check_portal_url(**kwargs: Any) -> list[CheckMessage]:
    if not settings.PORTAL_URL:
        hint = "Set PORTAL_URL to the address that members use, as in https://chat.example.com"
        return [Warning("Every host name is served.", hint=hint, id="portal.W001")]
    return []
