"""A generation whose credential failed before the first delta waits for another one, if there is any."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import Enum
from typing import Any

from conversations.generation.claiming import ModelChoices, lease_request
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
from upstream.models import Credential
from upstream.pool.granting import Refused, try_on
from upstream.pool.releasing import Outcome, release

MOST_ERRORS = 10  # of one generation
ELSEWHERE = (RateLimited, QuotaExceeded, Unauthorized, Unreachable, Malformed, Interrupted)


class Fate(Enum):
    SENT_BACK = "sent back"
    STOPPED = "stopped"
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class Failure:
    """An error before the first delta, and under which credential of which engine."""

    generation_id: uuid.UUID
    engine_id: uuid.UUID
    credential_id: int
    error: UpstreamError
    outcome: Outcome


def send_back(failure: Failure) -> Fate:
    """Give the lease back with what was learnt; then have the generation wait again, where anything else may answer."""
    release(failure.generation_id, holder=failure.engine_id, outcome=failure.outcome)
    generation = Generation.objects.select_related("conversation").get(pk=failure.generation_id)
    if generation.status == Generation.Status.STOPPING:
        return Fate.STOPPED
    tried = _with(generation.tried, failure)
    if not isinstance(failure.error, ELSEWHERE) or len(tried["errors"]) >= MOST_ERRORS:
        return Fate.ENDS
    generation.tried = tried
    request = lease_request(generation, ModelChoices())
    if isinstance(request, UpstreamError) or isinstance(try_on(request), Refused):
        return Fate.ENDS
    return Fate.SENT_BACK if generation.send_back(tried=tried) else Fate.STOPPED


def _with(tried: dict[str, Any], failure: Failure) -> dict[str, Any]:
    """What was tried, and now this. One that is out or cools down need not be noted: the pool knows."""
    credentials, providers = set(tried.get("credentials", ())), set(tried.get("providers", ()))
    error = failure.error
    if isinstance(error, Unreachable | Malformed | Interrupted):
        credentials.add(failure.credential_id)
        if error.about_address:
            found = Credential.objects.filter(pk=failure.credential_id)
            providers.update(found.values_list("provider", flat=True))
    noted = {"code": error.code, "detail": error.detail, "credential": failure.credential_id}
    return {
        "credentials": sorted(credentials),
        "providers": sorted(providers),
        "errors": [*tried.get("errors", ()), noted],
    }
