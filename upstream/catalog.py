"""Keeping a provider's list of models."""

from __future__ import annotations

from dataclasses import dataclass

from upstream.adapters.base import ListedModel
from upstream.client import UpstreamClient
from upstream.models import LanguageModel, Provider
from upstream.types import Target

MOST_MODELS = 1000
LONGEST_NAME, LONGEST_TITLE = 200, 120


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync came to: how many models were added, and which that are offered are listed no more."""

    listed: int
    added: int
    vanished: tuple[str, ...]


async def fetch_models(target: Target) -> list[ListedModel]:
    """The models that the provider lists. Raises UpstreamError."""
    client = UpstreamClient()
    try:
        return (await client.list_models(target))[:MOST_MODELS]
    finally:
        await client.aclose()


def sync_models(provider: Provider, listed: list[ListedModel]) -> Synced:
    """Add the models that are missing; what is there keeps its title, its order and whether it is offered."""
    known = {model.name: model for model in provider.language_models.all()}
    found = {each.name: each for each in listed if 0 < len(each.name) <= LONGEST_NAME}
    missing = [each for name, each in found.items() if name not in known]
    LanguageModel.objects.bulk_create(
        LanguageModel(
            provider=provider,
            name=each.name,
            title=each.title[:LONGEST_TITLE],
            context_window=_window(each),
        )
        for each in missing
    )
    for name in known.keys() & found.keys():
        if known[name].context_window is None and (window := _window(found[name])):
            LanguageModel.objects.filter(pk=known[name].pk).update(context_window=window)
    vanished = (name for name, model in known.items() if model.is_enabled and name not in found)
    return Synced(len(found), len(missing), tuple(vanished))


def _window(listed: ListedModel) -> int | None:
    window = listed.context_window
    return window if isinstance(window, int) and 0 < window < 2**31 else None
