"""Limits as a table: for everybody (neither a member nor a group), for a group, for a member."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.models import Group
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.models import User
from accounts.tables.table import Plain, Table
from accounts.tables.values import Refused, number, text
from upstream.models import Quota

NUMBERS = ("messages_an_hour", "tokens_a_month")


class Limits(Table):
    name = "limits"
    key = ("member", "group")
    readers = {"member": text, "group": text, **dict.fromkeys(NUMBERS, number)}
    blank = dict.fromkeys(NUMBERS)

    def rows(self) -> Iterator[Plain]:
        for quota in Quota.objects.select_related("member", "group").order_by("pk"):
            yield self.plain(quota)

    def plain(self, found: Quota) -> Plain:
        return {
            "member": found.member.username if found.member else "",
            "group": found.group.name if found.group else "",
            **{name: getattr(found, name) for name in NUMBERS},
        }

    def find(self, key: Plain) -> Quota | None:
        return Quota.objects.filter(**_whose(key)).first()

    def save(self, found: Quota | None, key: Plain, changes: Plain, actor: User) -> Quota:
        quota = Quota(**_whose(key)) if found is None else found
        for name in set(NUMBERS) & changes.keys():
            setattr(quota, name, changes[name])
        quota.full_clean()
        quota.save()
        said = " ".join(f"{name}={getattr(quota, name)}" for name in NUMBERS)
        record("limit_changed", actor=actor, target=quota, detail=said)
        return quota


def _whose(key: Plain) -> Plain:
    member, group = None, None
    if key["member"]:
        member = User.objects.filter(username__iexact=key["member"]).first()
        if member is None:
            raise Refused(_("There is no member “%s”.") % key["member"])
    if key["group"]:
        group = Group.objects.filter(name=key["group"]).first()
        if group is None:
            raise Refused(_("There is no group “%s”.") % key["group"])
    return {"member": member, "group": group}
