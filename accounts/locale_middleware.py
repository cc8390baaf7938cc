"""In which language, and by which clock, a page speaks."""

from __future__ import annotations

import contextlib

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation.trans_real import parse_accept_lang_header

from accounts.middleware import Middleware
from accounts.time_zones import zone


class LanguageMiddleware(Middleware):
    """Pages speak the language that the member chose; else the one the browser asks for, as LocaleMiddleware found it;
    and where none of those is offered, the portal's.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        locale = getattr(request.user, "locale", "")
        if not locale and _asks_for_others(request):
            with contextlib.suppress(DatabaseError):
                locale = request.portal.default_locale  # type: ignore[attr-defined]
        if locale and translation.check_for_language(locale):
            translation.activate(locale)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


class TimeZoneMiddleware(Middleware):
    """Times are told as the member's clock has them; else as the server's (TZ)."""

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
