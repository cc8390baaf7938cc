"""Coming in: opening an account of one's own by invitation, access code, e-mail address or with approval.

The form was checked before; each verb makes the person and counts the use in one transaction, so that of two who use
the last place of an invitation at once one comes in and the other is told.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.approval_mails import tell_administrators
from accounts.audit import record
from accounts.models import AccessCode, Invitation, User

LONGEST_USERNAME = 150
TRIES_FOR_A_NAME = 5
JoinedBy = User.JoinedBy


class DoorClosed(Exception):
    """The invitation or code was spent, revoked or ran out between the form and its use."""


def join_by_invitation(invitation: Invitation, *, request: Any = None, **fields: Any) -> User:
    """Raises DoorClosed when somebody else has taken the last place."""
    with transaction.atomic():
        if not invitation.claim_use():
            raise DoorClosed
        user = _create(JoinedBy.INVITATION, group=invitation.group, **fields)
        record("joined", actor=user, target=invitation, request=request, detail="by invitation")
        return user


def join_by_code(code: AccessCode, *, name: str, request: Any = None) -> User:
    """A member with a name alone; password and e-mail address come later, or never. Raises DoorClosed."""
    for _try in range(TRIES_FOR_A_NAME - 1):
        with contextlib.suppress(IntegrityError):  # another of that name came in this moment
            return _join_by_code(code, name=name, request=request)
    return _join_by_code(code, name=name, request=request)


def _join_by_code(code: AccessCode, *, name: str, request: Any) -> User:
    with transaction.atomic():
        if not code.claim_use():
            raise DoorClosed
        user = _create(
            JoinedBy.ACCESS_CODE, group=code.group, username=free_username(name), name=name
        )
        record("joined", actor=user, target=code, request=request, detail="by access code")
        return user


def join_by_email(*, request: Any = None, **fields: Any) -> User:
    """A member as soon as the address is verified (stages.py)."""
    with transaction.atomic():
        user = _create(JoinedBy.EMAIL_DOMAIN, must_verify_email=True, **fields)
        record("joined", actor=user, request=request, detail="by e-mail address")
        return user


def ask_to_join(*, request: Any = None, **fields: Any) -> User:
    """A member as soon as an administrator approves."""
    with transaction.atomic():
        user = _create(JoinedBy.APPROVAL, is_active=False, awaits_approval=True, **fields)
        record("asked_to_join", actor=user, request=request)
        transaction.on_commit(lambda: tell_administrators(user))
        return user


def free_username(name: str) -> str:
    """A username made of `name`, in its own script, that nobody has."""
    text = unicodedata.normalize("NFKC", name).strip().casefold()
    stem = re.sub(r"[^\w.@+-]+", ".", text).strip(".")[: LONGEST_USERNAME - 10] or "member"
    try:
        UnicodeUsernameValidator()(stem)
    except ValidationError:
        stem = "member"
    username, number = stem, 1
    while User.objects.filter(username__iexact=username).exists():
        number += 1
        username = f"{stem}{number}"
    return username


def _create(
    joined_by: str,
    *,
    username: str,
    password: str | None = None,
    email: str = "",
    name: str = "",
    group: Group | None = None,
    **more: Any,
) -> User:
    user = User.objects.create_user(
        username, email, password, first_name=name, joined_by=joined_by, **more
    )
    if email:
        EmailAddress.objects.create(user=user, email=email.lower(), primary=True, verified=False)
    if group is not None:
        user.groups.add(group)
    return user
