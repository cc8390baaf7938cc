"""What the engine asks of the database: work to take, what has become of its own, what a generation needs.

The pending rows are the queue. A round puts them into the order in which they are to be served, asks the pool for a
credential for each, claims those that got one, and tells the others where they stand.
"""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone, translation

from accounts.models import User
from conversations.generation.manuscript import Manuscript
from conversations.generation.position import position_of
from conversations.generation.prompt import build_request
from conversations.models import Generation, Message
from conversations.sentences import sentence_for
from upstream.errors import Rejected, UpstreamError, error_of
from upstream.models import LanguageModel
from upstream.pool.fairness import Waiter, fair_order
from upstream.pool.granting import (
    Answer,
    Granted,
    LeaseRequest,
    Refused,
    Waiting,
    grant,
    last_served,
)
from upstream.pool.releasing import Outcome, release, renew
from upstream.types import ChatRequest, Target

MOST_WAITING = 1000
MOST_AT_ONCE = 100
MOST_FALLBACKS = 5


@dataclass(slots=True)
class Assignment:
    """A claimed generation with all that is needed to run it; `refusal` where it cannot even begin."""

    manuscript: Manuscript
    locale: str
    target: Target | None = None
    request: ChatRequest | None = None
    refusal: UpstreamError | None = None
    leased_at: datetime | None = None
    answered_by: str | None = None  # the model's title, where it is not the one asked for
    tries: int = 1

    def sentence(self, code: str) -> str:
        """The sentence for an error code, in the language of the member who asked."""
        with translation.override(self.locale or None):
            return sentence_for(code)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one that waits stands in line, when that has changed."""

    conversation_id: uuid.UUID
    message_id: uuid.UUID
    generation_id: uuid.UUID
    position: int


@dataclass(slots=True)
class Round:
    """What a look at the queue came to."""

    assignments: list[Assignment] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Pending:
    """A row of the queue, no more of it than the order needs."""

    pk: uuid.UUID
    conversation_id: uuid.UUID
    message_id: uuid.UUID
    owner_id: int
    model_id: int | None
    account: int | None
    created_at: datetime
    tried: dict[str, Any]
    position: int | None


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


def claim_pending(engine_id: uuid.UUID) -> Round:
    """Claim what can be answered now. Several engines may try; each generation is given to one."""
    pending = [
        Pending(*row) for row in Generation.objects.pending().values_list(*COLUMNS)[:MOST_WAITING]
    ]
    if not pending:
        return Round()
    renew(engine_id)  # however the clock has jumped, what runs here is not taken for run out
    waiters = [
        Waiter(each, each.owner_id, each.created_at, sent_back=bool(each.tried)) for each in pending
    ]
    served = last_served({each.owner_id for each in pending})
    ordered: list[Pending] = [waiter.key for waiter in fair_order(waiters, served)]
    choices = ModelChoices()
    asked = [(each, _request(each, choices)) for each in ordered]
    requests = [request for _each, request in asked if isinstance(request, LeaseRequest)]
    answers = dict(
        zip((r.generation for r in requests), grant(requests, holder=engine_id), strict=True)
    )
    round_ = Round()
    line: Counter[int] = Counter()
    for each, request in asked:
        answer = Refused(request) if isinstance(request, UpstreamError) else answers[each.pk]
        _heed(each, answer, round_, line, engine_id)
    return round_


@dataclass(frozen=True, slots=True)
class Own:
    """An active generation of this engine; unwanted where somebody stopped it, or its owner may no longer be here."""

    generation_id: uuid.UUID
    unwanted: bool


def own_generations(engine_id: uuid.UUID) -> list[Own]:
    rows = Generation.objects.active().filter(engine=engine_id)
    return [
        Own(pk, status == Generation.Status.STOPPING or not owner_is_active)
        for pk, status, owner_is_active in rows.values_list(
            "pk", "status", "conversation__owner__is_active"
        )
    ]


class ModelChoices:
    """Which models may answer, for each member who waits: the one asked for, and its fallbacks in turn."""

    def __init__(self) -> None:
        self._usable: dict[int, dict[int, LanguageModel]] = {}

    def of(self, owner_id: int, model_id: int | None) -> tuple[LanguageModel, ...]:
        """Empty where the model may not be used, or is gone. A fallback that points back ends the chain."""
        usable = self._of_member(owner_id)
        chain: list[LanguageModel] = []
        model = usable.get(model_id or 0)
        while model is not None and model not in chain and len(chain) <= MOST_FALLBACKS:
            chain.append(model)
            model = usable.get(model.fallback_id or 0)
        return tuple(chain)

    def _of_member(self, owner_id: int) -> dict[int, LanguageModel]:
        if owner_id not in self._usable:
            usable = LanguageModel.objects.usable_by(User.objects.get(pk=owner_id))
            self._usable[owner_id] = {model.pk: model for model in usable}
        return self._usable[owner_id]


def lease_request(generation: Generation, choices: ModelChoices) -> LeaseRequest | UpstreamError:
    """What a generation asks of the pool, or why it cannot."""
    conversation = generation.conversation
    row = Pending(
        generation.pk,
        generation.conversation_id,
        generation.message_id,
        conversation.owner_id,
        generation.language_model_id,
        conversation.credential_id,
        generation.created_at,
        generation.tried,
        generation.position,
    )
    return _request(row, choices)


def _request(pending: Pending, choices: ModelChoices) -> LeaseRequest | UpstreamError:
    models = choices.of(pending.owner_id, pending.model_id)
    if not models:
        return Rejected("The model was removed, or is no longer offered to this member.")
    return LeaseRequest(
        pending.pk,
        pending.owner_id,
        models,
        account=pending.account,
        waited=(timezone.now() - pending.created_at).total_seconds(),
        tried_credentials=frozenset(pending.tried.get("credentials", ())),
        tried_providers=frozenset(pending.tried.get("providers", ())),
    )


def _heed(
    pending: Pending, answer: Answer, round_: Round, line: Counter[int], engine_id: uuid.UUID
) -> None:
    if isinstance(answer, Waiting):
        line[answer.provider_id] += 1
        place = line[answer.provider_id]
        if place != pending.position:
            waits = Generation.objects.filter(pk=pending.pk, status=Generation.Status.PENDING)
            if waits.update(position=place):
                ids = (pending.conversation_id, pending.message_id, pending.pk)
                round_.places.append(Place(*ids, place))
        return
    generation = Generation.objects.select_related(
        "message__parent__parent", "conversation__owner", "language_model"
    ).get(pk=pending.pk)
    fields: dict[str, Any] = {}
    if isinstance(answer, Granted):
        fields["credential_id"] = answer.credential_id
        if answer.model.pk != pending.model_id:
            fields["answered_by_id"] = answer.model.pk
    if generation.claim(engine_id, **fields):
        round_.assignments.append(_assignment(generation, answer))
    elif isinstance(answer, Granted):  # stopped, this moment
        release(pending.pk, holder=engine_id, outcome=Outcome("stopped"))


def _assignment(generation: Generation, answer: Granted | Refused) -> Assignment:
    message = generation.message
    manuscript = Manuscript(
        generation_id=generation.pk,
        message_id=message.pk,
        conversation_id=generation.conversation_id,
        text_before=message.text,
        reasoning_before=message.reasoning,
    )
    assignment = Assignment(
        manuscript,
        generation.conversation.owner.locale,
        tries=len(generation.tried.get("errors", ())) + 1,
    )
    if isinstance(answer, Refused):
        # What was tried says more than that nothing is left to try.
        assignment.refusal = _last_error(generation.tried) or answer.error
        return assignment
    if answer.model.pk != generation.language_model_id:
        assignment.answered_by = str(answer.model)
        if not generation.continues:
            Message.objects.filter(pk=message.pk).update(
                language_model=answer.model, model_title=str(answer.model)
            )
    manuscript.credential_id = answer.credential_id
    assignment.target, assignment.leased_at = answer.target, answer.leased_at
    position = (
        position_of(generation, credential_id=answer.credential_id)
        if answer.model.provider.takes_access_tokens
        else None
    )
    assignment.request = build_request(generation, model=answer.model, position=position)
    return assignment


def _last_error(tried: dict[str, Any]) -> UpstreamError | None:
    """The error that the last try ended with."""
    errors = tried.get("errors")
    if not errors:
        return None
    last = errors[-1]
    return error_of(last["code"], last["detail"])
