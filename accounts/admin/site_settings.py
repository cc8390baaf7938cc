"""The portal's settings in the admin: one page, for there is one portal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.models import SiteSettings

ONLY_ROW = "1"


class SiteSettingsForm(forms.ModelForm):
    """Of the fields that the page's fieldsets name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "default_locale" in self.fields:
            none = _("%s, the language the portal is written in") % dict(settings.LANGUAGES).get(
                settings.LANGUAGE_CODE, settings.LANGUAGE_CODE
            )
            self.fields["default_locale"] = forms.ChoiceField(
                label=_("Default language"),
                choices=[("", none), *settings.LANGUAGES],
                required=False,
                help_text=_(
                    "For members who have not chosen one, and whose browser asks for none that is offered."
                ),
            )


@admin.register(SiteSettings)
class SiteSettingsAdmin(admin.ModelAdmin):
    """What is saved counts from the next request on, in every process (middleware.SettingsMiddleware)."""

    form = SiteSettingsForm
    change_form_template = "admin/accounts/sitesettings/change_form.html"
    fieldsets = (
        (None, {"fields": ("site_name", "default_locale", "default_theme")}),
        (_("Conversations"), {"fields": ("system_prompt",)}),
        (_("What is kept"), {"fields": ("audit_days", "deletion_days")}),
        (_("Who runs the portal"), {"fields": ("imprint_url", "privacy_url")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("admin:accounts_sitesettings_change", ONLY_ROW)

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Also where nothing was ever saved."""
        return SiteSettings.current() if object_id == ONLY_ROW else None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        alone = {"show_save_and_continue": False, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, alone)

    def response_change(self, request: HttpRequest, obj: SiteSettings) -> HttpResponse:
        """It stays: there is no list to go back to."""
        super().response_change(request, obj)  # says that it was saved
        return redirect("admin:accounts_sitesettings_change", ONLY_ROW)
