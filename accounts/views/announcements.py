"""Announcements, as members meet them. Each view: find, form, verb, respond."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.announcing import dismiss
from accounts.middleware import is_fetch
from accounts.models import Announcement
from accounts.views.way_back import way_back


@require_POST
def announcement_dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Also of one whose time is over: a page may have stood open."""
    found = get_object_or_404(Announcement.objects.meant_for(request.user), pk=pk)
    dismiss(found, request.user)
    return HttpResponse(status=204) if is_fetch(request) else redirect(way_back(request))
