"""Who comes next, among those who wait. Pure.

The member who was served longest ago comes first, so that who queues twenty does not keep out who queues one. Of the
same member's the oldest comes first. One that was sent back, because a credential failed under it, has had its turn
already and goes before all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

NEVER = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Waiter:
    """One that waits; `key` is whatever the caller knows it by."""

    key: Any
    member: Hashable
    queued_at: datetime
    sent_back: bool = False


def fair_order(waiting: Iterable[Waiter], last_served: Mapping[Any, datetime]) -> list[Waiter]:
    """`waiting`, in the order in which they are served: members in turn, each with one at a time."""
    queues: dict[Hashable, list[Waiter]] = defaultdict(list)
    for waiter in sorted(waiting, key=lambda each: (not each.sent_back, each.queued_at)):
        queues[waiter.member].append(waiter)
    back = [each for queue in queues.values() for each in queue if each.sent_back]
    rounds = [
        (number, last_served.get(member, NEVER), waiter.queued_at, waiter)
        for member, queue in queues.items()
        for number, waiter in enumerate(each for each in queue if not each.sent_back)
    ]
    rounds.sort(key=lambda entry: entry[:3])
    back.sort(key=lambda each: each.queued_at)
    return [*back, *(waiter for *_order, waiter in rounds)]
