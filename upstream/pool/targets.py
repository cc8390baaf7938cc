"""What a request needs of a credential and its provider, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.crypto import salted_hmac

from upstream.models import Credential
from upstream.types import Target

# The provider's columns that make a target.
OF_TARGET = (
    "pk",
    "kind",
    "base_url",
    "own_host_may_be_private",
    "connect_seconds",
    "silence_seconds",
    "continues_prefilled",
    "history_off",
    "proxy_may_be_private",
)


def target_of(credential: Credential, secret: str) -> Target:
    provider = credential.provider
    columns = [getattr(provider, name) for name in OF_TARGET]
    return make_target(
        credential.pk, credential.revision, columns, secret=secret, proxy=provider.proxy_url or ""
    )


def make_target(
    credential_id: int, revision: int, provider: Sequence[Any], *, secret: str, proxy: str
) -> Target:
    """A target of the provider's columns OF_TARGET. Its key names all that a session is made of."""
    pk, kind, base_url, private, connect, silence, prefilled, history_off, proxy_private = provider
    hidden = salted_hmac("upstream.pool.proxy", proxy).hexdigest()[:16] if proxy else ""
    made_of = (revision, base_url, private, connect, silence, proxy_private, hidden)
    return Target(
        key=f"{pk}/{credential_id}/{'/'.join(map(str, made_of))}",
        kind=kind,
        base_url=base_url,
        secret=secret,
        own_host_may_be_private=private,
        connect_seconds=connect,
        silence_seconds=silence,
        continues_prefilled=prefilled,
        history_off=history_off,
        proxy_url=proxy,
        proxy_may_be_private=proxy_private,
    )
