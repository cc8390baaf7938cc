"""A generation whose credential failed before the first delta waits for another one, if there is any."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from conversations.generation.waiting import COLUMNS, ModelChoices, Pending, lease_request
from conversations.models import Generation
from upstream.errors import (
    Interrupted,
    Malformed,
    QuotaExceeded,
    RateLimited,
    Unauthorized,
    Unreachable,
    UpstreamError,
)
from upstream.pool.granting import Granted, Refused, try_on
from upstream.pool.releasing import Outcome, release
from upstream.quotas import settle

MOST_ERRORS = 10  # of one generation
ELSEWHERE = (RateLimited, QuotaExceeded, Unauthorized, Unreachable, Malformed, Interrupted)


class Fate(Enum):
    SENT_BACK = "sent back"
    STOPPED = "stopped"
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class Failure:
    """An error before the first delta, and under which lease of which engine."""

    lease: Granted
    engine_id: uuid.UUID
    error: UpstreamError
    outcome: Outcome


def send_back(failure: Failure) -> Fate:
    """Give the lease back with what was learnt; then have the generation wait again, where anything else may answer.

    What is reserved for it stays so while it waits.
    """
    release(failure.lease, holder=failure.engine_id, outcome=failure.outcome, is_last=False)
    fate = _fate(failure)
    if fate is not Fate.SENT_BACK:
        settle(failure.lease.generation, counts=fate is Fate.STOPPED)
    return fate


def _fate(failure: Failure) -> Fate:
    generation = Generation.objects.get(pk=failure.lease.generation)
    if generation.status == Generation.Status.STOPPING:
        return Fate.STOPPED
    tried = _with(generation.tried, failure)
    if not isinstance(failure.error, ELSEWHERE) or len(tried["errors"]) >= MOST_ERRORS:
        return Fate.ENDS
    if not _anything_left(generation, tried):
        return Fate.ENDS
    return Fate.SENT_BACK if generation.send_back(tried=tried) else Fate.STOPPED


def _anything_left(generation: Generation, tried: dict[str, Any]) -> bool:
    """Whether the pool would give it a credential, now or after a wait that is not too long."""
    (row,) = Generation.objects.filter(pk=generation.pk).values_list(*COLUMNS)
    choices = ModelChoices()
    request = lease_request(replace(Pending(*row), tried=tried), choices)
    if isinstance(request, UpstreamError):
        return False
    providers = choices.providers([generation.language_model_id])
    return not isinstance(try_on(request, providers=providers), Refused)


def _with(tried: dict[str, Any], failure: Failure) -> dict[str, Any]:
    """What was tried, and now this. One that is out or cools down need not be noted: the pool knows."""
    credentials, providers = set(tried.get("credentials", ())), set(tried.get("providers", ()))
    error, lease = failure.error, failure.lease
    if isinstance(error, Unreachable | Malformed | Interrupted):
        credentials.add(lease.credential_id)
        if error.about_address:
            providers.add(lease.model.provider_id)
    noted = {"code": error.code, "detail": error.detail, "credential": lease.credential_id}
    return {
        "credentials": sorted(credentials),
        "providers": sorted(providers),
        "errors": [*tried.get("errors", ()), noted],
    }
