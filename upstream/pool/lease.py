"""The right to use one credential for one generation."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Case, F, When
from django.utils import timezone
from django.utils.crypto import salted_hmac

from upstream.errors import Unauthorized
from upstream.models import Credential, LanguageModel
from upstream.secrets import SecretUnreadable
from upstream.types import Target


@dataclass(frozen=True, slots=True)
class Lease:
    credential_id: int
    target: Target


def lease(language_model: LanguageModel, *, preferred: int | None = None) -> Lease:
    """Lease the credential of the model's provider that has rested longest; `preferred` before all others.

    Raises Unauthorized when none is left that can be used.
    """
    provider = language_model.provider
    credentials = Credential.objects.usable().filter(provider=provider).select_related("provider")
    is_preferred = Case(When(pk=preferred or 0, then=0), default=1)
    for credential in credentials.order_by(
        is_preferred, F("last_leased_at").asc(nulls_first=True), "pk"
    ):
        try:
            secret = credential.reveal()
        except SecretUnreadable:
            continue
        Credential.objects.filter(pk=credential.pk).update(last_leased_at=timezone.now())
        return Lease(credential.pk, target_of(credential, secret))
    raise Unauthorized(
        f"The provider “{provider}” has no credential that can be used. Add one in the administration."
    )


def target_of(credential: Credential, secret: str) -> Target:
    provider = credential.provider
    # All that a session is made of: whatever of it is changed, the next request takes a new one.
    made_of = (
        credential.revision,
        provider.base_url,
        provider.own_host_may_be_private,
        provider.connect_seconds,
        provider.silence_seconds,
        provider.proxy_may_be_private,
        salted_hmac("upstream.pool.proxy", provider.proxy_url or "").hexdigest()[:16],
    )
    return Target(
        key=f"{provider.pk}/{credential.pk}/{'/'.join(map(str, made_of))}",
        kind=provider.kind,
        base_url=provider.base_url,
        secret=secret,
        own_host_may_be_private=provider.own_host_may_be_private,
        connect_seconds=provider.connect_seconds,
        silence_seconds=provider.silence_seconds,
        continues_prefilled=provider.continues_prefilled,
        history_off=provider.history_off,
        proxy_url=provider.proxy_url or "",
        proxy_may_be_private=provider.proxy_may_be_private,
    )
