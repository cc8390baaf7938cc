"""Limits: what a member may still ask for. Reserved with the turn, settled when its generation has ended.

The most specific limit counts, each number by itself: the member's own, else the most generous of their groups', else
that for everybody. Messages are counted by the whole hour (UTC), tokens by the calendar month in the portal's time
zone. A reservation keeps free the estimated prompt and the longest answer; what an answer really took stands in the
usage by day (pool/releasing.py writes it in the transaction that takes the reservation back).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal

from django.db import connection, models
from django.utils import timezone

from accounts.models import User
from upstream.models import MessageCount, Quota, Reservation, UsageDay
from upstream.models.quota import MOST_MESSAGES
from upstream.models.usage_day import day_of
from upstream.statements import insert, take

HOUR = timedelta(hours=1)
USUAL_ANSWER = 4096  # tokens kept free for an answer whose longest length is not set
SHORTEST_ANSWER = 16  # with less left it is not asked for

Kind = Literal["messages", "tokens"]


@dataclass(frozen=True, slots=True)
class Limits:
    """None: there is no limit. `of_messages` and `of_tokens` are the rows that say so, None where none does."""

    messages_an_hour: int | None = None
    tokens_a_month: int | None = None
    of_messages: Quota | None = None
    of_tokens: Quota | None = None

    @property
    def are_set(self) -> bool:
        return self.messages_an_hour is not None or self.tokens_a_month is not None


@dataclass(frozen=True, slots=True)
class Allowance:
    """A member's limits, what is taken of them, and when they begin anew."""

    limits: Limits
    messages: int
    messages_reset_at: datetime
    tokens_used: int
    tokens_reserved: int
    tokens_reset_at: datetime

    @property
    def messages_left(self) -> int | None:
        most = self.limits.messages_an_hour
        return None if most is None else max(0, most - self.messages)

    @property
    def tokens_left(self) -> int | None:
        most = self.limits.tokens_a_month
        return None if most is None else max(0, most - self.tokens_used - self.tokens_reserved)

    @property
    def messages_are_short(self) -> bool:
        """Whether so little is left that the member should see it before sending."""
        most, left = self.limits.messages_an_hour, self.messages_left
        return most is not None and left is not None and left <= max(3, most // 5)

    @property
    def tokens_are_short(self) -> bool:
        most, left = self.limits.tokens_a_month, self.tokens_left
        return most is not None and left is not None and left <= max(USUAL_ANSWER, most // 5)


class LimitReached(Exception):
    """Nothing was reserved. `allowance` says what the limit is, and when there is room again."""

    def __init__(self, kind: Kind, allowance: Allowance) -> None:
        super().__init__(kind)
        self.kind, self.allowance = kind, allowance


def limits_of(member_id: int) -> Limits:
    """One query. 0 in a row means no limit, and so does no row at all."""
    with connection.cursor() as cursor:
        cursor.execute(_quotas_of_a_member(), [member_id, member_id])
        rows = [Quota(*row) for row in cursor.fetchall()]
    messages = _most_specific(rows, "messages_an_hour")
    tokens = _most_specific(rows, "tokens_a_month")
    return Limits(
        (messages.messages_an_hour or None) if messages else None,
        (tokens.tokens_a_month or None) if tokens else None,
        messages,
        tokens,
    )


@cache
def _quotas_of_a_member() -> str:
    """Written out, for every message asks it, and the ORM's building of it costs ten times the statement."""
    names = [field.attname for field in Quota._meta.fields]
    columns = ", ".join(map(connection.ops.quote_name, names))
    own_groups = f"SELECT group_id FROM {_table(User.groups.through)} WHERE user_id = %s"
    return (
        f"SELECT {columns} FROM {_table(Quota)} WHERE member_id = %s"
        f" OR group_id IN ({own_groups}) OR (member_id IS NULL AND group_id IS NULL)"
    )


def allowance_of(member_id: int) -> Allowance:
    limits, now = limits_of(member_id), timezone.now()
    hour = hour_of(now)
    counted = MessageCount.objects.filter(member=member_id, hour=hour).first()
    used, reserved = _tokens(member_id, now)
    return Allowance(
        limits, counted.messages if counted else 0, hour + HOUR, used, reserved, next_month(now)
    )


def reserve(
    generation_id: uuid.UUID, member_id: int, *, wanted: Callable[[], tuple[int, int]]
) -> None:
    """Count a message and keep free what its answer may need, in the transaction that saves the turn.

    `wanted` gives the tokens of the prompt and of the longest answer; it is asked only where tokens are limited. Raises
    LimitReached, after which the transaction has to be rolled back.
    """
    limits, now = limits_of(member_id), timezone.now()
    hour = hour_of(now)
    # First, for it holds the member's row: what follows is true until the turn is saved.
    if not _count_message(member_id, hour, limits.messages_an_hour):
        raise LimitReached("messages", allowance_of(member_id))
    tokens, cap = 0, None
    if limits.tokens_a_month is not None:
        left = limits.tokens_a_month - sum(_tokens(member_id, now))
        prompt, answer = wanted()
        if prompt + min(answer, SHORTEST_ANSWER) > left:
            raise LimitReached("tokens", allowance_of(member_id))
        tokens = min(prompt + answer, left)
        cap = tokens - prompt if prompt + answer > left else None
    insert(
        Reservation,
        generation=generation_id,
        member_id=member_id,
        hour=hour,
        tokens=tokens,
        answer_cap=cap,
        made_at=now,
    )


def settle(generation_id: uuid.UUID, *, counts: bool) -> bool:
    """Take the reservation of an ended generation back; False where that was done before. The message `counts`, unless
    its answer failed before any text.
    """
    taken = take(Reservation, "member_id", "hour", generation=generation_id)
    if taken is None:
        return False
    if not counts:
        table = _table(MessageCount)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET messages = messages - 1"
                " WHERE member_id = %s AND hour = %s AND messages > 0",
                taken,
            )
    return True


def answer_cap(generation_id: uuid.UUID) -> int | None:
    """How many tokens its answer may have at the most, where less was left than one may need."""
    found = Reservation.objects.filter(generation=generation_id)
    return found.values_list("answer_cap", flat=True).first()


def hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def next_month(moment: datetime) -> datetime:
    """Midnight at the portal, on the first day of the month after `moment`."""
    first = day_of(moment).replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    zone = timezone.get_default_timezone()
    return datetime(following.year, following.month, following.day, tzinfo=zone)


def _most_specific(rows: list[Quota], name: str) -> Quota | None:
    """The row whose number counts."""
    saying = [row for row in rows if getattr(row, name) is not None]
    own = [row for row in saying if row.member_id is not None]
    of_groups = [row for row in saying if row.group_id is not None]
    for found in (own, of_groups, saying):
        if found:
            return max(found, key=lambda row: getattr(row, name) or float("inf"))
    return None


def _count_message(member_id: int, hour: datetime, most: int | None) -> bool:
    """Count one more, if there is room. A clock that is a little behind another process's counts into its hour."""
    table = _table(MessageCount)
    runs_still = f"{table}.hour BETWEEN excluded.hour AND %s"
    prepared = MessageCount._meta.get_field("hour").get_db_prep_save
    hours = [prepared(each, connection) for each in (hour, hour + HOUR)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (member_id, hour, messages) VALUES (%s, %s, 1)"
            " ON CONFLICT (member_id) DO UPDATE SET"
            f" messages = CASE WHEN {runs_still} THEN {table}.messages + 1 ELSE 1 END,"
            f" hour = CASE WHEN {runs_still} THEN {table}.hour ELSE excluded.hour END"
            f" WHERE NOT ({runs_still}) OR {table}.messages < %s",
            [member_id, hours[0], hours[1], hours[1], hours[1], most or MOST_MESSAGES],
        )
        return bool(cursor.rowcount)


def _tokens(member_id: int, now: datetime) -> tuple[int, int]:
    """Used in this month, and reserved. One statement: between two, a reservation could become usage unseen."""
    first: Any = day_of(now).replace(day=1)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT (SELECT COALESCE(SUM(prompt_tokens + completion_tokens), 0)"
            f" FROM {_table(UsageDay)} WHERE member_id = %s AND day >= %s),"
            f" (SELECT COALESCE(SUM(tokens), 0) FROM {_table(Reservation)} WHERE member_id = %s)",
            [member_id, first if connection.vendor == "postgresql" else str(first), member_id],
        )
        used, reserved = cursor.fetchone()
    return int(used), int(reserved)


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
