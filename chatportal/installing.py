"""What a browser asks for to install the portal: who it is, and what it may do without a line."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_cookie

from accounts.on_every_page import portal
from chatportal.version import VERSION

WORKER = Path(settings.BASE_DIR) / "static" / "js" / "service-worker.js"
ICONS = (
    ("icons/icon-192.png", "192x192", "any"),
    ("icons/icon-512.png", "512x512", "any"),
    ("icons/maskable-512.png", "512x512", "maskable"),
)


@login_not_required
@vary_on_cookie
@require_GET
def manifest(request: HttpRequest) -> JsonResponse:
    """In the language of whoever asks, as the page is."""
    base = reverse("conversations:home")
    name = portal(request)["portal"].shown_name
    icons = [
        {"src": static(path), "sizes": sizes, "type": "image/png", "purpose": purpose}
        for path, sizes, purpose in ICONS
    ]
    told: dict[str, Any] = {
        "id": base,
        "name": name,
        "short_name": name[:12],
        "description": _("Conversations with the models that your team shares."),
        "lang": get_language(),
        "dir": "rtl" if get_language_bidi() else "ltr",
        "start_url": base,
        "scope": base,
        "display": "standalone",
        "background_color": "#fdfcfb",
        "theme_color": "#fdfcfb",
        "categories": ["productivity"],
        "icons": icons,
        "shortcuts": [{"name": _("New conversation"), "url": base, "icons": icons[:1]}],
        "edge_side_panel": {"preferred_width": 400},
    }
    return JsonResponse(told, content_type="application/manifest+json")


@login_not_required
@never_cache
@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """At the root of the portal, for it serves what lies below it. Another version has other bytes: browsers notice."""
    told = {
        "version": _version(),
        "base": reverse("conversations:home"),
        "static": settings.STATIC_URL
        if settings.STATIC_URL.startswith("/")
        else f"/{settings.STATIC_URL}",
        "offline": reverse("offline"),
        "doors": [reverse("account_login"), reverse("account_logout"), reverse("admin:logout")],
    }
    text = f"const PORTAL = {json.dumps(told)};\n{WORKER.read_text()}"
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")


@login_not_required
@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """What stands there when there is no line, and nothing was kept. Nobody's name is on it."""
    return render(request, "offline.html")


@lru_cache(maxsize=1)
def _version() -> str:
    digest = hashlib.sha256(VERSION.encode() + WORKER.read_bytes())
    collected = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if collected.exists():
        digest.update(collected.read_bytes())
    return digest.hexdigest()[:16]
