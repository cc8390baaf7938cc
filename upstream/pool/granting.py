"""Leasing credentials: many requests in one transaction, in the order in which they are to be served.

Leases are rows, so that several processes share a pool. A credential is chosen that is least loaded for its weight,
then rested longest.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.secrets import SecretUnreadable, unseal
from upstream.errors import QuotaExceeded, RateLimited, Unauthorized, Unreachable, UpstreamError
from upstream.models import LanguageModel, Lease, UsageRecord
from upstream.pool.seats import Line, Seat, Seating, read_seating
from upstream.pool.targets import make_target
from upstream.statements import insert
from upstream.types import Target

LEASE_SECONDS = 30.0  # renewed every two
ACCOUNT_PATIENCE = (
    20.0  # seconds that a conversation waits for its busy account before it moves to another
)


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """What a generation asks for: `asked` or, where no credential of it can answer, a fallback.

    `models` gives all that may answer, the one asked for first, or an error where none may; it is called only where
    there is room. `account` is the credential to prefer. `waited` is in seconds. What was tried is not tried again.
    """

    generation: uuid.UUID
    member_id: int
    asked: LanguageModel
    models: Callable[[], Sequence[LanguageModel] | UpstreamError]
    account: int | None = None
    waited: float = 0.0
    tried_credentials: frozenset[int] = frozenset()
    tried_providers: frozenset[int] = frozenset()

    @property
    def is_fresh(self) -> bool:
        """Whether nothing was tried yet, and any credential will do."""
        return not (self.tried_credentials or self.tried_providers) and self.account is None


@dataclass(frozen=True, slots=True)
class Granted:
    """A lease, and all that is needed to use it and to give it back."""

    generation: uuid.UUID
    member_id: int
    credential_id: int
    revision: int
    model: LanguageModel
    target: Target
    leased_at: datetime
    ends_cool_downs: bool = False  # a success then tells that something has recovered


@dataclass(frozen=True, slots=True)
class Waiting:
    """All are busy, or cool down until `until`; `provider_id` says in which line."""

    provider_id: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    error: UpstreamError


Answer = Granted | Waiting | Refused


def grant(
    requests: Sequence[LeaseRequest], *, holder: uuid.UUID, providers: Iterable[int]
) -> list[Answer]:
    """Answer each request, in order; a lease that is granted is `holder`'s until it is released.

    `providers` are those of all models that may come up.
    """
    if not requests:
        return []
    with transaction.atomic():
        pool = Pool(providers, holder)
        answers = [pool.answer(request) for request in requests]
        pool.save()
    return answers


def try_on(request: LeaseRequest, *, providers: Iterable[int]) -> Answer:
    """What `request` would be answered now. Nothing is leased."""
    with transaction.atomic():
        return Pool(providers, uuid.uuid4()).answer(request)


def last_served(member_ids: Iterable[int]) -> dict[int, datetime]:
    """When each member was last given a credential; members who never were are left out."""
    ids = list(member_ids)
    # Leases first: one that is given back between the two statements is then found twice, and not missed twice.
    running = list(Lease.objects.filter(member__in=ids).values_list("member", "leased_at"))
    ended = UsageRecord.objects.filter(member__in=ids).values_list("member")
    served = dict(ended.annotate(Max("started_at")))
    for member, moment in running:
        served[member] = max(moment, served.get(member, moment))
    return served


@dataclass(slots=True)
class Finding:
    """What one model's provider could offer: an answer, or why there is none."""

    answer: Granted | Waiting | None = None
    cools_until: datetime | None = None
    problem: UpstreamError | None = None


