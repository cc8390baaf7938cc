"""Prices on a model's page: one a line, each from its day on."""

from __future__ import annotations

from django.contrib import admin

from upstream.models import Price


class PriceInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Price
    extra = 0
