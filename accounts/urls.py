"""What a person finds about their own account. Coming in and going out are allauth's pages (chatportal/urls.py)."""

from __future__ import annotations

from django.urls import path

from accounts.views import announcements, leaving, profile

app_name = "accounts"
urlpatterns = [
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
