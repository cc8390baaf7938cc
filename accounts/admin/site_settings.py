"""The portal's settings in the admin: one page, for there is one portal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext_lazy as _

from accounts.admin import mail
from accounts.admin.mail import MailFields
from accounts.mail import has_server
from accounts.models import SiteSettings

ONLY_ROW = "1"


class SiteSettingsForm(MailFields):
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

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("sign_up") == SiteSettings.SignUp.EMAIL_DOMAIN:
            if not cleaned.get("allowed_email_domains", "").strip():
                self.add_error("allowed_email_domains", _("Name at least one domain."))
            will_send = cleaned.get("mail_host") or has_server(SiteSettings.current())
            if not will_send or not settings.PORTAL_URL:
                sentence = _(
                    "An address is proved by a mail, so that this needs a mail server, and PORTAL_URL for the link."
                )
                self.add_error("sign_up", sentence)
        return cleaned


@admin.register(SiteSettings)
class SiteSettingsAdmin(admin.ModelAdmin):
    """What is saved counts from the next request on, in every process (middleware.SettingsMiddleware)."""

    form = SiteSettingsForm
    change_form_template = "admin/accounts/sitesettings/change_form.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "site_name",
                    "default_locale",
                    "default_theme",
                    "default_accent",
                    "default_text_size",
                )
            },
        ),
        (_("Who may come in"), {"fields": ("sign_up", "allowed_email_domains")}),
        (_("Conversations"), {"fields": ("system_prompt",)}),
        (
            _("Mail"),
            {
                "fields": mail.FIELDS,
                "description": _(
                    "For new passwords, verified addresses and alerts. Save first, then try it out. EMAIL_URL in the "
                    "environment goes before it."
                ),
            },
        ),
        (_("What is kept"), {"fields": ("audit_days", "deletion_days")}),
        (_("Who runs the portal"), {"fields": ("imprint_url", "privacy_url")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Mail is for superusers: its server reads the links that open accounts, theirs among them."""
        found = super().get_fieldsets(request, obj)
        if request.user.is_superuser:
            return found
        return [each for each in found if each[1]["fields"] != mail.FIELDS]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        trial = path("mail-trial/", view(mail.mail_trial), name="accounts_sitesettings_mail_trial")
        return [trial, *super().get_urls()]

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
