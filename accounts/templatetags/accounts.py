"""`{% identity_providers as list %}`, `{% mail_is_set_up as flag %}`: what the log-in page offers."""

from __future__ import annotations

from django import template

from accounts.mail import sends_mail
from accounts.models import IdentityProvider

register = template.Library()


@register.simple_tag
def identity_providers() -> list[IdentityProvider]:
    return list(IdentityProvider.objects.filter(is_enabled=True))


@register.simple_tag
def mail_is_set_up() -> bool:
    return sends_mail()
