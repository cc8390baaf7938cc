"""Trying a credential from the admin, and the page that shows what came of it."""

from __future__ import annotations

import asyncio
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.secrets import SecretUnreadable
from upstream.errors import Unauthorized
from upstream.models import Credential
from upstream.pool.releasing import note_error, note_success
from upstream.pool.targets import target_of
from upstream.trial import Trial, try_target


def trial_page(request: HttpRequest, credential: Credential, *, back_to: str) -> HttpResponse:
    """Try `credential` now, and show the upstream's answer and the times that it took."""
    models = credential.provider.language_models.filter(is_enabled=True)
    model = models.order_by("-is_default", "position", "title").first()
    try:
        target = target_of(credential, credential.reveal())
    except SecretUnreadable:
        trial = Trial(code="unauthorized", detail=_("No key opens its secret. Paste it again."))
    else:
        trial = asyncio.run(try_target(target, model=model.name if model else ""))
        if trial.works:
            note_success(credential)
        elif trial.model and trial.code == Unauthorized.code:  # a list alone is refused to some
            tried = Credential.objects.filter(pk=credential.pk, revision=credential.revision)
            note_error(tried, Unauthorized(trial.detail))
    outcome = "it works" if trial.works else trial.code
    record(
        "credential_tested", actor=request.user, target=credential, detail=outcome, request=request
    )
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Test of %s") % credential,
        "credential": credential,
        "trial": trial,
        "back_to": back_to,
    }
    return render(request, "admin/upstream/trial.html", context)
