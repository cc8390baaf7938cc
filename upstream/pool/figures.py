"""How each credential is doing, for the administrators' page: its state, what it does now, and what it did today."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from upstream.models import Credential, Lease, Provider, UsageRecord

SAMPLE = 500  # first-text times, of the last day

# How many wait for each provider is known to the apps above, which register themselves here.
waiting_counters: list[Callable[[], dict[int, int]]] = []


@dataclass(slots=True)
class CredentialFigures:
    """One row of the page. Times are in seconds."""

    credential: Credential
    state: str
    state_label: str
    until: datetime | None = None
    reason: str = ""
    in_flight: int = 0
    median: float | None = None
    p95: float | None = None
    answers: int = 0
    tokens: int = 0
    some_estimated: bool = False

    @property
    def can_resume(self) -> bool:
        return self.state != "healthy"


@dataclass(slots=True)
class ProviderFigures:
    provider: Provider
    waiting: int = 0
    cools_until: datetime | None = None
    rows: list[CredentialFigures] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PoolInShort:
    """Credentials by how they are; and how many answers run on them."""

    healthy: int
    cooling: int
    out: int
    in_flight: int


def pool_in_short() -> PoolInShort:
    """For the front page: two queries, whatever was done today."""
    now = timezone.now()
    used = Credential.objects.filter(is_enabled=True, provider__is_enabled=True)
    rows = used.select_related("provider").defer("secret", "provider__proxy_url")
    states = [_row(credential, now).state for credential in rows]
    healthy, cooling = states.count("healthy"), states.count("cooling")
    return PoolInShort(
        healthy, cooling, len(states) - healthy - cooling, Lease.objects.running(now).count()
    )


def pool_figures() -> list[ProviderFigures]:
    """All providers with their credentials, in a number of queries that does not grow with them."""
    now = timezone.now()
    waiting: dict[int, int] = defaultdict(int)
    for count in waiting_counters:
        for provider_id, number in count().items():
            waiting[provider_id] += number
    found = {
        provider.pk: ProviderFigures(provider, waiting[provider.pk], provider.cools_until(now))
        for provider in Provider.objects.order_by("title")
    }
    in_flight = dict(Lease.objects.running(now).values_list("credential").annotate(Count("pk")))
    today = _today()
    times = _first_texts(now)
    for credential in Credential.objects.select_related("provider").order_by("title", "pk"):
        row = _row(credential, now)
        row.in_flight = in_flight.get(credential.pk, 0)
        row.answers, row.tokens, row.some_estimated = today.get(credential.pk, (0, 0, False))
        row.median, row.p95 = times.get(credential.pk, (None, None))
        found[credential.provider_id].rows.append(row)
    return list(found.values())


def _row(credential: Credential, now: datetime) -> CredentialFigures:
    if not credential.is_enabled:
        return CredentialFigures(credential, "disabled", _("paused"))
    if credential.state != Credential.State.HEALTHY:
        label = credential.get_state_display()
        return CredentialFigures(credential, credential.state, label, reason=credential.reason)
    if credential.has_expired:
        return CredentialFigures(credential, "expired", _("expired or refused"))
    if until := credential.cools_until(now):
        return CredentialFigures(
            credential, "cooling", _("cooling"), until=until, reason=credential.reason
        )
    return CredentialFigures(credential, "healthy", _("healthy"))


def _today() -> dict[int, tuple[int, int, bool]]:
    """Answers and tokens since midnight, and whether some of these were estimated."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    rows = UsageRecord.objects.filter(started_at__gte=midnight).values("credential")
    rows = rows.annotate(
        answers=Count("pk", filter=_with_text()),
        tokens=Coalesce(Sum("prompt_tokens"), 0) + Coalesce(Sum("completion_tokens"), 0),
        estimated=Count("pk", filter=_with_text(is_estimated=True)),
    )
    return {
        row["credential"]: (row["answers"], row["tokens"], row["estimated"] > 0)
        for row in rows
        if row["credential"] is not None
    }


def _with_text(**more: Any) -> Q:
    return Q(first_text_ms__isnull=False, **more)


def _first_texts(now: datetime) -> dict[int, tuple[float, float]]:
    """Median and 95th percentile of the time to the first text, of the last day."""
    times: dict[int, list[int]] = defaultdict(list)
    recent = UsageRecord.objects.filter(
        started_at__gt=now - timedelta(days=1),
        first_text_ms__isnull=False,
        credential__isnull=False,
    )
    columns = recent.order_by("-started_at").values_list("credential", "first_text_ms")
    for credential_id, milliseconds in columns[: SAMPLE * 20]:
        if milliseconds is not None and len(times[credential_id]) < SAMPLE:
            times[credential_id].append(milliseconds)
    return {pk: (_quantile(found, 50), _quantile(found, 95)) for pk, found in times.items()}


def _quantile(milliseconds: list[int], percent: int) -> float:
    if len(milliseconds) < 2:
        return milliseconds[0] / 1000
    return statistics.quantiles(milliseconds, n=100, method="inclusive")[percent - 1] / 1000
