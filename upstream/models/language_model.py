"""What a provider can run, and what members are offered."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from upstream.models.provider import Provider


class LanguageModelQuerySet(models.QuerySet["LanguageModel"]):
    def usable_by(self, user: Any) -> LanguageModelQuerySet:
        """What `user` may choose. Groups will narrow it; so far every member may use every enabled model."""
        if not user.is_active:
            return self.none()
        usable = self.filter(is_enabled=True, provider__is_enabled=True)
        return usable.select_related("provider").order_by("-is_default", "position", "title")


class LanguageModel(models.Model):
    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="language_models")
    name = models.CharField(_("name upstream"), max_length=200)
    title = models.CharField(_("title"), max_length=120, blank=True)
    is_enabled = models.BooleanField(_("offered to members"), default=True)
    is_default = models.BooleanField(_("default"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    context_window = models.PositiveIntegerField(
        _("context window"), null=True, blank=True, help_text=_("In tokens, where it is known.")
    )

    fallback = models.ForeignKey(
        "self",
        verbose_name=_("fallback"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Answers instead, when no credential of this model's provider can."),
    )

    objects = LanguageModelQuerySet.as_manager()

    class Meta:
        verbose_name = _("model")
        verbose_name_plural = _("models")
        constraints = (
            models.UniqueConstraint(
                fields=("provider", "name"), name="one_model_of_a_name_each_provider"
            ),
        )

    def __str__(self) -> str:
        return self.title or self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.title = self.title or self.name
        super().save(*args, **kwargs)
        if self.is_default:
            LanguageModel.objects.exclude(pk=self.pk).update(is_default=False)

    @property
    def note(self) -> str:
        """What members are told beside it: `demo`, or `shared-account` where somebody's account is lent; or nothing."""
        if self.provider.origin == Provider.Origin.DEMO:
            return "demo"
        return "shared-account" if self.provider.takes_access_tokens else ""
