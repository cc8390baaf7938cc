"""Limits in the admin: for everybody, for a group, for a member."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.table_pages import TablePages
from accounts.audit import record
from accounts.models import User
from upstream.limit_table import Limits
from upstream.models import Quota

tables = TablePages(
    Limits(),
    Quota,
    title=_("Limits"),
    permissions=("add_quota", "change_quota"),
    note=_("Neither a member nor a group: for everybody. An empty number: what is less specific."),
)


@admin.register(Quota)
class QuotaAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("whose", "messages", "tokens")
    list_select_related = ("member", "group")
    autocomplete_fields = ("member", "group")
    search_fields = ("member__username", "group__name")
    fieldsets = (
        (
            None,
            {
                "fields": ("member", "group", "messages_an_hour", "tokens_a_month"),
                "description": _(
                    "Neither a member nor a group: for everybody. The most specific number counts: a member's own, "
                    "else the most generous of their groups', else that for everybody. Messages are counted by the "
                    "whole hour (UTC), tokens by the calendar month. Administrators are members, too."
                ),
            },
        ),
    )

    @admin.display(description=_("for"))
    def whose(self, quota: Quota) -> str:
        if quota.group:
            return str(_("Group %s") % quota.group)
        return str(quota)

    @admin.display(description=_("messages an hour"), ordering="messages_an_hour")
    def messages(self, quota: Quota) -> str:
        return _shown(quota.messages_an_hour)

    @admin.display(description=_("tokens a month"), ordering="tokens_a_month")
    def tokens(self, quota: Quota) -> str:
        return _shown(quota.tokens_a_month)

    def get_urls(self) -> list[Any]:
        return [*tables.urls(self.admin_site.admin_view), *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Quota, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        said = f"messages_an_hour={obj.messages_an_hour} tokens_a_month={obj.tokens_a_month}"
        actor = User.objects.get(username=request.user.get_username())
        record("limit_changed", actor=actor, target=obj, detail=said, request=request)


def _shown(number: int | None) -> str:
    if number is None:
        return "–"
    return f"{number:,}" if number else str(_("no limit"))
