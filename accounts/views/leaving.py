"""Deleting one's own account, and keeping it after all. Each view: find, form, verb, respond."""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.audit import record
from accounts.forms import LeavingForm
from accounts.leaving import LastSuperuser, ask_to_leave, stay, what_goes
from accounts.models import User
from accounts.views.way_back import way_back


@require_http_methods(["GET", "POST"])
@never_cache
def account_delete(request: HttpRequest) -> HttpResponse:
    person = User.objects.get(username=request.user.get_username())
    form = LeavingForm(request.POST or None, user=person)
    if request.method == "POST" and not ratelimit.consume(
        request, action="reauthenticate", user=person
    ):
        messages.error(request, _("Too many wrong tries. Wait a minute, then try again."))
        return redirect("accounts:account-delete")
    if form.is_bound and form.is_valid():
        try:
            due = ask_to_leave(person)
        except LastSuperuser:
            sentence = _(
                "Nobody else could administer the portal. Make somebody a superuser first."
            )
            form.add_error(None, sentence)
        else:
            return _gone(request, person, date_format(localtime(due), "DATETIME_FORMAT"))
    context = {"form": form, "goes": what_goes([person.pk])}
    status = 422 if form.is_bound else 200
    return render(request, "accounts/delete.html", context, status=status)


@require_POST
def account_keep(request: HttpRequest) -> HttpResponse:
    person = User.objects.get(username=request.user.get_username())
    if stay(person):
        record("deletion_taken_back", actor=person, request=request)
        messages.info(request, _("Your account stays, and everything in it."))
    return redirect(way_back(request))


def _gone(request: HttpRequest, person: User, when: str) -> HttpResponse:
    record("deletion_asked_for", actor=person, request=request)
    comes_back = not person.comes_back_by_nothing
    logout(request)
    sentence = (
        _("On %s your account will be deleted. Until then you can log in and keep it.")
        if comes_back
        else _("On %s your account will be deleted. Until then an administrator can let you in.")
    )
    messages.warning(request, sentence % when)
    return redirect("account_login")
