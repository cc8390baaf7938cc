"""The pool page: every credential's state at a glance, and what one does about it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.audit import record
from upstream.models import Credential
from upstream.models.cooling import WARM
from upstream.pool.figures import pool_figures


@require_GET
@never_cache
def pool_page(request: HttpRequest) -> HttpResponse:
    """The whole page or, for its own script, the tables alone."""
    _check(request)
    context: dict[str, Any] = {"providers": pool_figures()}
    if request.headers.get("X-Requested-With") == "fetch":
        return render(request, "admin/upstream/_pool.html", context)
    context |= {**admin.site.each_context(request), "title": _("The pool")}
    return render(request, "admin/upstream/pool.html", context)


@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it no new answers; those that run on it go on."""
    credential = _find(request, pk)
    Credential.objects.filter(pk=pk).update(is_enabled=False)
    record("credential_paused", actor=request.user, target=credential, request=request)
    messages.success(request, _("“%s” is paused. Running answers finish on it.") % credential)
    return redirect("admin:upstream_pool")


@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Use it again, whatever was thought of it; the next answer will tell."""
    credential = _find(request, pk)
    Credential.objects.filter(pk=pk).update(is_enabled=True, state=Credential.State.HEALTHY, **WARM)
    record("credential_resumed", actor=request.user, target=credential, request=request)
    messages.success(request, _("“%s” is used again.") % credential)
    return redirect("admin:upstream_pool")


def _find(request: HttpRequest, pk: int) -> Credential:
    _check(request)
    return get_object_or_404(Credential.objects.select_related("provider"), pk=pk)


def _check(request: HttpRequest) -> None:
    if not request.user.has_perm("upstream.change_credential"):
        raise PermissionDenied
