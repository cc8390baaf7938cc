"""Models in the admin: what members are offered, under which name and in which order."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import path
from django.utils.translation import gettext_lazy as _

from accounts.admin.table_pages import TablePages
from upstream.admin.price import PriceInline
from upstream.admin.why import why
from upstream.model_table import Models
from upstream.models import LanguageModel

tables = TablePages(
    Models(),
    LanguageModel,
    title=_("Models"),
    permissions=("add_languagemodel", "change_languagemodel"),
    note=_(
        "Providers have to be there already: neither their addresses nor their credentials are read from a file. A "
        "price that differs counts from today on."
    ),
)


@admin.register(LanguageModel)
class LanguageModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        "name",
        "provider",
        "title",
        "is_enabled",
        "offered_to",
        "is_default",
        "position",
        "context_window",
    )
    list_editable = ("title", "is_enabled", "position", "context_window")
    autocomplete_fields = ("fallback", "groups")
    inlines = (PriceInline,)
    list_filter = ("provider", "is_enabled")
    list_select_related = ("provider",)
    search_fields = ("name", "title")
    ordering = ("-is_default", "position", "title")
    list_per_page = 200
    actions = ("offer", "hide", "make_default")

    def get_urls(self) -> list[Any]:
        return [
            *tables.urls(self.admin_site.admin_view),
            path("why/", self.admin_site.admin_view(why), name="upstream_why"),
            *super().get_urls(),
        ]

    @admin.action(description=_("Offer to members"))
    def offer(self, request: HttpRequest, queryset: Any) -> None:
        queryset.update(is_enabled=True)

    @admin.action(description=_("Hide from members"))
    def hide(self, request: HttpRequest, queryset: Any) -> None:
        queryset.update(is_enabled=False)

    @admin.action(description=_("Make the default"))
    def make_default(self, request: HttpRequest, queryset: Any) -> None:
        if chosen := queryset.first():
            chosen.is_default = True
            chosen.save()
