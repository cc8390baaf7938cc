"""The page that says why somebody was not let in, and what to do next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def refused(request: HttpRequest, sentence: str, *, status: int = 403) -> HttpResponse:
    return render(request, "accounts/refused.html", {"sentence": sentence}, status=status)
