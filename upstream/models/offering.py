"""To whom a provider and its models are offered: to everybody, or to the members of some groups.

A model is offered as its provider is, unless its own setting says otherwise; then the model's setting alone counts,
wider or narrower. Administrators are no exception. The conditions stand here once: `usable_by` asks for all of them,
and the page that explains (upstream/reasons.py) has the database tell them one by one.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ProviderOfferedTo(models.TextChoices):
    EVERYBODY = "everybody", _("Everybody")
    GROUPS = "groups", _("The groups chosen below")


class ModelOfferedTo(models.TextChoices):
    AS_PROVIDER = "provider", _("As its provider")
    EVERYBODY = "everybody", _("Everybody, whatever the provider says")
    GROUPS = "groups", _("The groups chosen below, whatever the provider says")


def conditions(person: Any, *, models_groups: Any, providers_groups: Any) -> dict[str, Q]:
    """What has to be true of a language model so that `person` may use it, by the name of the step.

    `person` is the id of somebody who is active, or an OuterRef to one; the groups are the tables that join models and
    providers to groups.
    """
    own_groups = models_groups.objects.filter(group__user=person).values("languagemodel")
    groups_of_provider = providers_groups.objects.filter(group__user=person).values("provider")
    as_provider = Q(offered_to=ModelOfferedTo.AS_PROVIDER)
    return {
        "offered": Q(is_enabled=True),
        "provider_enabled": Q(provider__is_enabled=True),
        "granted": (
            Q(offered_to=ModelOfferedTo.EVERYBODY)
            | Q(offered_to=ModelOfferedTo.GROUPS, pk__in=own_groups)
            | (as_provider & Q(provider__offered_to=ProviderOfferedTo.EVERYBODY))
            | (
                as_provider
                & Q(provider__offered_to=ProviderOfferedTo.GROUPS)
                & Q(provider__in=groups_of_provider)
            )
        ),
    }
