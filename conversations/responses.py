"""One answer for two askers: a script gets a fragment or JSON, a plain form is sent on to a page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.middleware import is_fetch
from upstream.quota_sentences import refusal
from upstream.quotas import LimitReached


def refuse(
    request: HttpRequest, *, code: str, sentence: str, status: int, back_to: Any
) -> HttpResponse:
    """Say why not: to a script as JSON, to a person as a notice on the page they came from."""
    if is_fetch(request):
        return JsonResponse({"error": {"code": code, "message": sentence}}, status=status)
    messages.error(request, sentence)
    return redirect(back_to)


def refuse_form(request: HttpRequest, form: forms.BaseForm, *, back_to: Any) -> HttpResponse:
    """The first error of a form."""
    errors = next(iter(form.errors.as_data().values()))
    code = errors[0].code or "invalid"
    sentence = str(next(iter(form.errors.values()))[0])
    return refuse(request, code=code, sentence=sentence, status=422, back_to=back_to)


def busy(request: HttpRequest, conversation: Any) -> HttpResponse:
    sentence = _(
        "An answer is being written here. Wait for it, or stop it; what you typed is kept."
    )
    return refuse(request, code="busy", sentence=sentence, status=409, back_to=conversation)


def limited(request: HttpRequest, reached: LimitReached, *, back_to: Any) -> HttpResponse:
    """What the limit is, and when there is room again; what was typed is kept."""
    sentence = refusal(reached)
    return refuse(request, code="quota_exceeded", sentence=sentence, status=429, back_to=back_to)
