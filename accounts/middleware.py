"""Who gets past the door: a logged-in person, and one whose first password is no longer the one that was handed out."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from django.contrib.auth import middleware
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.models import SiteSettings, User
from accounts.presence import is_due, note_seen
from accounts.second_factor import is_missing_in
from accounts.sessions import note_use


def is_fetch(request: HttpRequest) -> bool:
    """Whether a script of our page asks, which wants an error it can show rather than another page."""
    return request.headers.get("X-Requested-With") == "fetch"


class Middleware:
    """What passes a request on; others do something before, after, or when its view is known."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    """Every page asks for a log-in but those that opt out; a script is told so in a form it can show."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        if is_fetch(request):
            sentence = _("You have been logged out. Log in again; what you typed is kept.")
            error = {"code": "logged_out", "message": sentence}
            return JsonResponse({"error": error}, status=401)
        return super().handle_no_permission(request, view_func)


class SettingsMiddleware(Middleware):
    """`request.portal`: the portal's settings as they now are, read when first asked for."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.portal = SimpleLazyObject(SiteSettings.current)  # type: ignore[attr-defined]
        return self.get_response(request)


class PresenceMiddleware(Middleware):
    """Notes that somebody is here, and by which session, after the answer was made. A database that cannot take it
    takes no page away.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        user = request.user
        if isinstance(user, User):
            with contextlib.suppress(DatabaseError):
                if is_due(user):
                    note_seen([user.pk])
                note_use(request)
        return response


class PasswordChangeMiddleware(Middleware):
    """A one-time password opens nothing but the page that replaces it."""

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        must_change = getattr(request.user, "must_change_password", False)
        if not must_change or not getattr(view_func, "login_required", True):
            return None
        if request.path in {reverse("account_change_password"), reverse("account_logout")}:
            return None
        if is_fetch(request):
            sentence = _(
                "Change your password first; what you typed is kept. Reload this page to do so."
            )
            return _refused("password_change", sentence)
        return redirect("account_change_password")


class SecondFactorMiddleware(Middleware):
    """Where a group requires a second factor, nothing opens without one but the pages that set it up."""

    PAGES = ("mfa_index", "mfa_activate_totp", "account_logout", "account_reauthenticate")

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if not request.user.is_authenticated or not getattr(view_func, "login_required", True):
            return None
        if getattr(request.user, "must_change_password", False):
            return None  # a new password comes first: PasswordChangeMiddleware has let nothing else past
        if not is_missing_in(request) or request.path in {reverse(name) for name in self.PAGES}:
            return None
        if is_fetch(request):
            sentence = _(
                "A group of yours requires a second factor. Set one up; what you typed is kept. Reload this page to do "
                "so."
            )
            return _refused("second_factor", sentence)
        return redirect("mfa_activate_totp")


def _refused(code: str, sentence: str) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "message": sentence}}, status=403)
