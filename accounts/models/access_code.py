"""A code that a team passes around: whoever knows it may come in with a name alone."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

SHORTEST_CODE = 6


def code_digest(code: str) -> str:
    """What is kept of a code. People choose short ones, so that it is keyed with SECRET_KEY: a stolen database alone
    gives nobody the means to try them all.
    """
    return salted_hmac("accounts.access_code", code.strip(), algorithm="sha256").hexdigest()


class AccessCodeQuerySet(models.QuerySet["AccessCode"]):
    def open(self) -> AccessCodeQuerySet:
        return self.filter(revoked_at=None)

    def found_by(self, code: str) -> AccessCode | None:
        """The open one that says `code`."""
        return self.open().filter(digest=code_digest(code)).first()


class AccessCode(models.Model):
    title = models.CharField(_("name"), max_length=120, help_text=_("Whom you gave it to."))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    group = models.ForeignKey(
        Group,
        verbose_name=_("group"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Whoever comes by it becomes a member of this group."),
    )
    uses = models.PositiveIntegerField(_("came by it"), default=0, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)

    objects = AccessCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("access code")
        verbose_name_plural = _("access codes")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.title

    def claim_use(self) -> bool:
        """Count one more who comes by it; False when it was revoked meanwhile. For a transaction."""
        uses = {"uses": F("uses") + 1, "last_used_at": timezone.now()}
        return bool(AccessCode.objects.open().filter(pk=self.pk).update(**uses))

    def revoke(self) -> bool:
        """Let nobody in by it any more; False when it was revoked before. Who came by it stays."""
        return bool(AccessCode.objects.open().filter(pk=self.pk).update(revoked_at=timezone.now()))
