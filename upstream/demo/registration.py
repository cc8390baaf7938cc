"""The demo model as an ordinary provider: one row, found again at every start, with that start's address and key."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from upstream.demo.server import SLOTS
from upstream.models import Credential, LanguageModel, Provider


@transaction.atomic
def register(*, address: str, key: str, model: str) -> Provider:
    """Point the demo provider at `address` (as http://127.0.0.1:41234) with `key`; an administrator's edits stay."""
    provider, _created = Provider.objects.update_or_create(
        origin=Provider.Origin.DEMO,
        defaults={
            "base_url": f"{address.rstrip('/')}/v1",
            "is_enabled": True,
            "own_host_may_be_private": True,
            "continues_prefilled": True,
        },
        create_defaults={
            "title": _("Built-in demo model"),
            "base_url": f"{address.rstrip('/')}/v1",
            "own_host_may_be_private": True,
            "continues_prefilled": True,
        },
    )
    credential, _created = Credential.objects.get_or_create(
        provider=provider, defaults={"most_at_once": SLOTS}
    )
    credential.replace_secret(key)
    LanguageModel.objects.get_or_create(
        provider=provider,
        name=model,
        defaults={"title": _("SmolLM2 demo"), "context_window": 4096, "position": 1000},
    )
    return provider


def unregister() -> None:
    """Offer the demo model no more; what was answered with it keeps its name."""
    Provider.objects.filter(origin=Provider.Origin.DEMO).update(is_enabled=False)
