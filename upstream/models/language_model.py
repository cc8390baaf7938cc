"""What a provider can run, and what members are offered."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from upstream.models.offering import ModelOfferedTo, conditions
from upstream.models.provider import Provider

SOMEBODY = -4711  # nobody's id


class LanguageModelQuerySet(models.QuerySet["LanguageModel"]):
    def usable_by(self, user: Any) -> LanguageModelQuerySet:
        """What `user` may choose and be answered by, in one query: see offering.py for the rule."""
        if not user.is_active:
            return self.none()
        usable = self.filter(pk__in=RawSQL(*_usable_ids(user.pk)))
        return usable.select_related("provider").order_by("-is_default", "position", "title")

    def usable_by_id(self, person: Any) -> LanguageModelQuerySet:
        """The same for an OuterRef to somebody who is active, in no order."""
        return self.filter(*usable_if(person).values())


def usable_if(person: Any) -> dict[str, Q]:
    """The conditions under which `person` may use a model, by the name of the step."""
    return conditions(
        person,
        models_groups=LanguageModel.groups.through,
        providers_groups=Provider.groups.through,
    )


def _usable_ids(person: int) -> tuple[str, list[Any]]:
    """The statement for the ids of the models that `person` may use, and what goes into it."""
    statement, parameters = _statement_of_usable_ids()
    return statement, [person if each == SOMEBODY else each for each in parameters]


@cache
def _statement_of_usable_ids() -> tuple[str, tuple[Any, ...]]:
    """Built once, of the same conditions: building it costs more than running it, and every message asks it."""
    ids = LanguageModel.objects.filter(*usable_if(SOMEBODY).values()).values("pk")
    statement, parameters = ids.query.sql_with_params()
    return statement, tuple(parameters)


class LanguageModel(models.Model):
    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="language_models")
    name = models.CharField(_("name upstream"), max_length=200)
    title = models.CharField(_("title"), max_length=120, blank=True)
    is_enabled = models.BooleanField(_("offered to members"), default=True)
    offered_to = models.CharField(
        _("offered to"),
        max_length=16,
        choices=ModelOfferedTo,
        default=ModelOfferedTo.AS_PROVIDER,
        help_text=_("A setting of its own counts instead of its provider's, wider or narrower."),
    )
    groups = models.ManyToManyField(
        Group,
        verbose_name=_("groups"),
        blank=True,
        related_name="language_models",
        help_text=_("Whoever is in one of them may use it. None chosen: nobody may."),
    )
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
