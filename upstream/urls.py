"""What a member finds of their own usage."""

from __future__ import annotations

from django.urls import path

from upstream.views import usage

app_name = "upstream"
urlpatterns = [
    path("usage/", usage.usage, name="usage"),
    path("usage/left/", usage.usage_left, name="usage-left"),
]
