"""What is said when a request cannot be served: to a person a page, to a script of ours a sentence it can show."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults

from accounts.middleware import is_fetch


def bad_request(request: HttpRequest, exception: Exception) -> Any:
    if isinstance(exception, RequestDataTooBig):
        return _too_large(request)
    if is_fetch(request):
        return _say(
            400, "bad_request", _("The portal could not read this request. Reload the page.")
        )
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> Any:
    if is_fetch(request):
        return _say(403, "forbidden", _("You may not do this."))
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> Any:
    if is_fetch(request):
        return _say(404, "not_found", _("This is not here any more. Reload the page."))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> Any:
    if is_fetch(request):
        return _say(
            500, "internal_error", _("Something went wrong in the portal. What you typed is kept.")
        )
    return defaults.server_error(request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if is_fetch(request):
        return _say(403, "csrf", _("This page is out of date. Reload it; what you typed is kept."))
    return render(request, "403_csrf.html", status=403)


def _too_large(request: HttpRequest) -> HttpResponse:
    sentence = _("This is more than the portal takes at once. Send it in smaller pieces.")
    if is_fetch(request):
        return _say(413, "too_large", sentence)
    return render(request, "400.html", {"sentence": sentence}, status=413)


def _say(status: int, code: str, sentence: str) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "message": sentence}}, status=status)
