"""Announcements in the admin: for whom, from when, until when, and how many have read them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Announcement


@admin.register(Announcement)
class AnnouncementAdmin(admin.ModelAdmin):
    list_display = ("__str__", "level", "group", "starts_at", "ends_at", "is_shown", "read_by")
    list_filter = ("level",)
    list_select_related = ("group",)
    search_fields = ("text",)
    fields = ("text", "level", "starts_at", "ends_at", "group", "shown_at_log_in")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(readers=Count("dismissals"))

    @admin.display(description=_("shown now"), boolean=True)
    def is_shown(self, announcement: Announcement) -> bool:
        now = timezone.now()
        ended = announcement.ends_at is not None and announcement.ends_at <= now
        return announcement.starts_at <= now and not ended

    @admin.display(description=_("dismissed by"), ordering="readers")
    def read_by(self, announcement: Any) -> int:
        return int(announcement.readers)
