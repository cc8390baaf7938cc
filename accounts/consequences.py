"""What follows from a changed password, a verified address, and a second factor that was added or taken away."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import (
    email_confirmed,
    password_changed,
    password_reset,
    password_set,
)
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.dispatch import receiver

from accounts.models import User


@receiver([password_changed, password_reset, password_set])
def forget_one_time_password(user: User, **kwargs: Any) -> None:
    User.objects.filter(pk=user.pk).update(must_change_password=False)


@receiver(email_confirmed)
def let_in_by_email(email_address: EmailAddress, **kwargs: Any) -> None:
    User.objects.filter(pk=email_address.user_id).update(must_verify_email=False)


@receiver([authenticator_added, authenticator_removed])
def look_again(user: User, **kwargs: Any) -> None:
    """Other sessions and open sockets, whether they may go on: a group may require the factor that is gone."""
    user.raise_access_version()
