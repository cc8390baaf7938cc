"""The link with which a member chooses a new password, for portals without mail: an administrator hands it over."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.audit import record
from accounts.mail import portal_link
from accounts.models import User


def make_reset_link(member: User, *, by: User, request: HttpRequest) -> str:
    """A link that works once and for PASSWORD_RESET_TIMEOUT seconds. Whoever has it has the account."""
    names = {
        "uidb36": user_pk_to_url_str(member),
        "key": default_token_generator.make_token(member),
    }
    path = reverse("account_reset_password_from_key", kwargs=names)
    record("reset_link_made", actor=by, target=member, request=request)
    return portal_link(path) if settings.PORTAL_URL else request.build_absolute_uri(path)
