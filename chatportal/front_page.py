"""What the administration's front page says: who is here, what is being written, how the pool is, what was asked."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count
from django.utils import timezone

from accounts.models import User
from accounts.presence import online
from conversations.models import Generation, Message
from upstream.pool.figures import PoolInShort, pool_in_short

NAMED = 8  # people who are online


@dataclass(frozen=True, slots=True)
class FrontPage:
    """`people` are some of those online, seen last first; `members` may log in; `asked` since midnight."""

    online: int
    people: list[User]
    members: int
    writing: int
    waiting: int
    pool: PoolInShort
    asked: int


def front_page() -> FrontPage:
    """Seven queries, each answered from an index, however much the portal holds."""
    statuses = Generation.objects.active().values_list("status").annotate(count=Count("pk"))
    active = dict(statuses)
    waiting = active.pop(Generation.Status.PENDING, 0)
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    here = online()
    return FrontPage(
        online=here.count(),
        people=list(here[:NAMED]),
        members=User.objects.filter(is_active=True).count(),
        writing=sum(active.values()),
        waiting=waiting,
        pool=pool_in_short(),
        asked=Message.objects.asked_since(midnight).count(),
    )
