"""What administrators look after here: the prompt templates for everybody. Members' own are not theirs to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from conversations.models import PromptTemplate


@admin.register(PromptTemplate)
class SharedTemplateAdmin(admin.ModelAdmin):
    list_display = ("title", "created_at")
    search_fields = ("title", "text")
    fields = ("title", "text")

    def get_queryset(self, request: HttpRequest) -> Any:
        return PromptTemplate.objects.owned_by(None).by_title()
