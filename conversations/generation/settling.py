"""Reservations that nobody has taken back: of generations that have ended or are gone, and hold no lease any more.

Each is settled with its generation's end. This is for the rest: a database that was away at that moment, a conversation
that was erased.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from conversations.models import Generation
from upstream.models import Lease, Reservation
from upstream.quotas import settle

OLD = timedelta(seconds=60)
AT_ONCE = 200


def settle_left_over() -> int:
    """Returns how many there were."""
    old = Reservation.objects.filter(made_at__lt=timezone.now() - OLD)
    left = old.exclude(generation__in=Generation.objects.active().values("pk"))
    left = left.exclude(generation__in=Lease.objects.values("generation"))
    ids = list(left.values_list("generation", flat=True)[:AT_ONCE])
    wrote = set(Generation.objects.filter(pk__in=ids, sequence__gt=0).values_list("pk", flat=True))
    return sum(settle(pk, counts=pk in wrote) for pk in ids)
