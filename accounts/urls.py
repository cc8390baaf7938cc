"""What a person finds about their own account. Going in and out are allauth's pages (chatportal/urls.py)."""

from __future__ import annotations

from django.urls import path

from accounts.views import announcements, joining, sessions

app_name = "accounts"
urlpatterns = [
    path("join/", joining.join, name="join"),
    path("join/<str:token>/", joining.invitation, name="invitation"),
    path("sessions/<int:pk>/end/", sessions.session_end, name="session-end"),
    path("sessions/end/", sessions.session_end_others, name="session-end-others"),
    path(
        "announcements/<int:pk>/dismiss/",
        announcements.announcement_dismiss,
        name="announcement-dismiss",
    ),
]
