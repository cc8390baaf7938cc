"""A member's own usage, and what is left of their limits."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from upstream.models import LanguageModel, UsageDay
from upstream.periods import NAMES, period_asked_for
from upstream.quota_sentences import what_is_short
from upstream.quotas import allowance_of
from upstream.usage import PriceList, by_month, summed, total, within
from upstream.usage_chart import chart_of, label_of


@require_GET
@never_cache
def usage(request: HttpRequest) -> HttpResponse:
    period = period_asked_for(request.GET)
    rows, prices = within(period, UsageDay.objects.visible_to(request.user)), PriceList()
    days = summed(rows, period, prices, by="day")
    shown = by_month(days) if period.is_long else days
    whole = total(days)
    context: dict[str, Any] = {
        "period": period,
        "ranges": NAMES.items(),
        "total": whole,
        "chart": chart_of(days, period),
        "days": [(label_of(each.key, period), each) for each in reversed(shown)],
        "models": _with_titles(request, summed(rows, period, prices, by="language_model")),
        "has_money": bool(whole.money),
        "allowance": allowance_of(_id(request)),
    }
    return render(request, "upstream/usage.html", context)


@require_GET
@never_cache
def usage_left(request: HttpRequest) -> HttpResponse:
    """What a page says near its composer, as text."""
    return JsonResponse({"text": what_is_short(allowance_of(_id(request)))})


def _with_titles(request: HttpRequest, usages: list[Any]) -> list[tuple[str, Any]]:
    """Of models that the member may not use (any more) no title is told: they come together, without one."""
    usable = LanguageModel.objects.usable_by(request.user)
    titles = {model.pk: str(model) for model in usable}
    named = [(titles[each.key], each) for each in usages if each.key in titles]
    others = [each for each in usages if each.key not in titles]
    return [*named, ("", total(others))] if others else named


def _id(request: HttpRequest) -> int:
    pk: int = request.user.pk  # type: ignore[assignment]
    return pk
