"""`{% default_model as model %}`: what new conversations begin with, where an administrator has chosen."""

from __future__ import annotations

from django import template

from upstream.models import LanguageModel

register = template.Library()


@register.simple_tag
def default_model() -> LanguageModel | None:
    return LanguageModel.objects.filter(is_default=True).select_related("provider").first()
