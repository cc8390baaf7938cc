"""Webhooks in the admin: their addresses let one write somewhere, and are kept like secrets."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from upstream.errors import Unreachable
from upstream.forms import WriteOnlyTextarea
from upstream.guard import is_never_allowed, private_addresses
from upstream.models import Webhook


class WebhookForm(forms.ModelForm):  # type: ignore[type-arg]
    new_url = forms.CharField(
        label=_("URL"),
        required=False,
        max_length=2000,
        widget=WriteOnlyTextarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        help_text=_(
            "It is stored encrypted and not shown again. Leave it empty to keep the one there is."
        ),
    )

    class Meta:
        model = Webhook
        fields = ("title", "kind", "new_url", "may_be_private", "is_enabled")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        url = (cleaned.get("new_url") or "").strip()
        if not url:
            if not self.instance.url:
                self.add_error("new_url", _("Enter the address that the service gave you."))
            return cleaned
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            private = private_addresses(parts.hostname or "", port)
        except (ValueError, Unreachable):
            self.add_error("new_url", _("No address is known for this host."))
            return cleaned
        if parts.username is not None or parts.password is not None:
            self.add_error("new_url", _("Leave name and password out of the URL."))
        elif parts.scheme not in {"http", "https"} or any(map(is_never_allowed, private)):
            self.add_error("new_url", _("This address cannot be called."))
        elif private and not cleaned.get("may_be_private"):
            self.add_error(
                "may_be_private",
                _("This host is on a private network. If that is meant, allow it here."),
            )
        cleaned["new_url"] = url
        return cleaned

    def save(self, commit: bool = True) -> Any:
        if self.cleaned_data["new_url"]:
            self.instance.url = self.cleaned_data["new_url"]
        return super().save(commit)


@admin.register(Webhook)
class WebhookAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = WebhookForm
    list_display = ("title", "kind", "where", "is_enabled")

    @admin.display(description=_("URL"))
    def where(self, webhook: Webhook) -> str:
        return webhook.shown_url
