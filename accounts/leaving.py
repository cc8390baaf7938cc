"""An account that ends: what goes with it, and what stays."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import transaction

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Holding:
    """So many of something that people have, said as one says it: “12 conversations”."""

    words: str
    count: int


class Keeper(Protocol):
    """An app above that keeps things of people, and registers itself here: accounts does not know what it keeps."""

    def holdings_of(self, people: Collection[int]) -> list[Holding]: ...

    def erase(self, person: User) -> None:
        """Erase what there is, by and by: one transaction for all of it would hold up everybody else."""


keepers: list[Keeper] = []


def what_goes(people: Collection[int]) -> list[Holding]:
    """What is deleted with these accounts; nothing that they have none of."""
    found = [holding for keeper in keepers for holding in keeper.holdings_of(people)]
    return [holding for holding in found if holding.count]


def delete_account(person: User) -> None:
    """The person and everything of theirs. What was written down of who did what stays, under their name."""
    User.objects.filter(pk=person.pk).update(
        is_active=False
    )  # what runs for them ends, nothing new begins
    for keeper in keepers:
        keeper.erase(person)
    with transaction.atomic():
        rows: Any = User.objects.filter(pk=person.pk)
        rows.delete()
