"""Keeping a provider's list of models."""

from __future__ import annotations

from upstream.client import UpstreamClient
from upstream.errors import Malformed
from upstream.models import LanguageModel, Provider
from upstream.types import Target

MOST_MODELS = 1000


async def fetch_model_names(target: Target) -> list[str]:
    """The names that the provider lists at `/models`. Raises UpstreamError."""
    client = UpstreamClient()
    try:
        listed = await client.get_json(target, "models")
    finally:
        await client.aclose()
    try:
        names = [str(entry["id"]) for entry in listed["data"]]
    except (KeyError, TypeError) as error:
        raise Malformed("The list of models is of another shape.") from error
    return names[:MOST_MODELS]


def add_models(provider: Provider, names: list[str]) -> int:
    """Add the models that are missing; what is there keeps its title, its order and whether it is offered."""
    known = set(provider.language_models.values_list("name", flat=True))
    missing = [name for name in dict.fromkeys(names) if name not in known]
    LanguageModel.objects.bulk_create(
        LanguageModel(provider=provider, name=name, title=name) for name in missing
    )
    return len(missing)
