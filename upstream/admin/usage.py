"""Usage in the admin: by member, model, credential or day, as a chart, a table and CSV. Numbers alone, no texts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.audit import record
from accounts.models import User
from upstream.models import Credential, LanguageModel, UsageDay
from upstream.periods import NAMES, Period, period_asked_for
from upstream.usage import DIMENSIONS, PriceList, Usage, by_month, summed, total, within
from upstream.usage_chart import chart_of, label_of
from upstream.usage_export import usage_csv

SHOWN = 200  # rows of the table; the CSV has all
TITLES = {
    "member": gettext_lazy("Member"),
    "language_model": gettext_lazy("Model"),
    "credential": gettext_lazy("Credential"),
    "day": gettext_lazy("Day"),
}
KINDS: dict[str, Any] = {
    "member": User,
    "language_model": LanguageModel,
    "credential": Credential,
}


@admin.register(UsageDay)
class UsageAdmin(ReadOnlyAdmin):
    """The list of rows is a page of sums; there is nothing to add, change or delete."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="upstream_usageday_changelist"),
            path("export/", view(self.export), name="upstream_usageday_export"),
        ]

    @method_decorator(never_cache)
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        self._check(request)
        period, chosen = period_asked_for(request.GET), _chosen(request)
        rows, prices = _rows(period, chosen), PriceList()
        by = request.GET.get("by", "")
        by = by if by in DIMENSIONS else "member"
        days = summed(rows, period, prices, by="day")
        shown = days if by == "day" else summed(rows, period, prices, by=by)
        whole = total(days)
        kept = {"by": by, **{name: str(each.pk) for name, each in chosen.items()}}
        context: dict[str, Any] = {
            **admin.site.each_context(request),
            "title": _("Usage"),
            "period": period,
            "ranges": NAMES.items(),
            "kept": kept.items(),
            "kept_query": f"&{urlencode(kept)}",
            "ways": _ways(period, kept),
            "filters": _filters(period, kept, chosen),
            "heading": TITLES[by],
            "total": whole,
            "has_money": bool(whole.money),
            "chart": chart_of(days, period),
            "rows": _table(shown, by, period, kept),
            "not_shown": max(0, len(shown) - SHOWN) if by != "day" else 0,
            "export_url": f"{reverse('admin:upstream_usageday_export')}?{period.query}&{urlencode(kept)}",
        }
        return render(request, "admin/upstream/usage.html", context)

    def export(self, request: HttpRequest) -> HttpResponseBase:
        self._check(request)
        period, chosen = period_asked_for(request.GET), _chosen(request)
        of = "".join(f", {name}={each.pk}" for name, each in chosen.items())
        detail = f"{period.first} to {period.last}{of}"
        record("usage_exported", actor=request.user, detail=detail, request=request)
        return usage_csv(f"usage-{period.first}-{period.last}.csv", _rows(period, chosen))

    def _check(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


def _chosen(request: HttpRequest) -> dict[str, Any]:
    """Whose usage alone is asked for, by the name of the column; what is not there is not asked for."""
    chosen: dict[str, Any] = {}
    for name, kind in KINDS.items():
        said = request.GET.get(name, "")
        if said.isascii() and said.isdigit() and len(said) <= 18:
            found = kind.objects.filter(pk=said).first()
            chosen |= {name: found} if found else {}
    return chosen


def _rows(period: Period, chosen: dict[str, Any]) -> Any:
    return within(period).filter(**{name: each.pk for name, each in chosen.items()})


def _ways(period: Period, kept: dict[str, str]) -> list[tuple[Any, str, bool]]:
    """The tables that there are: title, address, whether it is shown."""
    return [
        (title, f"?{period.query}&{urlencode({**kept, 'by': by})}", kept["by"] == by)
        for by, title in TITLES.items()
    ]


def _filters(
    period: Period, kept: dict[str, str], chosen: dict[str, Any]
) -> list[tuple[Any, Any, str]]:
    """What is chosen, and the address without it."""
    return [
        (
            TITLES[name],
            each,
            f"?{period.query}&{urlencode({key: value for key, value in kept.items() if key != name})}",
        )
        for name, each in chosen.items()
    ]


def _table(
    usages: list[Usage], by: str, period: Period, kept: dict[str, str]
) -> list[tuple[Any, Usage, str]]:
    """Label, usage, and the address that shows this one alone."""
    if by == "day":
        shown = by_month(usages) if period.is_long else usages
        return [(label_of(each.key, period), each, "") for each in reversed(shown)]
    names = _names(by, [each.key for each in usages[:SHOWN]])
    next_by = "day" if by == "member" else "member"
    return [
        (
            names.get(each.key, _("deleted")),
            each,
            f"?{period.query}&{urlencode({**kept, by: each.key, 'by': next_by})}"
            if each.key in names
            else "",
        )
        for each in usages[:SHOWN]
    ]


def _names(by: str, ids: list[Any]) -> dict[Any, str]:
    if by == "credential":
        found = Credential.objects.select_related("provider").filter(pk__in=ids)
        return {each.pk: f"{each.provider}: {each}" for each in found}
    if by == "language_model":
        models = LanguageModel.objects.select_related("provider").filter(pk__in=ids)
        return {each.pk: f"{each} ({each.provider})" for each in models}
    people = User.objects.filter(pk__in=ids)
    return {each.pk: f"{each} ({each.username})" for each in people}
