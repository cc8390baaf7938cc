"""A link that opens the door for somebody: how many times, until when, and into which group."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

WEEK = timedelta(days=7)


def in_a_week() -> Any:
    return timezone.now() + WEEK


def digest_of(token: str) -> str:
    """What is kept of a token. It is long and random, so that one plain round of SHA-256 hides it."""
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> InvitationQuerySet:
        """Those that still let somebody in."""
        unspent = Q(uses__lt=F("most_uses")) & Q(expires_at__gt=timezone.now())
        return self.filter(unspent, revoked_at=None)


class Invitation(models.Model):
    """Only the digest of its token is kept: the link is shown once, to whoever makes it."""

    digest = models.CharField(max_length=64, unique=True, editable=False)
    title = models.CharField(_("for"), max_length=120, help_text=_("Whom or what it is for."))
    group = models.ForeignKey(
        Group,
        verbose_name=_("group"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Whoever comes by it becomes a member of this group."),
    )
    most_uses = models.PositiveIntegerField(
        _("people"), default=1, validators=[MinValueValidator(1)]
    )
    uses = models.PositiveIntegerField(_("came by it"), default=0, editable=False)
    expires_at = models.DateTimeField(_("expires"), default=in_a_week)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        unspent = self.uses < self.most_uses and self.expires_at > timezone.now()
        return unspent and self.revoked_at is None

    def take_token(self) -> str:
        """Have a new token, which is returned and not kept; to be saved by the caller."""
        token = secrets.token_urlsafe(24)
        self.digest = digest_of(token)
        return token

    def claim_use(self) -> bool:
        """Count one more who comes by it; False when that would be one too many. For a transaction."""
        return bool(Invitation.objects.open().filter(pk=self.pk).update(uses=F("uses") + 1))

    def revoke(self) -> bool:
        """Let nobody in by it any more; False when it was revoked before."""
        unrevoked = Invitation.objects.filter(pk=self.pk, revoked_at=None)
        return bool(unrevoked.update(revoked_at=timezone.now()))
