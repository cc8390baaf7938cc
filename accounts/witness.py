"""What Django and allauth tell of comings, goings and keys, written down. Receivers; nobody calls them."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from accounts.audit import record
from accounts.models import User

NAMES = ("username", "email", "login")


@receiver(user_logged_in)
def note_log_in(request: Any, user: User, **kwargs: Any) -> None:
    record("log_in", actor=user, request=request)


@receiver(user_logged_out)
def note_log_out(request: Any, user: User | None, **kwargs: Any) -> None:
    if user is not None:  # a session that had ended already
        record("log_out", actor=user, request=request)


@receiver(user_login_failed)
def note_failure(credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
    """The name that was tried, never the password."""
    tried = next((str(credentials[name]) for name in NAMES if credentials.get(name)), "")
    record("log_in_failed", actor_name=tried, request=request)


@receiver(account.password_changed)
def note_password_change(request: Any, user: User, **kwargs: Any) -> None:
    record("password_changed", actor=user, request=request)


@receiver(account.password_reset)
def note_password_reset(request: Any, user: User, **kwargs: Any) -> None:
    record("password_reset", actor=user, request=request)


@receiver(account.password_set)
def note_password_set(request: Any, user: User, **kwargs: Any) -> None:
    record("password_set", actor=user, request=request)


@receiver(account.email_changed)
def note_email_change(request: Any, user: User, **kwargs: Any) -> None:
    record("email_changed", actor=user, request=request)


@receiver(account.email_confirmed)
def note_email_confirmed(request: Any, email_address: Any, **kwargs: Any) -> None:
    record("email_confirmed", actor=email_address.user, request=request)


def _note_factor(action: str) -> Any:
    def note(request: Any, user: User, authenticator: Any = None, **kwargs: Any) -> None:
        kind = str(getattr(authenticator, "type", ""))
        record(action, actor=user, detail=kind, request=request)

    return note


for _signal, _action in (
    (authenticator_added, "second_factor_added"),
    (authenticator_removed, "second_factor_removed"),
    (authenticator_reset, "second_factor_reset"),
    (authentication_failed, "second_factor_failed"),
):
    _signal.connect(_note_factor(_action), weak=False, dispatch_uid=f"witness {_action}")
