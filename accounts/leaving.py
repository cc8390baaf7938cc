"""An account that ends: what goes with it, and what stays."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.utils import timezone

from accounts.audit import record
from accounts.membership import deactivate, is_last_superuser, log_out_everywhere
from accounts.models import SiteSettings, User

MOST = 20  # accounts at once
PATIENCE = timedelta(days=3)


class LastSuperuser(Exception):
    """Nobody could administer the portal without them."""


@dataclass(frozen=True, slots=True)
class Holding:
    """So many of something that people have, said as one says it: “12 conversations”."""

    words: str
    count: int


class Keeper(Protocol):
    """An app above that keeps things of people, and registers itself here: accounts does not know what it keeps."""

    def holdings_of(self, people: Collection[int]) -> list[Holding]: ...

    def erase(self, person: User) -> bool:
        """Erase what there is, by and by: one transaction for all of it would hold up everybody else. False while
        something is still to be deleted elsewhere, for which a trace has to stay here.
        """


keepers: list[Keeper] = []


def what_goes(people: Collection[int]) -> list[Holding]:
    """What is deleted with these accounts; nothing that they have none of."""
    found = [holding for keeper in keepers for holding in keeper.holdings_of(people)]
    return [holding for holding in found if holding.count]


def ask_to_leave(person: User) -> datetime:
    """Have the account deleted when the portal's waiting time is over, and log it out everywhere; returns when that is.
    Raises LastSuperuser.
    """
    if is_last_superuser(person):
        raise LastSuperuser
    due = timezone.now() + timedelta(days=SiteSettings.current().deletion_days)
    User.objects.filter(pk=person.pk).update(deletion_due_at=due)
    log_out_everywhere(User.objects.filter(pk=person.pk))
    return due


def stay(person: User) -> bool:
    """Keep the account after all; False where it was too late, or never meant to go."""
    leaving = User.objects.filter(pk=person.pk, deletion_due_at__isnull=False, is_active=True)
    return bool(leaving.update(deletion_due_at=None))


def delete_due_accounts(now: datetime) -> None:
    """Those whose waiting time is over. Nobody can log in any more from here on; the rows follow when nothing is left
    to be deleted elsewhere, or PATIENCE is over.
    """
    for person in User.objects.filter(deletion_due_at__lte=now).order_by("deletion_due_at")[:MOST]:
        if is_last_superuser(person):
            continue  # who administered beside them has left since: the front page tells of it
        assert person.deletion_due_at is not None
        deactivate(User.objects.filter(pk=person.pk))
        erased = [keeper.erase(person) for keeper in keepers]  # each, whatever the others say
        is_time = all(erased) or now - person.deletion_due_at > PATIENCE
        if is_time and _delete(person):  # of several processes one
            record("account_deleted", actor_name=person.get_username(), target=person)


def delete_account(person: User) -> None:
    """The person and everything of theirs, now. What was written down of who did what stays, under their name."""
    deactivate(User.objects.filter(pk=person.pk))  # what runs for them ends, nothing new begins
    for keeper in keepers:
        keeper.erase(person)
    _delete(person)


def _delete(person: User) -> bool:
    rows: Any = User.objects.filter(pk=person.pk)
    _all, deleted = rows.delete()
    return bool(deleted.get(User._meta.label))
