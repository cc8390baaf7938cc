"""The admin's list of what there is, by what an administrator looks for and not by which app keeps it."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

PEOPLE, MODELS, PORTAL = "people", "models", "portal"
TITLES = {PEOPLE: _("People"), MODELS: _("Models and providers"), PORTAL: _("Portal")}
# Where the models of an app stand, except for those that are named below.
APPS = {"upstream": MODELS, "conversations": PORTAL}
PLACES = {"Quota": PEOPLE, "SiteSettings": PORTAL, "Announcement": PORTAL, "AuditRecord": PORTAL}
# What is looked for most stands first; the rest follows by name.
FIRST = (
    *("User", "Group", "Quota", "Invitation", "AccessCode"),
    *("Provider", "Credential", "LanguageModel"),
    *("SiteSettings", "Announcement", "PromptTemplate", "AuditRecord"),
)


class Administration(AdminSite):
    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The portal's own page: Django's would neither write it down nor forget a one-time password."""
        return redirect("account_change_password")

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """Django's list, in sections; for one app alone, as Django has it."""
        found: Any = super().get_app_list(request, app_label)
        if app_label is not None:
            return list(found)
        sections: dict[str, list[Any]] = {PEOPLE: [], MODELS: [], PORTAL: []}
        for app in found:
            for model in app["models"]:
                place = PLACES.get(model["object_name"]) or APPS.get(app["app_label"], PEOPLE)
                sections[place].append(model)
        front_page = reverse("admin:index")
        return [
            {
                "name": TITLES[name],
                "app_label": name,
                "app_url": f"{front_page}#{name}",
                "has_module_perms": True,
                "models": sorted(models, key=_rank),
            }
            for name, models in sections.items()
            if models
        ]


def _rank(model: dict[str, Any]) -> tuple[int, str]:
    name = model["object_name"]
    return (FIRST.index(name) if name in FIRST else len(FIRST), str(model["name"]))
