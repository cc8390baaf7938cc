"""The line: the pending rows, in the order in which they are to be served, and what each asks of the pool."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, IntegerField, Value, When
from django.utils import timezone

from accounts.models import User
from conversations.models import Generation
from upstream.errors import NotOffered, UpstreamError
from upstream.models import LanguageModel
from upstream.pool.fairness import Waiter, fair_order
from upstream.pool.granting import LeaseRequest, last_served

MOST_WAITING = 1000
MOST_FALLBACKS = 5
AT_ONCE = 200  # rows a statement
COLUMNS = (
    "pk",
    "conversation_id",
    "message_id",
    "conversation__owner_id",
    "language_model_id",
    "conversation__credential_id",
    "created_at",
    "tried",
    "position",
)


@dataclass(frozen=True, slots=True)
class Pending:
    """A row of the line, no more of it than the order needs."""

    pk: uuid.UUID
    conversation_id: uuid.UUID
    message_id: uuid.UUID
    owner_id: int
    model_id: int | None
    account: int | None
    created_at: datetime
    tried: dict[str, Any]
    position: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where one that waits stands in line, when that has changed."""

    conversation_id: uuid.UUID
    message_id: uuid.UUID
    generation_id: uuid.UUID
    position: int


def the_line() -> list[Pending]:
    """All that is pending, in the order in which it is to be served."""
    rows = Generation.objects.pending().values_list(*COLUMNS)[:MOST_WAITING]
    pending = [Pending(*row) for row in rows]
    if len(pending) < 2:
        return pending
    waiters = [
        Waiter(each, each.owner_id, each.created_at, sent_back=bool(each.tried)) for each in pending
    ]
    served = last_served({each.owner_id for each in pending})
    return [waiter.key for waiter in fair_order(waiters, served)]


def moved_places() -> list[Place]:
    """Number those who wait, each provider's line by itself; returns the places that have changed."""
    line = the_line()
    if not line:
        return []
    providers = dict(LanguageModel.objects.values_list("pk", "provider"))
    numbers: Counter[int | None] = Counter()
    moved = []
    for each in line:
        provider = providers.get(each.model_id or 0)
        numbers[provider] += 1
        if numbers[provider] != each.position:
            ids = (each.conversation_id, each.message_id, each.pk)
            moved.append(Place(*ids, numbers[provider]))
    for start in range(0, len(moved), AT_ONCE):
        _save(moved[start : start + AT_ONCE])
    return moved


def waiting_by_provider() -> dict[int, int]:
    """How many wait for each provider, for the administrators."""
    counted = Generation.objects.pending().order_by().values_list("language_model__provider")
    return {pk: number for pk, number in counted.annotate(Count("pk")) if pk is not None}


class ModelChoices:
    """Which models may answer: the one asked for and its fallbacks in turn, as far as a member may use them."""

    def __init__(self) -> None:
        enabled = LanguageModel.objects.filter(is_enabled=True, provider__is_enabled=True)
        self._models = {model.pk: model for model in enabled.select_related("provider")}
        self._usable: dict[int, set[int]] = {}

    def model(self, model_id: int | None) -> LanguageModel | None:
        return self._models.get(model_id or 0)

    def of(self, owner_id: int, model_id: int | None) -> Sequence[LanguageModel] | UpstreamError:
        """The models, or why there is none."""
        usable = self._usable_by(owner_id)
        chain = [model for model in self.chain(model_id) if model.pk in usable]
        if not chain or chain[0].pk != model_id:
            return NotOffered("The model was removed, or is no longer offered to this member.")
        return chain

    def chain(self, model_id: int | None) -> list[LanguageModel]:
        """A model and its fallbacks; one that points back ends it."""
        chain: list[LanguageModel] = []
        model = self.model(model_id)
        while model is not None and model not in chain and len(chain) <= MOST_FALLBACKS:
            chain.append(model)
            model = self.model(model.fallback_id)
        return chain

    def providers(self, model_ids: Iterable[int | None]) -> set[int]:
        """Those of all models that may come up."""
        return {model.provider_id for pk in model_ids for model in self.chain(pk)}

    def _usable_by(self, owner_id: int) -> set[int]:
        if owner_id not in self._usable:
            usable = LanguageModel.objects.usable_by(User.objects.get(pk=owner_id))
            self._usable[owner_id] = set(usable.order_by().values_list("pk", flat=True))
        return self._usable[owner_id]


def lease_request(pending: Pending, choices: ModelChoices) -> LeaseRequest | UpstreamError:
    """What one that waits asks of the pool, or why it cannot."""
    asked = choices.model(pending.model_id)
    if asked is None:
        return NotOffered("The model was removed, or is offered no more.")
    return LeaseRequest(
        pending.pk,
        pending.owner_id,
        asked,
        lambda: choices.of(pending.owner_id, pending.model_id),
        account=pending.account if asked.provider.takes_access_tokens else None,
        waited=(timezone.now() - pending.created_at).total_seconds(),
        tried_credentials=frozenset(pending.tried.get("credentials", ())),
        tried_providers=frozenset(pending.tried.get("providers", ())),
    )


def _save(places: Sequence[Place]) -> None:
    numbers = (When(pk=place.generation_id, then=Value(place.position)) for place in places)
    waiting = Generation.objects.pending().filter(pk__in=[each.generation_id for each in places])
    waiting.order_by().update(position=Case(*numbers, output_field=IntegerField()))
