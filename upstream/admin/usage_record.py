"""Who used which credential, when, and what came of it: a row for each attempt. It belongs to who did what."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.audit_record import BoundedPaginator
from upstream.models import UsageRecord


@admin.register(UsageRecord)
class UsageRecordAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Written by the pool alone, changed by nobody. There may be millions: what is searched for is found by index."""

    list_display = ("started_at", "member", "credential", "language_model", "outcome", "tokens")
    list_display_links = ("started_at",)
    list_select_related = ("member", "credential__provider", "language_model")
    list_filter = ("credential", "language_model")
    search_fields = ("=member__username",)
    search_help_text = _("A username, in full")
    ordering = ("-pk",)
    list_per_page = 100
    show_full_result_count = False
    paginator = BoundedPaginator

    @admin.display(description=_("tokens in and out"))
    def tokens(self, row: UsageRecord) -> str:
        estimated = "~" if row.is_estimated else ""
        return f"{estimated}{row.prompt_tokens} / {estimated}{row.completion_tokens}"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
