"""Who used which credential, when, and what came of it: a row for each attempt. It belongs to who did what."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.audit_record import BoundedPaginator
from accounts.admin.read_only import ReadOnlyAdmin
from upstream.models import UsageRecord


@admin.register(UsageRecord)
class UsageRecordAdmin(ReadOnlyAdmin):
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
