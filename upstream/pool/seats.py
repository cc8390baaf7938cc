"""The credentials of some providers as they stand within one transaction, read in two statements."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Count, Q, TextField
from django.db.models.functions import Cast

from upstream.models import Credential, Lease, Provider, UsageRecord
from upstream.models.cooling import cools_until
from upstream.models.credential import cap_of
from upstream.pool.targets import OF_TARGET

ABOUT_TO_CLAIM = timedelta(seconds=3)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
OF_CREDENTIAL = (
    "pk",
    "provider_id",
    "revision",
    "is_enabled",
    "state",
    "expires_at",
    "cooling_from",
    "cooling_until",
    "cooling_count",
    "reason",
    "weight",
    "most_at_once",
    "most_a_minute",
    "most_a_day",
    "last_leased_at",
)
OF_PROVIDER = (
    "title",
    "kind",
    "is_enabled",
    "cooling_from",
    "cooling_until",
    "cooling_count",
    "reason",
    "longest_wait_seconds",
    *OF_TARGET,
)
COLUMNS = (*OF_CREDENTIAL, *(f"provider__{name}" for name in OF_PROVIDER), "sealed", "sealed_proxy")


@dataclass(slots=True)
class Line:
    """A provider, and the credentials in front of which its line stands."""

    title: str = ""
    longest_wait: float = 0.0
    is_enabled: bool = False
    cools_until: datetime | None = None
    cooling_count: int = 0
    reason: str = ""
    of_target: tuple[
        Any, ...
    ] = ()  # columns of the provider that make a target, its proxy as it is stored
    seats: list[Seat] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """Whether its credentials are fit, and each of them as busy as it may be."""
        if not self.is_enabled or self.cools_until is not None:
            return False
        fit = [
            seat
            for seat in self.seats
            if seat.is_usable and seat.cools_until is None and not seat.is_spent
        ]
        return bool(fit) and not any(seat.has_room for seat in fit)


@dataclass(slots=True)
class Seat:
    """A credential, and how busy it is."""

    credential_id: int
    revision: int
    sealed: str = field(repr=False)
    is_usable: bool
    cools_until: datetime | None
    cooling_count: int
    reason: str
    weight: int
    cap: int
    most_a_minute: int | None
    most_a_day: int | None
    last_leased_at: datetime | None
    in_flight: int = 0
    last_minute: int = 0
    last_day: int = 0

    @property
    def load(self) -> tuple[float, float, int]:
        since = self.last_leased_at.timestamp() if self.last_leased_at else 0.0
        return self.in_flight / self.weight, since, self.credential_id

    @property
    def has_room(self) -> bool:
        within_minute = self.most_a_minute is None or self.last_minute < self.most_a_minute
        return self.in_flight < self.cap and within_minute and not self.is_spent

    @property
    def is_spent(self) -> bool:
        """Whether it has given its answers of a day: nobody waits so long."""
        return self.most_a_day is not None and self.last_day >= self.most_a_day

    def take(self, now: datetime) -> None:
        self.in_flight += 1
        self.last_minute += 1
        self.last_day += 1
        self.last_leased_at = now


@dataclass(slots=True)
class Seating:
    """Lines by provider; and the generations that somebody is about to claim, or has failed to."""

    lines: dict[int, Line]
    about_to_be_claimed: set[uuid.UUID]
    left_over: set[uuid.UUID]


def read_seating(provider_ids: Iterable[int], now: datetime) -> Seating:
    """How the pool stands. On PostgreSQL the credentials' rows stay locked until the transaction ends."""
    ids = list(provider_ids)
    lines: dict[int, Line] = {pk: Line() for pk in ids}
    seats: dict[tuple[int, int], Seat] = {}
    for row in _rows(ids):
        seat = _seat(row, now)
        seats[seat.credential_id, seat.revision] = seat
        line = lines[row[1]]
        if not line.seats:
            lines[row[1]] = line = _line(row, now)
        line.seats.append(seat)
    _name_the_empty(lines)
    seating = Seating(lines, set(), set())
    for generation, pk, revision, leased_at in _all_leases().filter(expires_at__gt=now):
        claimed = leased_at > now - ABOUT_TO_CLAIM
        (seating.about_to_be_claimed if claimed else seating.left_over).add(generation)
        if found := seats.get((pk, revision)):  # one of a replaced secret is not counted
            found.in_flight += 1
            found.last_leased_at = max(leased_at, found.last_leased_at or leased_at)
    _count_recent(seats.values(), now)
    return seating


