"""What ends access beside a field of the person's own row: the groups they are in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import F
from django.db.models.signals import m2m_changed, pre_delete
from django.dispatch import receiver

from accounts.models import User


@receiver(m2m_changed, sender=User.groups.through)
def raise_access_version_of_members(
    instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any
) -> None:
    """Groups change from either side; before a clear, while the rows still tell who is concerned."""
    if action not in {"post_add", "post_remove", "pre_clear"}:
        return
    if not reverse:
        concerned = [instance.pk]
    elif pk_set is not None:
        concerned = list(pk_set)
    else:
        concerned = list(instance.user_set.values_list("pk", flat=True))
    User.objects.filter(pk__in=concerned).update(access_version=F("access_version") + 1)


@receiver(pre_delete, sender=Group)
def raise_access_version_of_those_it_held(instance: Group, **kwargs: Any) -> None:
    """With a group its memberships go, of which nobody is told."""
    held = instance.user_set.values("pk")
    User.objects.filter(pk__in=held).update(access_version=F("access_version") + 1)
