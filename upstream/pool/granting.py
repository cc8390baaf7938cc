"""Leasing credentials: many requests in one transaction, in the order in which they are to be served.

Leases are rows, so that several processes share a pool; the credentials' rows are locked while it is decided (on SQLite
the transaction itself is the lock). A credential is chosen that is least loaded for its weight, then rested longest.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from upstream.errors import RateLimited, Unauthorized, Unreachable, UpstreamError
from upstream.models import Credential, LanguageModel, Lease, Provider, UsageRecord
from upstream.pool.targets import target_of
from upstream.secrets import SecretUnreadable
from upstream.types import Target

LEASE_SECONDS = 30.0  # renewed every two
ACCOUNT_PATIENCE = (
    20.0  # seconds that a conversation waits for its busy account before it moves to another
)
ABOUT_TO_CLAIM = timedelta(seconds=3)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LeaseRequest:
    """What a generation asks for: one of `models`, the first if it can be had; `account` is the credential to prefer.

    `waited` is in seconds. What was tried for this generation is not tried again.
    """

    generation: uuid.UUID
    member_id: int
    models: tuple[LanguageModel, ...]
    account: int | None = None
    waited: float = 0.0
    tried_credentials: frozenset[int] = frozenset()
    tried_providers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Granted:
    credential_id: int
    model: LanguageModel
    target: Target
    leased_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """All are busy, or cool down until `until`; `provider_id` says in which line."""

    provider_id: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    error: UpstreamError


Answer = Granted | Waiting | Refused


def grant(requests: Sequence[LeaseRequest], *, holder: uuid.UUID) -> list[Answer]:
    """Answer each request, in order; a lease that is granted is `holder`'s until it is released."""
    if not requests:
        return []
    with transaction.atomic():
        pool = Pool({model.provider_id for each in requests for model in each.models}, holder)
        answers = [pool.answer(request) for request in requests]
        pool.save()
    return answers


def try_on(request: LeaseRequest) -> Answer:
    """What `request` would be answered now. Nothing is leased."""
    with transaction.atomic():
        pool = Pool({model.provider_id for model in request.models}, uuid.uuid4())
        return pool.answer(request)


def last_served(member_ids: Iterable[int]) -> dict[int, datetime]:
    """When each member was last given a credential; members who never were are left out."""
    ids = list(member_ids)
    ended = UsageRecord.objects.filter(member__in=ids).values_list("member")
    served = dict(ended.annotate(Max("started_at")))
    for member, moment in Lease.objects.filter(member__in=ids).values_list("member", "leased_at"):
        served[member] = max(moment, served.get(member, moment))
    return served


@dataclass(slots=True)
class Seat:
    """A credential that could be used, and how busy it is."""

    credential: Credential
    in_flight: int = 0
    last_minute: int = 0
    last_day: int = 0

    @property
    def load(self) -> tuple[float, float, int]:
        rested = self.credential.last_leased_at
        since = rested.timestamp() if rested else 0.0
        return self.in_flight / self.credential.weight, since, self.credential.pk

    @property
    def has_room(self) -> bool:
        credential = self.credential
        return self.in_flight < credential.cap and not self.limited_for

    @property
    def limited_for(self) -> timedelta | None:
        """Until about when its limit by minute or day keeps it back."""
        credential = self.credential
        if credential.most_a_day is not None and self.last_day >= credential.most_a_day:
            return DAY
        if credential.most_a_minute is not None and self.last_minute >= credential.most_a_minute:
            return MINUTE
        return None


@dataclass(slots=True)
class Finding:
    """What one model's provider could offer: an answer, or why there is none."""

    answer: Granted | Waiting | None = None
    cools_until: datetime | None = None
    problem: UpstreamError | None = None


