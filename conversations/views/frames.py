"""The frame that draws diagrams: what a model writes goes through a drawing program there, and reaches nothing."""

from __future__ import annotations

from csp.constants import NONCE, SELF
from csp.decorators import csp
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

# It has no origin, wherever it is opened, and asks no host. Its drawings bring their own styles.
POLICY = {
    "default-src": ["'none'"],
    "script-src": [NONCE],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": [SELF],
    "sandbox": ["allow-scripts"],
}


@require_GET
@xframe_options_sameorigin
@csp(POLICY)
def diagram_frame(request: HttpRequest) -> HttpResponse:
    return render(request, "conversations/diagram_frame.html")
