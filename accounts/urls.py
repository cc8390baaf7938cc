"""What a person finds about their own account. Going in and out are allauth's pages (chatportal/urls.py)."""

from __future__ import annotations

from django.urls import path

from accounts.views import announcements, joining, leaving, profile, sessions

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
    path("profile/", profile.profile, name="profile"),
    path("profile/picture/", profile.picture_change, name="picture-change"),
    path("profile/picture/remove/", profile.picture_remove, name="picture-remove"),
    path("profile/picture/restore/", profile.picture_restore, name="picture-restore"),
    path("pictures/<slug:fingerprint>/", profile.picture, name="picture"),
    path("profile/delete/", leaving.account_delete, name="account-delete"),
    path("profile/keep/", leaving.account_keep, name="account-keep"),
]
