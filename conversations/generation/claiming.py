"""What the engine asks of the database: work to take, what has become of its own, what a generation needs."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.utils import translation

from conversations.generation.manuscript import Manuscript
from conversations.generation.position import position_of
from conversations.generation.prompt import build_request
from conversations.models import Generation
from conversations.sentences import sentence_for
from upstream.errors import Rejected, UpstreamError
from upstream.models import LanguageModel
from upstream.pool.lease import lease
from upstream.types import ChatRequest, Target

MOST_AT_ONCE = 100


@dataclass(slots=True)
class Assignment:
    """A claimed generation with all that is needed to run it; `refusal` where it cannot even begin."""

    manuscript: Manuscript
    locale: str
    target: Target | None = None
    request: ChatRequest | None = None
    refusal: UpstreamError | None = None

    def sentence(self, code: str) -> str:
        """The sentence for an error code, in the language of the member who asked."""
        with translation.override(self.locale or None):
            return sentence_for(code)


def claim_pending(engine_id: uuid.UUID) -> list[Assignment]:
    """Claim what waits. Several engines may try; each generation is given to one."""
    waiting = Generation.objects.pending().select_related(
        "message__parent__parent", "conversation__owner"
    )[:MOST_AT_ONCE]
    return [_assignment(generation) for generation in waiting if generation.claim(engine_id)]


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


def _assignment(generation: Generation) -> Assignment:
    message = generation.message
    manuscript = Manuscript(
        generation_id=generation.pk,
        message_id=message.pk,
        conversation_id=generation.conversation_id,
        text_before=message.text,
        reasoning_before=message.reasoning,
    )
    assignment = Assignment(manuscript, generation.conversation.owner.locale)
    try:
        model = _model_of(generation)
        leased = lease(model, preferred=generation.conversation.credential_id)
        position = (
            position_of(generation, credential_id=leased.credential_id)
            if model.provider.takes_access_tokens
            else None
        )
        assignment.target = leased.target
        assignment.request = build_request(generation, model=model, position=position)
        manuscript.credential_id = leased.credential_id
        Generation.objects.filter(pk=generation.pk).update(credential=leased.credential_id)
    except UpstreamError as error:
        assignment.refusal = error
    return assignment


def _model_of(generation: Generation) -> LanguageModel:
    usable = LanguageModel.objects.usable_by(generation.conversation.owner)
    model = usable.filter(pk=generation.language_model_id or 0).first()
    if model is None:
        raise Rejected("The model was removed, or is no longer offered to this member.")
    return model
