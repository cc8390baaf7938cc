"""Where I am logged in: a list, and a way to end each."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.audit import record
from accounts.models import User
from accounts.sessions import end_other_sessions, end_session, open_sessions


@require_GET
@never_cache
def session_list(request: HttpRequest) -> HttpResponse:
    found = open_sessions(_me(request), current=request.session.session_key)
    return render(request, "accounts/sessions.html", {"sessions": found})


@require_POST
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    if not end_session(_me(request), pk):
        raise Http404
    record("session_ended", actor=_me(request), request=request)
    messages.success(request, _("You are logged out there."))
    return redirect("usersessions_list")


@require_POST
def session_end_others(request: HttpRequest) -> HttpResponse:
    ended = end_other_sessions(_me(request), current=request.session.session_key)
    record("session_ended", actor=_me(request), request=request, detail=f"{ended} others")
    sentence = ngettext("One session was ended.", "%(count)d sessions were ended.", ended)
    messages.success(request, sentence % {"count": ended})
    return redirect("usersessions_list")


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
