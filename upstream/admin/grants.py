"""What a group grants, on the group's own page: the providers and models that its members may use."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.group import GroupAdmin
from upstream.models import LanguageModel, Provider
from upstream.models.offering import ModelOfferedTo, ProviderOfferedTo


class GrantInline(admin.TabularInline):  # type: ignore[type-arg]
    extra = 0
    readonly_fields = ("counts",)


class ProviderGrantInline(GrantInline):
    model = Provider.groups.through
    verbose_name = _("granted provider")
    verbose_name_plural = _("Grants these providers")

    @admin.display(description=_("what it means"))
    def counts(self, grant: Any) -> str:
        if not grant.pk:
            return ""
        if grant.provider.offered_to == ProviderOfferedTo.GROUPS:
            return str(_("Members may use its models, but for those with a setting of their own."))
        return str(_("Nothing so far: the provider is offered to everybody."))


class ModelGrantForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        labels = {"languagemodel": _("Model")}


class ModelGrantInline(GrantInline):
    model = LanguageModel.groups.through
    autocomplete_fields = ("languagemodel",)
    form = ModelGrantForm
    verbose_name = _("granted model")
    verbose_name_plural = _("Grants these models")

    @admin.display(description=_("what it means"))
    def counts(self, grant: Any) -> str:
        if not grant.pk:
            return ""
        if grant.languagemodel.offered_to == ModelOfferedTo.GROUPS:
            return str(_("Members may use it."))
        return str(_("Nothing so far: the model's own setting is not “the groups chosen below”."))


GroupAdmin.inlines = (*GroupAdmin.inlines, ProviderGrantInline, ModelGrantInline)
