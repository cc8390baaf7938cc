"""What the engine asks of the database: work to take, what has become of its own, what a generation needs.

A round asks the pool for a credential for each that waits, in their order, and claims those that got one.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.utils import translation

from conversations.generation.manuscript import Manuscript
from conversations.generation.position import position_of
from conversations.generation.prompt import Prompt, build_prompt
from conversations.generation.waiting import ModelChoices, lease_request, the_line
from conversations.models import Generation, Message
from conversations.sentences import sentence_for
from upstream.errors import UpstreamError, error_of
from upstream.pool.granting import Granted, LeaseRequest, Refused, Waiting, grant
from upstream.pool.releasing import Outcome, release, renew
from upstream.quotas import answer_cap
from upstream.types import ChatRequest


@dataclass(slots=True)
class Assignment:
    """A claimed generation with all that is needed to run it; `refusal` where it cannot even begin."""

    manuscript: Manuscript
    locale: str
    lease: Granted | None = None
    request: ChatRequest | None = None
    refusal: UpstreamError | None = None
    answered_by: str | None = None  # the model's title, where it is not the one asked for
    tries: int = 1
    cut: int = 0  # oldest messages that did not fit the model's window

    def sentence(self, code: str) -> str:
        """The sentence for an error code, in the language of the member who asked."""
        with translation.override(self.locale or None):
            return sentence_for(code)


def claim_pending(engine_id: uuid.UUID) -> list[Assignment]:
    """Claim what can be answered now. Several engines may try; each generation is given to one."""
    line = the_line()
    if not line:
        return []
    renew(engine_id)  # however the clock has jumped, what runs here is not taken for run out
    choices = ModelChoices()
    asked = [(each.pk, lease_request(each, choices)) for each in line]
    requests = [request for _pk, request in asked if isinstance(request, LeaseRequest)]
    providers = choices.providers({each.model_id for each in line})
    granted = iter(grant(requests, holder=engine_id, providers=providers))
    assignments = []
    for pk, request in asked:
        answer = Refused(request) if isinstance(request, UpstreamError) else next(granted)
        if isinstance(answer, Waiting):
            continue
        if assignment := _claim(pk, answer, engine_id):
            assignments.append(assignment)
    return assignments


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


def _claim(
    generation_id: uuid.UUID, answer: Granted | Refused, engine_id: uuid.UUID
) -> Assignment | None:
    """Take it, unless it was stopped or deleted this moment."""
    found = Generation.objects.select_related(
        "message__parent__parent", "conversation__owner", "language_model"
    )
    generation = found.filter(pk=generation_id).first()
    fields: dict[str, Any] = {}
    prompt: Prompt | None = None
    if isinstance(answer, Granted) and generation is not None:
        prompt = _prompt(generation, answer)
        fields = {"credential_id": answer.credential_id, "sent": prompt.record}
        if answer.model.pk != generation.language_model_id:
            fields["answered_by_id"] = answer.model.pk
    if generation is not None and generation.claim(engine_id, **fields):
        return _assignment(generation, answer, prompt)
    if isinstance(answer, Granted):
        release(answer, holder=engine_id, outcome=Outcome("stopped"), is_last=False)
    return None


def _prompt(generation: Generation, answer: Granted) -> Prompt:
    position = (
        position_of(generation, credential_id=answer.credential_id)
        if answer.model.provider.takes_access_tokens
        else None
    )
    cap = answer_cap(generation.pk)
    return build_prompt(generation, model=answer.model, position=position, answer_cap=cap)


def _assignment(
    generation: Generation, answer: Granted | Refused, prompt: Prompt | None
) -> Assignment:
    message = generation.message
    manuscript = Manuscript(
        generation_id=generation.pk,
        message_id=message.pk,
        conversation_id=generation.conversation_id,
        text_before=message.text,
        reasoning_before=message.reasoning,
        claimed_at=generation.claimed_at,
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
    assignment.lease = answer
    if prompt is not None:
        assignment.request, assignment.cut = prompt.request, prompt.record.get("cut", 0)
    return assignment


def _last_error(tried: dict[str, Any]) -> UpstreamError | None:
    """The error that the last try ended with."""
    errors = tried.get("errors")
    return error_of(errors[-1]["code"], errors[-1]["detail"]) if errors else None
