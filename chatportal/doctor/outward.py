"""What the doctor asks of others: the upstreams, the mail server, Redis."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import Iterator

from django.conf import settings

from accounts.mail import connection_of, has_server
from accounts.models import SiteSettings
from accounts.secrets import SecretUnreadable
from chatportal.doctor.finding import Finding, bad, doubtful, good
from chatportal.health import redis_answers
from upstream.catalog import fetch_models
from upstream.errors import UpstreamError
from upstream.models import Credential, Provider
from upstream.pool.targets import target_of


def examine_upstreams() -> Iterator[Finding]:
    providers = list(Provider.objects.filter(is_enabled=True))
    if not providers:
        yield bad(
            "upstreams",
            "No provider is enabled: nobody can chat.",
            "Add one in the administration.",
        )
    for provider in providers:
        yield _provider(provider)


def _provider(provider: Provider) -> Finding:
    what = f"upstream {provider}"
    usable = Credential.objects.usable().filter(provider=provider).select_related("provider")
    credential = usable.order_by("pk").first()
    if credential is None:
        return bad(
            what,
            "It has no credential that may be used.",
            "Add one, or look why the others rest: the pool page says so.",
        )
    if not provider.language_models.filter(is_enabled=True).exists():
        return bad(
            what,
            "None of its models is offered.",
            "Fetch its list of models in the administration.",
        )
    try:
        listed = asyncio.run(fetch_models(target_of(credential, credential.reveal())))
    except SecretUnreadable:
        return bad(
            what,
            f"No key opens the secret of “{credential}”.",
            "Paste it again, or give FIELD_ENCRYPTION_KEYS the key back.",
        )
    except UpstreamError as error:
        if provider.takes_access_tokens:
            return doubtful(
                what,
                f"Its models cannot be listed ({error.code}).",
                "Try “Test now” in the administration.",
            )
        return bad(
            what,
            f"{error.code}: {error.detail}",
            "Try “Test now” in the administration; it says more.",
        )
    return good(what, f"It answers, and lists {len(listed)} models.")


def examine_mail() -> Iterator[Finding]:
    site = SiteSettings.current()
    if not has_server(site):
        yield doubtful(
            "mail",
            "No mail server is set up: invitations and new passwords go by links that you pass on.",
            "Portal settings, Mail.",
        )
        return
    if not settings.PORTAL_URL:
        yield bad(
            "mail",
            "Mails cannot have links: the portal does not know its address.",
            "Set PORTAL_URL.",
        )
        return
    try:
        line = connection_of(site)
        line.open()
        line.close()
    except (OSError, smtplib.SMTPException) as error:
        yield bad(
            "mail",
            f"The mail server does not take us: {type(error).__name__}: {error}"[:300],
            "Portal settings, Mail: “Send a test mail”.",
        )
        return
    yield good("mail", "The mail server answers and lets us in.")


def examine_redis() -> Iterator[Finding]:
    if settings.REDIS_URL:
        if redis_answers():
            yield good("redis", "It answers.")
        else:
            yield bad(
                "redis", "It does not answer.", "Look at REDIS_URL, and whether the server runs."
            )
