"""What a person finds about their own account. Coming in and going out are allauth's pages (chatportal/urls.py)."""

from __future__ import annotations

from django.urls import path

from accounts.views import announcements

app_name = "accounts"
urlpatterns = [
    path(
        "announcements/<int:pk>/dismiss/",
        announcements.announcement_dismiss,
        name="announcement-dismiss",
    ),
]
