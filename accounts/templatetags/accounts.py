"""`{% identity_providers as list %}`, `{% mail_is_set_up as flag %}`: what the log-in page offers.

`{% connecting_proof %}` goes with the link that connects one of them.
"""

from __future__ import annotations

from typing import Any

from django import template

from accounts import openid
from accounts.mail import sends_mail
from accounts.models import IdentityProvider

register = template.Library()


@register.simple_tag
def identity_providers() -> list[IdentityProvider]:
    return list(IdentityProvider.objects.filter(is_enabled=True))


@register.simple_tag(takes_context=True)
def connecting_proof(context: Any) -> str:
    return openid.connecting_proof(context["request"])


@register.simple_tag
def mail_is_set_up() -> bool:
    return sends_mail()
