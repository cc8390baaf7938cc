"""What an administrator does with members, one or many at once. Each verb returns the ids of those it changed.

Whatever ends access raises `access_version`, so that sockets and running generations look again.
"""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import F

from accounts.approval_mails import tell_approved
from accounts.models import User


def activate(people: Any) -> list[int]:
    return _change(people.filter(is_active=False), is_active=True, awaits_approval=False)


def deactivate(people: Any) -> list[int]:
    """They are logged out, and what is being written for them ends. Their sessions stay ended if they come back."""
    epoch = F("session_epoch") + 1
    return _change(people.filter(is_active=True), is_active=False, session_epoch=epoch)


def approve(people: Any) -> list[int]:
    """Let in who has signed up and waits."""
    approved = _change(people.filter(awaits_approval=True), is_active=True, awaits_approval=False)
    transaction.on_commit(lambda: tell_approved(approved))
    return approved


def await_approval(people: Any) -> list[int]:
    return _change(people.filter(is_active=True), is_active=False, awaits_approval=True)


def require_new_password(people: Any) -> list[int]:
    """Their present password opens nothing any more but the page that replaces it."""
    return _change(people.filter(must_change_password=False), must_change_password=True)


def require_no_new_password(people: Any) -> list[int]:
    return _change(people.filter(must_change_password=True), must_change_password=False)


def log_out_everywhere(people: Any) -> list[int]:
    """End every session of theirs, on every device."""
    changed = _change(people, session_epoch=F("session_epoch") + 1)
    UserSession.objects.filter(user__in=changed).delete()
    return changed


def add_to_group(people: Any, group: Group) -> list[int]:
    with transaction.atomic():
        changed = list(people.exclude(groups=group).values_list("pk", flat=True))
        group.user_set.add(*changed)
    return changed


def remove_from_group(people: Any, group: Group) -> list[int]:
    with transaction.atomic():
        changed = list(people.filter(groups=group).values_list("pk", flat=True))
        group.user_set.remove(*changed)
    return changed


def forget_address(member: User, replaced: str) -> None:
    """An address that was replaced is no longer theirs: it opens nothing, and is sent no link."""
    if replaced.lower() != member.email:
        EmailAddress.objects.filter(user=member, email__iexact=replaced).delete()


def may_change(administrator: Any, member: User) -> bool:
    """Who administers is a superuser's to say: another administrator may not touch those who administer, themselves
    among them, for a password or an address of theirs would open what they may.
    """
    return administrator.is_superuser or not (member.is_staff or member.is_superuser)


def changeable_by(administrator: Any, people: Any) -> Any:
    """Those of `people` of whom `may_change` says yes."""
    return (
        people if administrator.is_superuser else people.filter(is_staff=False, is_superuser=False)
    )


def is_last_superuser(member: User) -> bool:
    """Whether nobody could administer the portal without them."""
    others = User.objects.filter(is_superuser=True, is_staff=True, is_active=True)
    return bool(
        member.is_superuser and member.is_active and not others.exclude(pk=member.pk).exists()
    )


def _change(people: Any, **fields: Any) -> list[int]:
    with transaction.atomic():
        changed = list(people.values_list("pk", flat=True))
        User.objects.filter(pk__in=changed).update(access_version=F("access_version") + 1, **fields)
    return changed
