"""A provider set up from chatgpt-web's environment names, at the first start that finds them.

From then on the administration rules: the row is made once, and a changed variable changes nothing.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from upstream.models import Credential, LanguageModel, Provider

OPENAI = "https://api.openai.com/v1"


def provider_from_environment() -> Provider | None:
    """Create the provider of OPENAI_API_KEY, OPENAI_API_BASE_URL and OPENAI_API_MODEL; None if there is nothing new.

    Raises ValueError for a base URL that is none.
    """
    if (
        not settings.OPENAI_API_KEY
        or Provider.objects.filter(origin=Provider.Origin.ENVIRONMENT).exists()
    ):
        return None
    base_url = base_url_from(settings.OPENAI_API_BASE_URL)
    with transaction.atomic():
        provider = Provider.objects.create(
            title="OpenAI"
            if base_url == OPENAI
            else urlsplit(base_url).hostname or _("From the environment"),
            base_url=base_url,
            origin=Provider.Origin.ENVIRONMENT,
            # Whoever writes the server's environment may name a server of the inner network.
            own_host_may_be_private=True,
        )
        Credential.objects.create(
            provider=provider,
            title=_("From the environment"),
            secret=settings.OPENAI_API_KEY.strip(),
        )
        if settings.OPENAI_API_MODEL:
            LanguageModel.objects.create(
                provider=provider, name=settings.OPENAI_API_MODEL, title="", is_default=True
            )
    return provider


def base_url_from(value: str) -> str:
    """As chatgpt-web reads it: `/v1` is added where the value has none. Raises ValueError."""
    value = value.strip().rstrip("/") or OPENAI
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise ValueError(_("OPENAI_API_BASE_URL has to look like https://api.example.com"))
    return value if "/v1" in value else f"{value}/v1"
