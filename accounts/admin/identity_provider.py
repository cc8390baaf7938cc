"""Identity providers in the admin: single sign-on, with the address that the provider has to know."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.models import SocialAccount
from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.mail import portal_link
from accounts.models import IdentityProvider


class IdentityProviderForm(forms.ModelForm):
    """The secret can be replaced, never read."""

    new_secret = forms.CharField(
        label=gettext_lazy("Client secret"),
        required=False,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Empty keeps the one there is."),
    )

    class Meta:
        model = IdentityProvider
        fields = (
            "title",
            "slug",
            "issuer",
            "client_id",
            "new_secret",
            "creates_accounts",
            "group",
            "trusts_email",
            "is_enabled",
        )

    def clean_issuer(self) -> str:
        """A secret is for the issuer that it was given for: who may change one may not learn it so."""
        issuer: str = self.cleaned_data["issuer"].rstrip("/")
        issuer = issuer.removesuffix("/.well-known/openid-configuration")
        if self.instance.pk and issuer != self.instance.issuer and _is_used(self.instance.slug):
            raise forms.ValidationError(
                _(
                    "Members come in by it, and another issuer may mean others by the same ids. Add another provider "
                    "for it, and disable this one."
                )
            )
        return issuer

    def clean_slug(self) -> str:
        """Whom a provider let in is known by its short name: with it, another would let in whom it takes for them."""
        slug: str = self.cleaned_data["slug"]
        if slug != self.instance.slug and (_is_used(slug) or _is_used(self.instance.slug)):
            raise forms.ValidationError(
                _(
                    "Members have come in by this short name. Keep it for that provider, or choose another."
                )
            )
        return slug

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        moved = self.instance.pk and cleaned.get("issuer") != self.instance.issuer
        if moved and self.instance.client_secret and not cleaned.get("new_secret"):
            self.add_error("new_secret", _("The issuer has changed: enter its secret."))
        return cleaned

    def save(self, commit: bool = True) -> Any:
        if secret := self.cleaned_data["new_secret"]:
            self.instance.client_secret = secret
        return super().save(commit)


@admin.register(IdentityProvider)
class IdentityProviderAdmin(admin.ModelAdmin):
    form = IdentityProviderForm
    list_display = ("title", "issuer", "is_enabled", "creates_accounts", "group")
    prepopulated_fields = {"slug": ("title",)}
    readonly_fields = ("return_address",)

    # Who chooses which service says who somebody is can have it say that they are the superuser.
    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = list(IdentityProviderForm.Meta.fields)
        return [*fields, "return_address"] if obj else fields

    @admin.display(description=gettext_lazy("return address"))
    def return_address(self, obj: IdentityProvider) -> str:
        """What the provider calls redirect URI."""
        path = reverse("openid_connect_callback", args=[obj.slug])
        return portal_link(path) if settings.PORTAL_URL else _("your address, then %s") % path


def _is_used(slug: str) -> bool:
    """Whether somebody has come in, or connected an account, by the provider of that short name."""
    return bool(slug) and SocialAccount.objects.filter(provider=slug).exists()
