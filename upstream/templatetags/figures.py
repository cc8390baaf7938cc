"""Numbers as people read them: `{{ 12345|count }}`, `{{ usage|cost }}`, `{{ part|percent_of:whole }}`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from upstream.usage import Usage

register = template.Library()
CENT = Decimal("0.01")


@register.filter
def count(number: int) -> str:
    """With the language's separators."""
    return str(number_format(int(number), force_grouping=True))


@register.filter
def cost(usage: Usage) -> str:
    """In money, currency by currency; a dash where nothing had a price, and `+` where some had none."""
    if not usage.money:
        return "–" if usage.is_unpriced or not usage.tokens else amount(Decimal(0))
    sums = [f"{amount(each)} {currency}" for currency, each in sorted(usage.money.items())]
    said = " + ".join(sums)
    return _("more than %s") % said if usage.is_unpriced else said


def amount(money: Decimal) -> str:
    """Two decimals, or as many as show that it is not nothing."""
    places = 2 if not money or money >= CENT else 6
    return str(number_format(round(money, places), decimal_pos=places, force_grouping=True))


@register.filter
def percent_of(part: int, whole: Any) -> str:
    """As a number in an SVG, never above 100."""
    return f"{min(100.0, 100 * int(part) / whole) if whole else 0:.2f}"
