"""Pasting many credentials at once, one a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import record
from upstream.forms import NO_SECRETS, WriteOnlyTextarea
from upstream.models import Credential, Provider
from upstream.tokens import NoSecret, read_pasted

MOST = 500  # lines
LONGEST = 1_000_000  # characters


class PasteForm(forms.Form):
    provider = forms.ModelChoiceField(Provider.objects.all(), label=gettext_lazy("Provider"))
    pasted = forms.CharField(
        label=gettext_lazy("Keys or tokens"),
        max_length=LONGEST,
        widget=WriteOnlyTextarea(
            attrs={
                "rows": 10,
                "autocomplete": "off",
                "spellcheck": "false",
                "class": "vLargeTextField",
            }
        ),
        help_text=gettext_lazy("One a line. They are stored encrypted and shown nowhere."),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one line; `problem` is empty where it was added."""

    number: int
    who: str
    problem: str = ""


def paste(request: HttpRequest) -> HttpResponse:
    """Add what can be read, and say of each line what became of it."""
    if not request.user.has_perm("upstream.add_credential"):
        raise PermissionDenied
    form = PasteForm(request.POST or None, initial={"provider": request.GET.get("provider")})
    lines: list[Line] = []
    if form.is_valid():
        provider = form.cleaned_data["provider"]
        lines = add_pasted(provider, form.cleaned_data["pasted"])
        added = f"{sum(not line.problem for line in lines)} added"
        record(
            "credentials_pasted", actor=request.user, target=provider, detail=added, request=request
        )
        form = PasteForm(initial={"provider": form.cleaned_data["provider"].pk})
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Add many credentials"),
        "form": form,
        "lines": lines,
        "added": sum(not line.problem for line in lines),
    }
    return render(request, "admin/upstream/paste.html", context)


def add_pasted(provider: Provider, pasted: str) -> list[Line]:
    known = {credential.secret for credential in provider.credentials.all()}
    lines = [line.strip() for line in pasted.splitlines()]
    entries = [(number, line) for number, line in enumerate(lines, start=1) if line]
    found = [_add(provider, number, line, known) for number, line in entries[:MOST]]
    if len(entries) > MOST:
        rest = _("Only %d lines are taken at once. Paste the rest again.") % MOST
        found.append(Line(entries[MOST][0], "", rest))
    return found


def _add(provider: Provider, number: int, line: str, known: set[str]) -> Line:
    try:
        token = read_pasted(line, wants_token=provider.takes_access_tokens)
    except NoSecret as error:
        return Line(number, "", str(NO_SECRETS[error.reason]))
    if token.secret in known:
        return Line(number, token.account, _("It is there already."))
    if token.expires_at and token.expires_at <= timezone.now():
        return Line(number, token.account, _("This token has expired."))
    known.add(token.secret)
    credential = Credential(provider=provider)
    credential.take_secret(token.secret)
    credential.save()
    return Line(number, str(credential))
