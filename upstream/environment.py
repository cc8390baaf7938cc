"""Providers set up from chatgpt-web's environment names, at the first start that finds them.

From then on the administration rules: a row is made once, and a changed variable changes nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import SiteSettings
from upstream.models import Credential, LanguageModel, Provider, Quota
from upstream.models.quota import MOST_MESSAGES
from upstream.proxies import proxy_parts
from upstream.tokens import NoSecret, read_pasted

OPENAI = "https://api.openai.com/v1"
LONGEST_SILENCE = 3600  # seconds


@dataclass(frozen=True, slots=True)
class SetUp:
    """A provider that was just made, and the variable that it was made from."""

    provider: Provider
    variable: str


def providers_from_environment() -> list[SetUp]:
    """Create the providers that the environment names and that are not there; usually none is missing.

    Raises ValueError, with a sentence, for a value that cannot be used.
    """
    made = []
    with transaction.atomic():
        if settings.OPENAI_API_KEY and not _exists(Provider.Origin.ENVIRONMENT):
            made.append(SetUp(_provider_of_key(), "OPENAI_API_KEY"))
        if settings.OPENAI_ACCESS_TOKEN and not _exists(Provider.Origin.ENVIRONMENT_TOKEN):
            made.append(SetUp(_provider_of_token(), "OPENAI_ACCESS_TOKEN"))
    return made


def limit_from_environment() -> int | None:
    """Make MAX_REQUEST_PER_HOUR the limit for everybody, the first time it is seen; returns it where that was done.

    Raises ValueError, with a sentence, for what is no number.
    """
    text = settings.MAX_REQUEST_PER_HOUR.strip()
    site = SiteSettings.current()
    if not text or "MAX_REQUEST_PER_HOUR" in site.taken_from_environment:
        return None
    if not text.isascii() or not text.isdigit() or int(text) > MOST_MESSAGES:
        raise ValueError(
            _("MAX_REQUEST_PER_HOUR has to be a whole number of messages; 0 for none.")
        )
    if int(text) == 0:
        return None
    with transaction.atomic():
        everybody, _made = Quota.objects.get_or_create(member=None, group=None)
        everybody.messages_an_hour = int(text)
        everybody.save()
        site.taken_from_environment = [*site.taken_from_environment, "MAX_REQUEST_PER_HOUR"]
        site.save()
    return int(text)


def base_url_from(value: str) -> str:
    """As chatgpt-web reads it: `/v1` is added where the value has none. Raises ValueError."""
    value = _checked_url("OPENAI_API_BASE_URL", value.strip().rstrip("/") or OPENAI)
    return value if "/v1" in value else f"{value}/v1"


def proxy_from_environment() -> str:
    """The proxy that the environment names for the portal, SOCKS first as in chatgpt-web; empty for none.

    Raises ValueError for one that cannot be used.
    """
    host, port = settings.SOCKS_PROXY_HOST.strip(), settings.SOCKS_PROXY_PORT.strip()
    if host and port:
        name, password = settings.SOCKS_PROXY_USERNAME, settings.SOCKS_PROXY_PASSWORD
        who = f"{quote(name, safe='')}:{quote(password, safe='')}@" if name else ""
        proxy = f"socks5://{who}{host}:{port}"
    else:
        proxy = settings.HTTPS_PROXY.strip() or settings.ALL_PROXY.strip()
    if proxy:
        proxy_parts(proxy)
    return proxy


def silence_from(milliseconds: str) -> int | None:
    """Seconds of silence from TIMEOUT_MS; none for an empty value, the longest for 0, which meant no limit."""
    text = milliseconds.strip()
    if not text.isascii() or not text.isdigit():
        return None
    seconds = math.ceil(int(text) / 1000)
    return min(seconds, LONGEST_SILENCE) or LONGEST_SILENCE


def _exists(origin: str) -> bool:
    return Provider.objects.filter(origin=origin).exists()


def _provider_of_key() -> Provider:
    try:
        key = read_pasted(settings.OPENAI_API_KEY, wants_token=False)
    except NoSecret as error:
        raise ValueError(_("OPENAI_API_KEY holds no key.")) from error
    base_url = base_url_from(settings.OPENAI_API_BASE_URL)
    host = urlsplit(base_url).hostname
    provider = Provider.objects.create(
        title="OpenAI" if base_url == OPENAI else host or _("From the environment"),
        base_url=base_url,
        origin=Provider.Origin.ENVIRONMENT,
        **_common(),
    )
    _add(provider, secret=key.secret, model=settings.OPENAI_API_MODEL)
    return provider


def _provider_of_token() -> Provider:
    address = settings.API_REVERSE_PROXY.strip()
    if not address:
        raise ValueError(
            _(
                "OPENAI_ACCESS_TOKEN needs API_REVERSE_PROXY: there is no default address, and whoever operates the "
                "one you choose sees the token and every conversation. Set it, or leave OPENAI_ACCESS_TOKEN out."
            )
        )
    try:
        token = read_pasted(settings.OPENAI_ACCESS_TOKEN, wants_token=True)
    except NoSecret as error:
        raise ValueError(_("OPENAI_ACCESS_TOKEN holds no access token.")) from error
    provider = Provider.objects.create(
        title="ChatGPT",
        kind=Provider.Kind.CHATGPT_TOKEN,
        base_url=_checked_url("API_REVERSE_PROXY", address),
        origin=Provider.Origin.ENVIRONMENT_TOKEN,
        **_common(),
    )
    # With a key beside it the model's name is that of the key's service.
    model = "" if settings.OPENAI_API_KEY else settings.OPENAI_API_MODEL
    _add(provider, secret=token.secret, model=model)
    return provider


def _common() -> dict[str, Any]:
    """Whoever writes the server's environment may name servers of the inner network."""
    fields: dict[str, Any] = {"own_host_may_be_private": True}
    if proxy := proxy_from_environment():
        fields |= {"proxy_url": proxy, "proxy_may_be_private": True}
    if seconds := silence_from(settings.TIMEOUT_MS):
        fields["silence_seconds"] = seconds
    return fields


def _add(provider: Provider, *, secret: str, model: str) -> None:
    credential = Credential(provider=provider, title=_("From the environment"))
    credential.take_secret(secret)
    credential.save()
    if model:
        LanguageModel.objects.create(provider=provider, name=model, title="", is_default=True)


def _checked_url(name: str, value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and parts.hostname and not parts.username
        _port = parts.port
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(_("%s has to look like https://api.example.com") % name)
    return value
