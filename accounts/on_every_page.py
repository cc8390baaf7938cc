"""What every template may say of the portal itself: its name, its theme, where its imprint is."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from accounts.models import SiteSettings


def portal(request: HttpRequest) -> dict[str, Any]:
    """A request that was refused before the middleware saw it has the settings of a new portal."""
    settings = getattr(request, "portal", None)
    return {"portal": SiteSettings() if settings is None else settings}
