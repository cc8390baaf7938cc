"""What the portal asks of the members of a group, beside what the group grants."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class GroupPolicy(models.Model):
    group = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="policy")
    requires_second_factor = models.BooleanField(
        _("requires a second factor"),
        default=False,
        help_text=_("Its members can do nothing before they have set one up."),
    )

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")

    def __str__(self) -> str:
        return str(self.group)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """What is asked has changed: every session of the group's members is looked at again."""
        super().save(*args, **kwargs)
        members = User.objects.filter(groups=self.group_id)
        members.update(access_version=F("access_version") + 1)
