"""`{% concerns as list %}`: what an administrator should look at."""

from __future__ import annotations

from django import template

from accounts.concerns import Concern
from upstream.attention import concerns as all_concerns

register = template.Library()


@register.simple_tag
def concerns() -> list[Concern]:
    return all_concerns()
