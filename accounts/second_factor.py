"""Whether somebody has the second factor that one of their groups requires."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from accounts.models import GroupPolicy, User

SESSION_KEY = "second_factor_checked"


def is_missing(user: User) -> bool:
    """Whether a group of theirs requires one, and they have none."""
    required = GroupPolicy.objects.filter(requires_second_factor=True, group__user=user)
    if not required.exists():
        return False
    return not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def is_missing_in(request: HttpRequest) -> bool:
    """The same for each request: asked anew only when the person's access has changed since it was last found fine."""
    user = request.user
    assert isinstance(user, User)
    if request.session.get(SESSION_KEY) == user.access_version:
        return False
    if is_missing(user):
        return True
    request.session[SESSION_KEY] = user.access_version
    return False
