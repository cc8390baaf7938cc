"""Generations whose owner may use the model no longer: a group, a grant, a model or a provider has changed."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Coalesce

from conversations.models import Generation
from upstream.models import LanguageModel
from upstream.quotas import settle

CODE = "not_offered"


def revoked(engine_id: uuid.UUID) -> list[uuid.UUID]:
    """Those of this engine, judged by the model that answers, which may be a fallback. One query for all of them."""
    own = Generation.objects.filter(engine=engine_id, status=Generation.Status.STREAMING)
    return list(_without_right(own).values_list("pk", flat=True))


def refuse_revoked() -> list[Generation]:
    """End what waits in vain for such a model; returns what was ended."""
    waiting = _without_right(Generation.objects.pending()).select_related("message")
    return [each for each in waiting if _refuse(each)]


def _refuse(generation: Generation) -> bool:
    with transaction.atomic():
        refused = generation.refuse(CODE)
        if refused:
            settle(generation.pk, counts=False)
        return refused


def _without_right(generations: Any) -> Any:
    usable = LanguageModel.objects.usable_by_id(OuterRef(OuterRef("conversation__owner")))
    found = generations.annotate(in_use=Coalesce("answered_by", "language_model"))
    return found.filter(~Exists(usable.filter(pk=OuterRef("in_use"))))
