"""The doors to an account of one's own: the one that the administrator has opened, and the links of invitations."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.signup import complete_signup
from allauth.core import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.joining import (
    DoorClosed,
    ask_to_join,
    join_by_code,
    join_by_email,
    join_by_invitation,
)
from accounts.joining_forms import (
    AccountForm,
    CodeForm,
    form_of,
    name_was_taken,
    taken_elsewhere,
    tell_the_owner,
)
from accounts.models import Invitation, SiteSettings, User
from accounts.models.invitation import digest_of

SignUp = SiteSettings.SignUp


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """One form, as the administrator has set it."""
    if request.user.is_authenticated:
        return redirect("conversations:home")
    site: SiteSettings = request.portal  # type: ignore[attr-defined]
    if not site.lets_join or (site.sign_up == SignUp.EMAIL_DOMAIN and not site.email_domains):
        return render(request, "accounts/closed.html", status=404)
    form = form_of(request, site)
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="signup"):
            form.add_error(None, _("Too many came in from here. Wait a minute, then try again."))
        else:
            try:
                return _come_in(request, form, site)
            except IntegrityError:  # between the look and the account somebody else took the name
                form.add_error(None, name_was_taken())
    status = 200 if request.method == "GET" else 422
    return render(request, "accounts/join.html", {"form": form, "site": site}, status=status)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The link of an invitation: a username and a password, and one is in."""
    site: SiteSettings = request.portal  # type: ignore[attr-defined]
    found = Invitation.objects.open().filter(digest=digest_of(token)).first()
    if found is None or site.sign_up == SignUp.CLOSED:
        return render(request, "accounts/invitation_closed.html", status=404)
    if request.user.is_authenticated:
        return redirect("conversations:home")
    form = AccountForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            user = join_by_invitation(found, request=request, **form.cleaned_data)
        except DoorClosed:
            return render(request, "accounts/invitation_closed.html", status=404)
        except IntegrityError:
            form.add_error("username", name_was_taken())
        else:
            return complete_signup(request, user=user)
    status = 200 if request.method == "GET" else 422
    context = {"form": form, "site": site, "invitation": found}
    return render(request, "accounts/join.html", context, status=status)


def _come_in(request: HttpRequest, form: Any, site: SiteSettings) -> HttpResponse:
    if isinstance(form, CodeForm):
        assert form.access_code is not None
        try:
            user = join_by_code(form.access_code, name=form.cleaned_data["name"], request=request)
        except DoorClosed:
            form.add_error("code", _("This code opens nothing. Ask whoever gave it to you."))
            return render(request, "accounts/join.html", {"form": form, "site": site}, status=422)
        return complete_signup(request, user=user)
    if site.sign_up == SignUp.EMAIL_DOMAIN:
        return _come_in_by_email(request, form.cleaned_data)
    ask_to_join(request=request, **form.cleaned_data)
    return redirect("account_inactive")


def _come_in_by_email(request: HttpRequest, fields: dict[str, str]) -> HttpResponse:
    """What is answered for an address that a member has already is what is answered for a new one."""
    if taken_elsewhere(fields["email"]):
        User().set_password(fields["password"])  # takes as long as making an account does
        tell_the_owner(fields["email"])
        return redirect("account_email_verification_sent")
    return complete_signup(request, user=join_by_email(request=request, **fields))
