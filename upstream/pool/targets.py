"""What a request needs of a credential and its provider, as plain values."""

from __future__ import annotations

from django.utils.crypto import salted_hmac

from upstream.models import Credential
from upstream.types import Target


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
