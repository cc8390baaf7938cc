"""Giving leases back, and what was learnt meanwhile: usage, and how the credential and its provider are."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from upstream.errors import (
    Interrupted,
    Malformed,
    QuotaExceeded,
    RateLimited,
    Unauthorized,
    Unreachable,
    UpstreamError,
)
from upstream.models import Credential, Lease, Provider, UsageDay, UsageRecord
from upstream.models.cooling import WARM, cooled
from upstream.models.usage_day import day_of
from upstream.pool.alerts import raise_alerts
from upstream.pool.backoff import cooling_seconds
from upstream.pool.granting import LEASE_SECONDS, Granted
from upstream.quotas import settle
from upstream.statements import add, insert, take, update

CLOSED = re.compile(
    r"deactivated|account[\w ]{0,20}(closed|banned|suspended|disabled)|banned", re.IGNORECASE
)


NOTHING: Mapping[uuid.UUID, tuple[int, int]] = {}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a lease came to: `completed`, `stopped`, or an error; tokens where they are known or estimated."""

    code: str
    error: UpstreamError | None = None
    first_text_ms: int | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    is_estimated: bool = False
    after_text: bool = False  # an error that came when something had been written

    @property
    def counts(self) -> bool:
        """Whether it counts against the member's limit of messages: not where it failed before any text."""
        return self.after_text or self.code in {"completed", "stopped"}


def release(granted: Granted, *, holder: uuid.UUID, outcome: Outcome, is_last: bool = True) -> bool:
    """Give a lease back and keep what it came to; False when it had run out and is another's.

    With its last lease a generation's reservation is settled: what was used takes its place, in one transaction.
    """
    with transaction.atomic():
        lease = {"generation": granted.generation, "holder": holder}
        taken = take(Lease, "language_model_id", **lease)
        if taken is None:
            return False
        record(
            outcome,
            member_id=granted.member_id,
            credential_id=granted.credential_id,
            language_model_id=taken[0],  # it may have been deleted while it answered
            generation=granted.generation,
            started_at=granted.leased_at,
        )
        if is_last:
            settle(granted.generation, counts=outcome.counts)
        if outcome.error is not None:
            used = Credential.objects.filter(pk=granted.credential_id, revision=granted.revision)
            note_error(used, outcome.error, after_text=outcome.after_text)
        elif outcome.code == "completed":
            now = timezone.now()
            own = {"id": granted.credential_id, "revision": granted.revision}
            update(Credential, own, last_leased_at=granted.leased_at, last_success_at=now)
            if granted.ends_cool_downs:
                # What an answer proves ends no cool-down that another one has begun meanwhile.
                began_before = Q(cooling_until=None) | Q(cooling_until__lte=granted.leased_at)
                Credential.objects.filter(began_before, **own).update(cooling_count=0)
                Provider.objects.filter(began_before, pk=granted.model.provider_id).update(**WARM)
        return True


def renew(holder: uuid.UUID) -> None:
    """The holder lives: its leases do, too."""
    Lease.objects.filter(holder=holder).update(
        expires_at=timezone.now() + timedelta(seconds=LEASE_SECONDS)
    )


def release_all(holder: uuid.UUID, *, took: Mapping[uuid.UUID, tuple[int, int]] = NOTHING) -> None:
    """Give back what a dead holder had; `took` estimates the tokens of prompt and answer, by generation."""
    _interrupt(Lease.objects.filter(holder=holder), took)


def release_run_out() -> None:
    """Give back what nobody has renewed."""
    _interrupt(Lease.objects.filter(expires_at__lte=timezone.now() - timedelta(seconds=30)))


def record(outcome: Outcome, *, started_at: datetime, **whose: Any) -> None:
    """Keep what one lease came to, and add it to the usage of its day."""
    elapsed = timezone.now() - started_at
    insert(
        UsageRecord,
        outcome=outcome.code,
        started_at=started_at,
        first_text_ms=outcome.first_text_ms,
        total_ms=max(0, int(elapsed.total_seconds() * 1000)),
        prompt_tokens=outcome.prompt_tokens,
        completion_tokens=outcome.completion_tokens,
        is_estimated=outcome.is_estimated,
        **whose,
    )
    tokens = outcome.prompt_tokens + outcome.completion_tokens
    add(
        UsageDay,
        {
            "day": day_of(started_at),
            **{name: whose[name] for name in ("member_id", "language_model_id", "credential_id")},
        },
        attempts=1,
        answers=int(outcome.first_text_ms is not None),
        prompt_tokens=outcome.prompt_tokens,
        completion_tokens=outcome.completion_tokens,
        estimated_tokens=tokens if outcome.is_estimated else 0,
    )


def note_error(found: Any, error: UpstreamError, *, after_text: bool = False) -> None:
    """What `error` says of the one credential in the queryset `found`, and of its provider."""
    credential = found.select_related("provider").defer("secret").first()
    if credential is None:
        return  # deleted, or its secret was replaced: it says nothing of the new one
    detail = error.detail[:300]
    now = timezone.now()
    found.update(last_leased_at=now, last_error_at=now, last_error=f"{error.code}: {detail}"[:300])
    if isinstance(error, Unauthorized):
        _take_out(found, credential, detail)
    elif isinstance(error, RateLimited | QuotaExceeded):
        _cool(found, credential, error)
    elif isinstance(error, Unreachable | Malformed | Interrupted) and not after_text:
        provider = credential.provider
        _cool(Provider.objects.filter(pk=provider.pk), provider, error)


def note_success(credential: Credential) -> None:
    """It was tried, and answered: whatever was thought of it before is over."""
    Credential.objects.filter(pk=credential.pk).update(
        state=Credential.State.HEALTHY, last_success_at=timezone.now(), **WARM
    )
    Provider.objects.filter(pk=credential.provider_id).update(**WARM)


def _take_out(found: Any, credential: Credential, detail: str) -> None:
    """Out until it gets a new secret. Administrators are told once, by whoever took it out."""
    blocked = CLOSED.search(detail) is not None
    state = Credential.State.BLOCKED if blocked else Credential.State.EXPIRED
    taken_out = found.filter(state=Credential.State.HEALTHY).update(state=state, reason=detail)
    if taken_out:
        raise_alerts(credential, event=f"credential_{state}", detail=detail)


def _cool(rows: Any, cooling: Credential | Provider, error: UpstreamError) -> None:
    now = timezone.now()
    runs_until = cooling.cools_until(now)
    seconds = cooling_seconds(error, in_a_row=cooling.cooling_count)
    if runs_until is None or runs_until < now + timedelta(seconds=seconds):
        reason = f"{error.code}: {error.detail}"
        rows.update(**cooled(seconds, in_a_row=cooling.cooling_count, reason=reason))


def _interrupt(leases: Any, took: Mapping[uuid.UUID, tuple[int, int]] = NOTHING) -> None:
    for lease in leases:
        prompt_tokens, completion_tokens = took.get(lease.generation, (0, 0))
        with transaction.atomic():
            if Lease.objects.filter(pk=lease.pk).delete()[0]:
                record(
                    Outcome(
                        "interrupted",
                        prompt_tokens=prompt_tokens,
                        completion_tokens=completion_tokens,
                        is_estimated=True,
                    ),
                    member_id=lease.member_id,
                    credential_id=lease.credential_id,
                    language_model_id=lease.language_model_id,
                    generation=lease.generation,
                    started_at=lease.leased_at,
                )
