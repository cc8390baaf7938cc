"""What a member is told of their limits, in their own time."""

from __future__ import annotations

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from upstream.quotas import Allowance, LimitReached


def refusal(reached: LimitReached) -> str:
    """Which limit it is, and when there is room again."""
    allowance = reached.allowance
    if reached.kind == "messages":
        most = allowance.limits.messages_an_hour or 0
        sentence = ngettext(
            "You may send %(most)s message an hour, and have. From %(time)s on there is room again.",
            "You may send %(most)s messages an hour, and have. From %(time)s on there is room again.",
            most,
        )
        return sentence % {"most": shown(most), "time": time_of(allowance)}
    if allowance.tokens_reserved:
        sentence = _(
            "Of your %(most)s tokens a month not enough is left, while answers are being written. Wait for these, or "
            "until %(day)s."
        )
    else:
        sentence = _(
            "Of your %(most)s tokens a month not enough is left. There is room again on %(day)s."
        )
    most_tokens = shown(allowance.limits.tokens_a_month or 0)
    return sentence % {"most": most_tokens, "day": day_of_reset(allowance)}


def what_is_short(allowance: Allowance) -> str:
    """What is said near the composer; empty where enough is left of everything, or nothing is limited."""
    said = []
    if allowance.messages_are_short:
        left = allowance.messages_left or 0
        sentence = ngettext(
            "%(left)s message left until %(time)s", "%(left)s messages left until %(time)s", left
        )
        said.append(sentence % {"left": shown(left), "time": time_of(allowance)})
    if allowance.tokens_are_short:
        left = allowance.tokens_left or 0
        sentence = ngettext(
            "%(left)s token left until %(day)s", "%(left)s tokens left until %(day)s", left
        )
        said.append(sentence % {"left": shown(left), "day": day_of_reset(allowance)})
    return " · ".join(said)


def shown(number: int) -> str:
    return str(number_format(number, force_grouping=True))


def time_of(allowance: Allowance) -> str:
    return date_format(timezone.localtime(allowance.messages_reset_at), "TIME_FORMAT")


def day_of_reset(allowance: Allowance) -> str:
    return date_format(timezone.localtime(allowance.tokens_reset_at), "DATE_FORMAT")
