"""`{% announcements as shown %}`: what stands above the page for whoever looks at it."""

from __future__ import annotations

from typing import Any

from django import template

from accounts.announcing import announcements_for
from accounts.models import Announcement

register = template.Library()


@register.simple_tag(takes_context=True)
def announcements(context: Any) -> list[Announcement]:
    return announcements_for(getattr(context.get("request"), "user", None))
