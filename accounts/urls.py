"""What a person finds about their own account. Coming in and going out are allauth's pages (chatportal/urls.py)."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "accounts"
urlpatterns: list[URLPattern] = []
