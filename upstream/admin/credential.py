"""Credentials in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.audit import record
from upstream.admin.pasting import paste
from upstream.admin.pool import pause, pool_page, resume
from upstream.admin.trials import trial_page
from upstream.attention import expiry_sentence
from upstream.forms import CredentialForm
from upstream.models import Credential

# What the portal knows of a credential, beside what is entered.
KNOWN = ("state", "reason", "masked", "account", "life", "last_success_at", "last_error")


@admin.register(Credential)
class CredentialAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = CredentialForm
    change_form_template = "admin/upstream/credential/change_form.html"
    list_display = ("__str__", "provider", "account", "masked", "state", "life", "is_enabled")
    list_select_related = ("provider",)
    list_filter = ("provider", "is_enabled")

    def get_readonly_fields(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        # Moved to another provider, the secret would go to its host.
        return ("provider", *KNOWN) if obj else ()

    def get_fields(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        entered = (
            *("provider", "title", "new_secret", "is_enabled"),
            *("weight", "most_at_once", "most_a_minute", "most_a_day"),
        )
        return (*entered, *KNOWN) if obj else entered

    @admin.display(description=_("secret"))
    def masked(self, credential: Credential) -> str:
        return credential.masked_tail

    @admin.display(description=_("days left"), ordering="expires_at")
    def life(self, credential: Credential) -> str:
        """What a token says of its end; it is not verified, and the upstream may end it before."""
        if credential.expires_at is None:
            return "–"
        if credential.has_expired:
            return format_html('<b class="attention">{}</b>', _("expired"))
        days = credential.days_left or 0
        if expiry_sentence(credential):
            return format_html('<b class="attention">{}</b>', days)
        return str(days)

    def save_model(self, request: HttpRequest, obj: Credential, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        token = getattr(form, "token", None)
        if token and change:
            record("credential_rotated", actor=request.user, target=obj, request=request)
        if token and obj.provider.takes_access_tokens and not token.is_recognised:
            sentence = _(
                "It was saved, though it has not the form of a ChatGPT token. “Test now” shows whether it opens the "
                "provider."
            )
            messages.warning(request, str(sentence))
        elif expiry := expiry_sentence(obj):
            messages.warning(request, expiry)

    def response_add(self, request: HttpRequest, obj: Credential, *rest: Any) -> HttpResponse:
        """A new provider's first credential leads on to its list of models."""
        response = super().response_add(request, obj, *rest)
        first = not obj.provider.language_models.exists()
        if first and not {"_addanother", "_continue", "_popup"} & request.POST.keys():
            return redirect("admin:upstream_provider_change", obj.provider_id)
        return response

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("pool/", view(pool_page), name="upstream_pool"),
            path("paste/", view(paste), name="upstream_credential_paste"),
            path("<int:pk>/test/", view(require_POST(self.test)), name="upstream_credential_test"),
            path("<int:pk>/pause/", view(pause), name="upstream_pool_pause"),
            path("<int:pk>/resume/", view(resume), name="upstream_pool_resume"),
            *super().get_urls(),
        ]

    def test(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = get_object_or_404(Credential.objects.select_related("provider"), pk=pk)
        if not self.has_change_permission(request, found):
            raise PermissionDenied
        return trial_page(
            request, found, back_to=reverse("admin:upstream_credential_change", args=[pk])
        )
