"""The models of a provider that was set up by a command: those that it lists."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from upstream.catalog import fetch_models, sync_models
from upstream.errors import UpstreamError
from upstream.models import Provider
from upstream.pool.targets import target_of


def add_models(provider: Provider, say: Callable[[str], Any]) -> None:
    """Says how many there are, or why they could not be listed and what to do."""
    credential = provider.credentials.get()
    try:
        listed = asyncio.run(fetch_models(target_of(credential, credential.reveal())))
    except UpstreamError as error:
        say(f"Its models could not be listed ({error.code}): {error.detail}")
        say(
            "Add them in the administration under Models, or set OPENAI_API_MODEL before the first start."
        )
        return
    say(f"{sync_models(provider, listed).added} models are offered.")