@dataclass(slots=True)
class Pool:
    """The credentials of some providers as they stand within one transaction."""

    provider_ids: set[int]
    holder: uuid.UUID
    now: datetime = field(default_factory=timezone.now)
    providers: dict[int, Provider] = field(init=False)
    seats: dict[int, list[Seat]] = field(init=False)
    leases: list[Lease] = field(default_factory=list)
    taken: set[uuid.UUID] = field(init=False)

    def __post_init__(self) -> None:
        self.providers = Provider.objects.defer("proxy_url").in_bulk(self.provider_ids)
        self.seats = {pk: [] for pk in self.provider_ids}
        seats: dict[tuple[int, int], Seat] = {}
        for credential in self._credentials():
            credential.provider = self.providers[credential.provider_id]
            seat = Seat(credential)
            seats[credential.pk, credential.revision] = seat
            self.seats[credential.provider_id].append(seat)
        running = Lease.objects.running(self.now).filter(credential__provider__in=self.provider_ids)
        self.taken = set()
        columns = ("generation", "credential", "revision", "leased_at")
        for generation, pk, revision, leased_at in running.values_list(*columns):
            # Somebody else is about to take it; or was, and failed.
            if leased_at > self.now - ABOUT_TO_CLAIM:
                self.taken.add(generation)
            if seat := seats.get((pk, revision)):  # type: ignore[assignment]
                seat.in_flight += 1
        self._count_recent(list(seats.values()))

    def answer(self, request: LeaseRequest) -> Answer:
        """A lease on the first of its models that can be had."""
        if request.generation in self.taken:  # by another engine, this moment
            return Waiting(request.models[0].provider_id)
        findings = []
        for model in request.models:
            finding = self._find(model, request)
            if finding.answer is not None:
                return finding.answer
            findings.append(finding)
        return self._wait_or_refuse(request, findings)

    def save(self) -> None:
        """Write the leases that were granted."""
        if self.leases:
            Lease.objects.filter(generation__in=[each.generation for each in self.leases]).delete()
            Lease.objects.bulk_create(self.leases)
            used = {lease.credential_id for lease in self.leases}
            Credential.objects.filter(pk__in=used).update(last_leased_at=self.now)

    def _find(self, model: LanguageModel, request: LeaseRequest) -> Finding:
        provider = self.providers.get(model.provider_id)
        if provider is None or not provider.is_enabled:
            return Finding(problem=Unauthorized(f"The provider of “{model}” is disabled."))
        if provider.pk in request.tried_providers:
            return Finding(problem=Unreachable(f"The provider “{provider}” was tried."))
        usable, problem = self._usable(provider, request)
        if not usable:
            return Finding(problem=problem)
        if (until := provider.cools_until(self.now)) and not request.tried_credentials:
            return Finding(
                cools_until=until,
                problem=Unreachable(f"The provider “{provider}” is left alone: {provider.reason}"),
            )
        warm = [seat for seat in usable if seat.credential.cools_until(self.now) is None]
        if not warm:
            untils = [seat.credential.cools_until(self.now) or self.now for seat in usable]
            why = RateLimited(
                f"All credentials of “{provider}” cool down: {usable[0].credential.reason}"
            )
            return Finding(cools_until=min(untils), problem=why)
        return self._seat_among(warm, model, request)

    def _seat_among(self, warm: list[Seat], model: LanguageModel, request: LeaseRequest) -> Finding:
        """A lease on one of these, or the line in front of them."""
        own = next((seat for seat in warm if seat.credential.pk == request.account), None)
        if own is not None and (own.has_room or request.waited < ACCOUNT_PATIENCE):
            free = [own] if own.has_room else []
        else:
            free = [seat for seat in warm if seat.has_room]
        for seat in sorted(free, key=lambda each: each.load):
            if target := self._open(seat):
                return Finding(answer=self._take(seat, model, target, request))
        provider = warm[0].credential.provider
        if free and len(free) == len(warm):
            unreadable = f"No key opens the secrets of “{provider}”. Paste them again."
            return Finding(problem=Unauthorized(unreadable))
        if request.waited >= provider.longest_wait_seconds:
            waited = f"Waited {request.waited:.0f} s: all {len(warm)} credentials of “{provider}” were busy."
            return Finding(problem=RateLimited(waited))
        return Finding(answer=Waiting(provider.pk))

    def _wait_or_refuse(self, request: LeaseRequest, findings: list[Finding]) -> Answer:
        """Wait for the first that cools down in time; else say why the model that was asked for cannot answer."""
        for model, finding in zip(request.models, findings, strict=True):
            if finding.cools_until is None:
                continue
            left = self.providers[model.provider_id].longest_wait_seconds - request.waited
            if (finding.cools_until - self.now).total_seconds() <= left:
                return Waiting(model.provider_id, finding.cools_until)
        return Refused(findings[0].problem or Unauthorized("No credential can be used."))

    def _usable(
        self, provider: Provider, request: LeaseRequest
    ) -> tuple[list[Seat], UpstreamError]:
        seats = self.seats[provider.pk]
        usable = [
            seat
            for seat in seats
            if seat.credential.is_enabled
            and seat.credential.state == Credential.State.HEALTHY
            and not seat.credential.has_expired
            and seat.credential.pk not in request.tried_credentials
        ]
        what = "has no credential" if not seats else "has no credential that can be used"
        problem = Unauthorized(f"The provider “{provider}” {what}. Add one in the administration.")
        return usable, problem

    def _open(self, seat: Seat) -> Target | None:
        """The target of a credential, opened only now: decrypting all of a pool for each lease would cost too much."""
        credential = Credential.objects.select_related("provider").get(pk=seat.credential.pk)
        try:
            return target_of(credential, credential.reveal())
        except SecretUnreadable:
            return None

    def _take(
        self, seat: Seat, model: LanguageModel, target: Target, request: LeaseRequest
    ) -> Granted:
        credential = seat.credential
        seat.in_flight += 1
        seat.last_minute += 1
        seat.last_day += 1
        credential.last_leased_at = self.now
        self.taken.add(request.generation)
        self.leases.append(
            Lease(
                generation=request.generation,
                holder=self.holder,
                member_id=request.member_id,
                credential=credential,
                revision=credential.revision,
                language_model=model,
                leased_at=self.now,
                expires_at=self.now + timedelta(seconds=LEASE_SECONDS),
            )
        )
        return Granted(credential.pk, model, target, self.now)

    def _credentials(self) -> Iterable[Credential]:
        found = Credential.objects.filter(provider__in=self.provider_ids).defer("secret")
        if connection.vendor == "postgresql":
            found = found.select_for_update().order_by("pk")
        return found

    def _count_recent(self, seats: list[Seat]) -> None:
        """For those with a limit by minute or day: leases that run, and those that have ended within it."""
        limited = {
            seat.credential.pk: seat
            for seat in seats
            if seat.credential.most_a_minute is not None or seat.credential.most_a_day is not None
        }
        if not limited:
            return
        minute = Count("pk", filter=Q(started_at__gt=self.now - MINUTE))
        recent = UsageRecord.objects.filter(
            credential__in=limited, started_at__gt=self.now - DAY
        ).values_list("credential")
        for pk, in_day, in_minute in recent.annotate(day=Count("pk"), minute=minute):
            limited[pk].last_minute, limited[pk].last_day = in_minute, in_day
        for seat in limited.values():
            seat.last_minute += seat.in_flight
            seat.last_day += seat.in_flight
