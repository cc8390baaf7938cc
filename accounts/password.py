"""What follows from a changed password."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from django.dispatch import receiver

from accounts.models import User


@receiver([password_changed, password_reset, password_set])
def forget_one_time_password(user: User, **kwargs: Any) -> None:
    User.objects.filter(pk=user.pk).update(must_change_password=False)
