"""Providers, credentials and models in the admin. A secret goes in and never comes out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from upstream.errors import Unreachable
from upstream.guard import is_never_allowed, private_addresses
from upstream.models import Credential, LanguageModel, Provider


class ProviderForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Provider
        fields = (
            "title",
            "kind",
            "base_url",
            "own_host_may_be_private",
            "is_enabled",
            "connect_seconds",
            "silence_seconds",
            "continues_prefilled",
        )

    def clean_base_url(self) -> str:
        url: str = self.cleaned_data["base_url"].strip().rstrip("/")
        try:
            parts = urlsplit(url)
            _port = parts.port
        except ValueError as error:
            raise forms.ValidationError(_("This is no URL.")) from error
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise forms.ValidationError(
                _("A URL begins with https:// or http://, as in https://api.openai.com/v1")
            )
        if parts.username or parts.password or "\\" in url:
            raise forms.ValidationError(
                _("Leave name and password out of the URL; the secret has a field of its own.")
            )
        return url

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("base_url"):
            self._ask_about_private_addresses(
                cleaned["base_url"], allowed=cleaned.get("own_host_may_be_private")
            )
        return cleaned

    def _ask_about_private_addresses(self, url: str, *, allowed: bool | None) -> None:
        parts = urlsplit(url)
        try:
            private = private_addresses(
                parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
            )
        except Unreachable:
            self.add_error("base_url", _("No address is known for this host: %s") % parts.hostname)
            return
        named = {"addresses": ", ".join(private)}
        if any(is_never_allowed(address) for address in private):
            self.add_error("base_url", _("%(addresses)s can never be called.") % named)
        elif private and not allowed:
            sentence = _(
                "This host is on a private network (%(addresses)s). If that is meant, allow it here."
            )
            self.add_error("own_host_may_be_private", sentence % named)


class CredentialForm(forms.ModelForm):  # type: ignore[type-arg]
    new_secret = forms.CharField(
        label=_("secret"),
        required=False,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_(
            "It is stored encrypted and shown nowhere. Leave it empty to keep the one there is."
        ),
    )

    class Meta:
        model = Credential
        fields = ("provider", "title", "new_secret", "is_enabled")

    def save(self, commit: bool = True) -> Any:
        if self.cleaned_data["new_secret"]:
            self.instance.secret = self.cleaned_data["new_secret"]
            self.instance.revision += 1
        return super().save(commit)


@admin.register(Provider)
class ProviderAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = ProviderForm
    list_display = ("title", "kind", "base_url", "is_enabled")

    def save_model(self, request: HttpRequest, obj: Provider, form: Any, change: bool) -> None:
        """A secret belongs to the host that it was given for: who may change the host may not learn it so."""
        before = form.initial.get("base_url", "") if change else ""
        super().save_model(request, obj, form, change)
        if before and _origin(before) != _origin(obj.base_url):
            obj.credentials.all().forget_secrets()
            sentence = _(
                "The host has changed, so its credentials were emptied. Enter their secrets again."
            )
            messages.warning(request, sentence)


@admin.register(Credential)
class CredentialAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = CredentialForm
    list_display = ("__str__", "provider", "masked_tail", "is_enabled", "last_leased_at")
    list_select_related = ("provider",)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        return (
            ("provider",) if obj else ()
        )  # moved to another provider, the secret would go to its host

    def get_exclude(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        return ("secret",)


@admin.register(LanguageModel)
class LanguageModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("title", "name", "provider", "is_enabled", "is_default", "position")
    list_editable = ("is_enabled", "position")
    list_filter = ("provider",)
    list_select_related = ("provider",)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port
