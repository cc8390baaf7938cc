"""Members as a table: who they are and what they may, and nothing with which one comes in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import Group
from django.utils.translation import gettext as _

from accounts.membership import (
    add_to_group,
    forget_address,
    is_last_superuser,
    may_change,
    remove_from_group,
)
from accounts.models import User
from accounts.tables.table import Plain, Table
from accounts.tables.values import Refused, boolean, names, text

MEMBER, ADMINISTRATOR, SUPERUSER = ROLES = ("member", "administrator", "superuser")
FIELDS = ("email", "first_name", "last_name")


def role(value: Any) -> str:
    said = text(value).casefold()
    if said not in ROLES:
        raise Refused(_("“%s” is no role: it is member, administrator or superuser.") % said)
    return said


def address(value: Any) -> str:
    return text(value).lower()


class Members(Table):
    name = "members"
    key = ("username",)
    readers = {
        "username": text,
        "email": address,
        "first_name": text,
        "last_name": text,
        "groups": names,
        "is_active": boolean,
        "role": role,
    }
    told_only = ("last_seen_at", "date_joined")
    blank = {
        **dict.fromkeys(FIELDS, ""),
        "groups": [],
        "is_active": True,
        "role": MEMBER,
    }

    def rows(self) -> Iterator[Plain]:
        everybody = User.objects.order_by("username").prefetch_related("groups")
        for member in everybody.iterator(chunk_size=500):
            yield self.plain(member)

    def plain(self, found: User) -> Plain:
        seen = found.last_seen_at
        return {
            "username": found.username,
            **{field: getattr(found, field) for field in FIELDS},
            "groups": sorted(group.name for group in found.groups.all()),
            "is_active": found.is_active,
            "role": _role_of(found),
            "last_seen_at": seen.isoformat() if seen else None,
            "date_joined": found.date_joined.isoformat(),
        }

    def find(self, key: Plain) -> User | None:
        if not key["username"]:
            raise Refused(_("There is no username."))
        return User.objects.filter(username__iexact=key["username"]).first()

    def save(self, found: User | None, key: Plain, changes: Plain, actor: User) -> User:
        member = User(username=key["username"]) if found is None else found
        _check(member, changes, actor)
        before = member.email
        for field in {*FIELDS, "is_active"} & changes.keys():
            setattr(member, field, changes[field])
        if "role" in changes:
            member.is_superuser = changes["role"] == SUPERUSER
            member.is_staff = changes["role"] != MEMBER
        if found is None:
            member.set_unusable_password()
        elif "is_active" in changes and not member.is_active:
            member.session_epoch += 1  # their sessions stay ended if they come back
        member.full_clean(exclude=None if found is None else ["password"])
        member.save()
        if found is not None and "email" in changes:
            forget_address(member, before)
        _put_into(member, changes.get("groups"))
        return member


def _check(member: User, changes: Plain, actor: User) -> None:
    if member.pk and not may_change(actor, member):
        raise Refused(_("Only a superuser changes those who administer."))
    if "role" in changes and not actor.is_superuser:
        raise Refused(_("Only a superuser says who administers."))
    if not {"role", "is_active"} & changes.keys():
        return
    if member.pk == actor.pk:
        raise Refused(_("You would lock yourself out. Ask another superuser for that."))
    loses = changes.get("role", SUPERUSER) != SUPERUSER or not changes.get("is_active", True)
    if loses and member.pk and is_last_superuser(member):
        raise Refused(_("Nobody else could administer the portal."))


def _put_into(member: User, wanted: list[str] | None) -> None:
    if wanted is None:
        return
    groups = {group.name: group for group in Group.objects.filter(name__in=wanted)}
    if missing := sorted(set(wanted) - groups.keys()):
        raise Refused(_("There is no group “%s”.") % missing[0])
    themselves = User.objects.filter(pk=member.pk)
    for group in member.groups.exclude(name__in=wanted):
        remove_from_group(themselves, group)
    for group in groups.values():
        add_to_group(themselves, group)


def _role_of(member: User) -> str:
    if member.is_superuser:
        return SUPERUSER
    return ADMINISTRATOR if member.is_staff else MEMBER
