"""A saved text that a person can insert. One without an owner is shared: administrators keep it for everybody."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

TITLE_LENGTH = 200
TEXT_LENGTH = 100_000


class PromptTemplateQuerySet(models.QuerySet["PromptTemplate"]):
    def visible_to(self, user: Any) -> PromptTemplateQuerySet:
        return self.filter(models.Q(owner=user) | models.Q(owner=None), deleted_at=None)

    def owned_by(self, user: Any) -> PromptTemplateQuerySet:
        """What `user` keeps; with None, what is shared."""
        return self.filter(owner=user, deleted_at=None)

    def editable_by(self, user: Any) -> PromptTemplateQuerySet:
        return self.filter(_kept_by(user), deleted_at=None)

    def deleted_by(self, user: Any) -> PromptTemplateQuerySet:
        return self.filter(_kept_by(user), deleted_at__isnull=False)

    def by_title(self) -> PromptTemplateQuerySet:
        return self.order_by(Lower("title"), "pk")


def _kept_by(user: Any) -> models.Q:
    """Own ones, and for administrators the shared ones; never somebody else's."""
    own = models.Q(owner=user)
    return own | models.Q(owner=None) if user.is_staff else own


class PromptTemplate(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        editable=False,
        related_name="prompt_templates",
    )
    title = models.CharField(_("title"), max_length=TITLE_LENGTH)
    text = models.TextField(_("text"), max_length=TEXT_LENGTH)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Kept for a while, for Undo.
    deleted_at = models.DateTimeField(null=True, editable=False)

    objects = PromptTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("prompt template")
        verbose_name_plural = _("prompt templates")
        indexes = (
            models.Index(fields=("owner", "deleted_at"), name="prompt_templates_of_an_owner"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def is_shared(self) -> bool:
        return self.owner_id is None