class Pool:
    """Answers requests one after the other, as the seats fill."""

    def __init__(self, providers: Iterable[int], holder: uuid.UUID) -> None:
        self.now = timezone.now()
        self.holder = holder
        self.seating: Seating = read_seating(providers, self.now)
        self.granted: list[Granted] = []

    def answer(self, request: LeaseRequest) -> Answer:
        """A lease on the first of its models that can be had."""
        line = self._line(request.asked)
        if request.generation in self.seating.about_to_be_claimed:
            return Waiting(request.asked.provider_id)
        if request.is_fresh and line.is_full and request.waited < line.longest_wait:
            return Waiting(request.asked.provider_id)  # most of a long line, most of the time
        models = request.models()
        if isinstance(models, UpstreamError):
            return Refused(models)
        findings = []
        for model in models:
            finding = self._find(model, request)
            if finding.answer is not None:
                return finding.answer
            findings.append(finding)
        return self._wait_or_refuse(request, list(zip(models, findings, strict=True)))

    def save(self) -> None:
        """Write the leases that were granted."""
        if not self.granted:
            return
        again = {each.generation for each in self.granted} & self.seating.left_over
        if again:  # whoever had these did not get to claim them
            Lease.objects.filter(generation__in=again).delete()
        expires_at = self.now + timedelta(seconds=LEASE_SECONDS)
        for each in self.granted:
            insert(
                Lease,
                generation=each.generation,
                holder=self.holder,
                member_id=each.member_id,
                credential_id=each.credential_id,
                revision=each.revision,
                language_model_id=each.model.pk,
                leased_at=self.now,
                expires_at=expires_at,
            )

    def _line(self, model: LanguageModel) -> Line:
        return self.seating.lines.get(model.provider_id) or Line()

    def _find(self, model: LanguageModel, request: LeaseRequest) -> Finding:
        line = self._line(model)
        if not line.is_enabled:
            return Finding(problem=Unauthorized(f"The provider of “{model}” is disabled."))
        if model.provider_id in request.tried_providers:
            return Finding(problem=Unreachable(f"The provider “{line.title}” was tried."))
        usable = [
            seat
            for seat in line.seats
            if seat.is_usable and seat.credential_id not in request.tried_credentials
        ]
        if not usable:
            why = f"The provider “{line.title}” has no credential that can be used. Add one in the administration."
            return Finding(problem=Unauthorized(why))
        if line.cools_until and not request.tried_credentials:
            why = f"The provider “{line.title}” is left alone for a while: {line.reason}"
            return Finding(cools_until=line.cools_until, problem=Unreachable(why))
        left = [seat for seat in usable if not seat.is_spent]
        if not left:
            why = f"All credentials of “{line.title}” have given as many answers today as they may."
            return Finding(problem=QuotaExceeded(why))
        warm = [seat for seat in left if seat.cools_until is None]
        if not warm:
            why = f"All credentials of “{line.title}” cool down: {left[0].reason}"
            until = min(seat.cools_until or self.now for seat in left)
            return Finding(cools_until=until, problem=RateLimited(why))
        return self._seat_among(warm, line, model, request)

    def _seat_among(
        self, warm: list[Seat], line: Line, model: LanguageModel, request: LeaseRequest
    ) -> Finding:
        """A lease on one of these, or the line in front of them."""
        own = next((seat for seat in warm if seat.credential_id == request.account), None)
        if own is not None and (own.has_room or request.waited < ACCOUNT_PATIENCE):
            free = [own] if own.has_room else []
        else:
            free = [seat for seat in warm if seat.has_room]
        for seat in sorted(free, key=lambda each: each.load):
            if target := _open(seat, line):
                return Finding(answer=self._take(seat, model, target, request))
        if free and len(free) == len(warm):
            why = f"No key opens the secrets of “{line.title}”. Paste them again."
            return Finding(problem=Unauthorized(why))
        if request.waited >= line.longest_wait:
            why = f"Waited {request.waited:.0f} s: all {len(warm)} credentials of “{line.title}” were busy."
            return Finding(problem=RateLimited(why))
        return Finding(answer=Waiting(model.provider_id))

    def _wait_or_refuse(
        self, request: LeaseRequest, findings: Sequence[tuple[LanguageModel, Finding]]
    ) -> Answer:
        """Wait for the first that cools down in time; else say why the model that was asked for cannot answer."""
        for model, finding in findings:
            if finding.cools_until is None:
                continue
            left = self._line(model).longest_wait - request.waited
            if (finding.cools_until - self.now).total_seconds() <= left:
                return Waiting(model.provider_id, finding.cools_until)
        _model, first = findings[0]
        return Refused(first.problem or Unauthorized("No credential can be used."))

    def _take(
        self, seat: Seat, model: LanguageModel, target: Target, request: LeaseRequest
    ) -> Granted:
        seat.take(self.now)
        self.seating.about_to_be_claimed.add(request.generation)
        granted = Granted(
            request.generation,
            request.member_id,
            seat.credential_id,
            seat.revision,
            model,
            target,
            self.now,
            ends_cool_downs=bool(seat.cooling_count or self._line(model).cooling_count),
        )
        self.granted.append(granted)
        return granted


def _open(seat: Seat, line: Line) -> Target | None:
    *provider, sealed_proxy = line.of_target
    try:
        return make_target(
            seat.credential_id,
            seat.revision,
            provider,
            secret=unseal(seat.sealed),
            proxy=unseal(sealed_proxy),
        )
    except SecretUnreadable:
        return None
