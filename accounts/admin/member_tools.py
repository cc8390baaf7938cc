"""What an administrator does for a member who cannot come in: a link for a new password, no second factor any more."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.audit import record
from accounts.membership import may_change
from accounts.models import User
from accounts.reset_links import make_reset_link


@require_POST
@never_cache
def reset_link(request: HttpRequest, pk: int) -> HttpResponse:
    member = _find(request, pk)
    assert isinstance(request.user, User)
    context = {
        **admin.site.each_context(request),
        "title": _("A new password for “%s”") % member,
        "secret": make_reset_link(member, by=request.user, request=request),
        "explanation": _(
            "Hand this link over: with it a new password is chosen. It works once and for three days, is shown this "
            "once, and opens the account to whoever has it."
        ),
        "list_url": _page_of(member),
    }
    return render(request, "admin/accounts/shown_once.html", context)


@require_POST
def second_factor_remove(request: HttpRequest, pk: int) -> HttpResponse:
    member = _find(request, pk)
    removed, _each = Authenticator.objects.filter(user=member).delete()
    if removed:
        member.raise_access_version()
        record("second_factor_removed", actor=request.user, target=member, request=request)
        sentence = _("“%s” logs in by password alone now, until a second factor is set up again.")
        messages.success(request, sentence % member)
    else:
        messages.info(request, _("“%s” has no second factor.") % member)
    return redirect(_page_of(member))


def urls(view: Any) -> list[Any]:
    return [
        path("<int:pk>/reset-link/", view(reset_link), name="accounts_user_reset_link"),
        path(
            "<int:pk>/second-factor/remove/",
            view(second_factor_remove),
            name="accounts_user_second_factor_remove",
        ),
    ]


def _find(request: HttpRequest, pk: int) -> User:
    member = get_object_or_404(User, pk=pk)
    if not request.user.has_perm("accounts.change_user") or not may_change(request.user, member):
        raise PermissionDenied
    return member


def _page_of(member: User) -> str:
    return reverse("admin:accounts_user_change", args=[member.pk])
