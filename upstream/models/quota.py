"""A limit: how much members may ask for. On screens it is called so; the row is a quota."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

MOST_MESSAGES, MOST_TOKENS = 1_000_000_000, 10**15


class Quota(models.Model):
    """For a member, a group, or (with neither) for everybody. An empty number says nothing, so that what is less
    specific counts; 0 says that there is no limit.
    """

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("member"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="quota",
    )
    group = models.OneToOneField(
        Group,
        verbose_name=_("group"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="quota",
    )
    messages_an_hour = models.PositiveIntegerField(
        _("messages an hour"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_MESSAGES)],
        help_text=_("Empty: what is less specific counts. 0: no limit."),
    )
    tokens_a_month = models.PositiveBigIntegerField(
        _("tokens a month"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_TOKENS)],
        help_text=_("Of prompts and answers. Empty: what is less specific counts. 0: no limit."),
    )

    class Meta:
        verbose_name = _("limit")
        verbose_name_plural = _("limits")
        constraints = (
            models.CheckConstraint(
                condition=Q(member=None) | Q(group=None),
                name="limit_of_a_member_or_a_group",
                violation_error_message=_("Choose a member or a group, not both."),
            ),
            models.UniqueConstraint(
                models.Value(1),
                condition=Q(member=None, group=None),
                name="one_limit_for_everybody",
                violation_error_message=_("There is a limit for everybody already."),
            ),
        )

    def __str__(self) -> str:
        return str(self.member or self.group or _("Everybody"))
