"""Who did what: one row for each thing that an administrator may have to answer for."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AuditRecord(models.Model):
    """Written by `accounts.audit.record` alone, changed by nobody. It outlives whom and what it is about: names are
    copied. No secret and no text of a conversation stands in it.
    """

    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    action = models.CharField(_("what"), max_length=64, db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    actor_name = models.CharField(_("name"), max_length=254, blank=True)
    object_type = models.CharField(_("kind of object"), max_length=64, blank=True)
    object_id = models.CharField(_("id of the object"), max_length=64, blank=True)
    object_name = models.CharField(_("object"), max_length=254, blank=True)
    detail = models.CharField(_("detail"), max_length=500, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)

    class Meta:
        verbose_name = _("record of who did what")
        verbose_name_plural = _("records of who did what")
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=("actor", "at"), name="audit_of_a_person"),)

    def __str__(self) -> str:
        return f"{self.object_name or self.actor_name} {self.at:%Y-%m-%d}".strip()