def _rows(provider_ids: list[int]) -> Iterable[tuple[Any, ...]]:
    found: Any = _all_rows().filter(provider__in=provider_ids)
    if connection.vendor == "postgresql":
        found = found.select_for_update(of=("self",))
    rows: list[tuple[Any, ...]] = list(found)
    return rows


@cache
def _all_rows() -> Any:
    """Built once, for that costs more than to run it. Secrets come as they are stored: only those leased are opened."""
    sealed = Cast("secret", TextField())
    sealed_proxy = Cast("provider__proxy_url", TextField())
    rows = Credential.objects.annotate(sealed=sealed, sealed_proxy=sealed_proxy)
    return rows.order_by("pk").values_list(*COLUMNS)


@cache
def _all_leases() -> Any:
    return Lease.objects.values_list("generation", "credential_id", "revision", "leased_at")


def _seat(row: tuple[Any, ...], now: datetime) -> Seat:
    credential = dict(zip(OF_CREDENTIAL, row, strict=False))
    usable = credential["is_enabled"] and credential["state"] == Credential.State.HEALTHY
    expires_at = credential["expires_at"]
    return Seat(
        credential["pk"],
        credential["revision"],
        row[-2],
        is_usable=usable and (expires_at is None or expires_at > now),
        cools_until=cools_until(credential["cooling_from"], credential["cooling_until"], now),
        cooling_count=credential["cooling_count"],
        reason=credential["reason"],
        weight=credential["weight"],
        cap=cap_of(credential["most_at_once"], row[len(OF_CREDENTIAL) + 1]),
        most_a_minute=credential["most_a_minute"],
        most_a_day=credential["most_a_day"],
        last_leased_at=credential["last_leased_at"],
    )


def _line(row: tuple[Any, ...], now: datetime) -> Line:
    title, _kind, is_enabled, cools_from, cools_to, count, reason, longest_wait, *of_target = row[
        len(OF_CREDENTIAL) : -2
    ]
    of_target.append(row[-1])
    until = cools_until(cools_from, cools_to, now)
    return Line(title, longest_wait, is_enabled, until, count, reason, tuple(of_target))


def _name_the_empty(lines: dict[int, Line]) -> None:
    """Providers without a credential did not come with one."""
    empty = [pk for pk, line in lines.items() if not line.seats]
    if empty:
        columns = ("pk", "title", "is_enabled", "longest_wait_seconds")
        for pk, title, is_enabled, wait in Provider.objects.filter(pk__in=empty).values_list(
            *columns
        ):
            lines[pk] = Line(title, wait, is_enabled)


def _count_recent(seats: Iterable[Seat], now: datetime) -> None:
    """For those with a limit by minute or day: what runs, and what has ended within it."""
    limited = {
        seat.credential_id: seat
        for seat in seats
        if seat.most_a_minute is not None or seat.most_a_day is not None
    }
    if not limited:
        return
    minute = Count("pk", filter=Q(started_at__gt=now - MINUTE))
    recent = UsageRecord.objects.filter(credential__in=limited, started_at__gt=now - DAY)
    counted = recent.values_list("credential").annotate(day=Count("pk"), minute=minute)
    for pk, in_day, in_minute in counted:
        limited[pk].last_minute, limited[pk].last_day = in_minute, in_day
    for seat in limited.values():
        seat.last_minute += seat.in_flight
        seat.last_day += seat.in_flight
