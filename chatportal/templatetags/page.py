"""Tags of every page: the import map and the icons."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
MODULE_FOLDERS = ("js", "vendor")


@register.simple_tag(takes_context=True)
def importmap(context: Any) -> SafeString:
    """Map each module's plain URL to its hashed one, so that modules import each other by relative paths.

    The nonce is the only thing that lets this one inline script through the page's policy.
    """
    nonce = getattr(context["request"], "csp_nonce", "")
    return format_html(
        '<script type="importmap" nonce="{}">{}</script>', nonce, mark_safe(_import_map())
    )


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the sprite, for decoration: what it means is said in words beside it or in a label."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>',
        static("icons/icons.svg"),
        name,
    )


@lru_cache(maxsize=1)
def _import_map() -> str:
    root = Path(settings.STATICFILES_DIRS[0])
    modules = [path for folder in MODULE_FOLDERS for path in sorted((root / folder).rglob("*.js"))]
    names = [path.relative_to(root).as_posix() for path in modules]
    imports = {settings.STATIC_URL + name: static(name) for name in names}
    # "<" could end the script; nothing else in JSON can.
    return json.dumps({"imports": imports}, separators=(",", ":")).replace("<", "\\u003c")
