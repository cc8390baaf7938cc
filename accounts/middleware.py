"""Who gets past the door: a logged-in person, and one whose first password is no longer the one that was handed out."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import middleware
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header

from accounts.models import SiteSettings, User
from accounts.presence import is_due, note_seen
from accounts.second_factor import is_missing_in
from accounts.sessions import note_use
from accounts.time_zones import zone


def is_fetch(request: HttpRequest) -> bool:
    """Whether a script of our page asks, which wants an error it can show rather than another page."""
    return request.headers.get("X-Requested-With") == "fetch"


class LoginRequiredMiddleware(middleware.LoginRequiredMiddleware):
    """Every page asks for a log-in but those that opt out; a script is told so in a form it can show."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        if is_fetch(request):
            sentence = _("You have been logged out. Log in again; what you typed is kept.")
            error = {"code": "logged_out", "message": sentence}
            return JsonResponse({"error": error}, status=401)
        return super().handle_no_permission(request, view_func)


class SettingsMiddleware:
    """`request.portal`: the portal's settings as they now are, read when first asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.portal = SimpleLazyObject(SiteSettings.current)  # type: ignore[attr-defined]
        return self.get_response(request)


class PresenceMiddleware:
    """Notes that somebody is here, after the answer was made. A database that cannot take it takes no page away."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        user = request.user
        if isinstance(user, User) and is_due(user):
            with contextlib.suppress(DatabaseError):
                note_seen([user.pk])
        return response


class LanguageMiddleware:
    """Pages speak the language that the member chose; else the one the browser asks for, as LocaleMiddleware found it;
    and where none of those is offered, the portal's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        locale = getattr(request.user, "locale", "")
        if not locale and _asks_for_others(request):
            with contextlib.suppress(DatabaseError):
                locale = request.portal.default_locale  # type: ignore[attr-defined]
        if locale and translation.check_for_language(locale):
            translation.activate(locale)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


class TimeZoneMiddleware:
    """Times are told as the member's clock has them; else as the server's (TZ)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(zone(getattr(request.user, "time_zone", ""))):
            return self.get_response(request)


def _asks_for_others(request: HttpRequest) -> bool:
    """Whether the browser names languages, by its settings or a cookie, of which none is offered. What names none is no
    browser: whoever asks whether the portal is alive wants no look into the database.
    """
    if "Accept-Language" not in request.headers:
        return False
    names = [request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")]
    names += [
        name
        for name, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    ]
    return not any(map(_is_offered, names))


def _is_offered(language: str) -> bool:
    try:
        return bool(language and translation.get_supported_language_variant(language))
    except LookupError:
        return False


class PasswordChangeMiddleware:
    """A one-time password opens nothing but the page that replaces it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

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


class SecondFactorMiddleware:
    """Where a group requires a second factor, nothing opens without one but the pages that set it up."""

    PAGES = ("mfa_index", "mfa_activate_totp", "account_logout", "account_reauthenticate")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

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


class SessionUseMiddleware:
    """Keeps when each session was last used, for the list that its owner sees."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            note_use(request)
        return self.get_response(request)


def _refused(code: str, sentence: str) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "message": sentence}}, status=403)
