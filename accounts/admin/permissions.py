"""What staff may do, said in the reader's language: Django keeps the names of rights in the database, in English."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class PermissionsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        verb = obj.codename.partition("_")[0]
        model = obj.content_type.model_class()
        said = {"add": _("add"), "change": _("change"), "delete": _("delete"), "view": _("look at")}
        name = capfirst(str(model._meta.verbose_name_plural)) if model else obj.content_type.model
        return f"{name}: {said.get(verb, obj.name)}"


def permissions_field(**options: Any) -> PermissionsField:
    """Of what the administration has pages for: other rights open nothing."""
    models = list(admin.site._registry)
    types = ContentType.objects.get_for_models(*models, for_concrete_models=False).values()
    offered = Permission.objects.filter(content_type__in=types).select_related("content_type")
    return PermissionsField(
        offered, label=gettext_lazy("May"), required=False, help_text=options.get("help_text", "")
    )
