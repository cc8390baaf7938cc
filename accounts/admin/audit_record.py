"""Who did what, to be read, searched and taken along. Nobody changes it here, not even a superuser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.audit import ACTIONS, record
from accounts.models import AuditRecord
from accounts.spreadsheet import Batch, csv_response

MOST_COUNTED = 10_000
BATCH = 2000
HEAD = ("at", "action", "who", "object_type", "object_id", "object", "detail", "address")


class BoundedPaginator(Paginator):
    """Counts no further than people turn pages: a filter tells more of what lies beyond, and costs less."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return len(rows.order_by().values("pk")[:MOST_COUNTED])


class ActionFilter(admin.SimpleListFilter):
    """By what is known to be written: to ask the table for it would read all of it."""

    title = _("what")
    parameter_name = "action"
    template = "admin/accounts/auditrecord/action_filter.html"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        skipped = {self.parameter_name, "p"}
        self.others = [pair for pair in request.GET.items() if pair[0] not in skipped]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(ACTIONS.items())

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin):
    change_list_template = "admin/accounts/auditrecord/change_list.html"
    list_display = ("at", "who", "what", "object", "detail", "address")
    list_display_links = ("at",)
    list_filter = (ActionFilter, "at")
    list_per_page = 100
    fields = (
        "at",
        "what",
        "actor",
        "actor_name",
        "object_type",
        "object_id",
        "object_name",
        "detail",
        "address",
    )
    search_fields = ("actor_name", "object_name", "detail", "address")
    search_help_text = _("Who, what it was done to, a detail or an address")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # would count all of it
    paginator = BoundedPaginator

    @admin.display(description=_("who"), ordering="actor_name")
    def who(self, row: AuditRecord) -> str:
        if row.actor_id is None:
            return row.actor_name or "–"
        page = reverse("admin:accounts_user_change", args=[row.actor_id])
        return format_html('<a href="{}">{}</a>', page, row.actor_name)

    @admin.display(description=_("what"), ordering="action")
    def what(self, row: AuditRecord) -> str:
        return str(ACTIONS.get(row.action, row.action))

    @admin.display(description=_("object"))
    def object(self, row: AuditRecord) -> str:
        if not row.object_type:
            return "–"
        return f"{row.object_name} ({row.object_type.rpartition('.')[2]} {row.object_id})"

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_GET(self.export))
        return [path("export/", view, name="accounts_auditrecord_export"), *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponse:
        """What the list shows for the same address, all of it, as it is read."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.get_changelist_instance(request).get_queryset(request)
        rows = found.order_by("-at", "-pk")
        record("audit_exported", actor=request.user, request=request)
        return csv_response(  # type: ignore[return-value]
            f"who-did-what-{timezone.localdate().isoformat()}.csv",
            HEAD,
            lambda mark: _read(rows, mark),
        )


def _read(rows: Any, mark: Any) -> Batch:
    """The rows after the one that `mark` names, by moment and id: what is written meanwhile moves no page."""
    if mark is not None:
        at, pk = mark
        rows = rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
    found = list(rows[:BATCH])
    lines: list[Sequence[Any]] = [
        (
            row.at.isoformat(),
            row.action,
            row.actor_name,
            row.object_type,
            row.object_id,
            row.object_name,
            row.detail,
            row.address,
        )
        for row in found
    ]
    return lines, (found[-1].at, found[-1].pk) if len(found) == BATCH else None
