"""Providers in the admin: where they are, how they are reached, and which models they list."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from accounts.audit import record
from accounts.secrets import SecretUnreadable
from upstream.admin.trials import trial_page
from upstream.catalog import Synced, fetch_models, sync_models
from upstream.environment import proxy_from_environment
from upstream.errors import UpstreamError
from upstream.forms import ProviderForm
from upstream.models import Credential, Provider
from upstream.pool.targets import target_of
from upstream.presets import PRESETS, preset


@admin.register(Provider)
class ProviderAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = ProviderForm
    change_form_template = "admin/upstream/provider/change_form.html"
    list_display = ("title", "kind", "base_url", "is_enabled", "offered_to")
    autocomplete_fields = ("groups",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "title",
                    "kind",
                    "base_url",
                    "operator_acknowledged",
                    "own_host_may_be_private",
                    "consent_for",
                    "is_enabled",
                )
            },
        ),
        (gettext_lazy("Who may use it"), {"fields": ("offered_to", "groups")}),
        (
            gettext_lazy("Proxy and time-outs"),
            {
                "fields": (
                    "proxy",
                    "proxy_may_be_private",
                    "connect_seconds",
                    "silence_seconds",
                    "longest_wait_seconds",
                )
            },
        ),
        (gettext_lazy("What it can do"), {"fields": ("continues_prefilled", "history_off")}),
    )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        if chosen := preset(request.GET.get("preset", "")):
            initial |= chosen.initial()
        with contextlib.suppress(ValueError):  # the start has complained of it
            initial["proxy"] = proxy_from_environment()
        return initial

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: Any = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        chosen = preset(request.GET.get("preset", "")) if object_id is None else None
        more = {"presets": PRESETS if object_id is None else (), "chosen_preset": chosen}
        return super().changeform_view(
            request, object_id, form_url, {**(extra_context or {}), **more}
        )

    def save_model(self, request: HttpRequest, obj: Provider, form: Any, change: bool) -> None:
        """A secret belongs to the host that it was given for: who may change the host may not learn it so."""
        before = form.initial.get("base_url", "") if change else ""
        super().save_model(request, obj, form, change)
        if before and _origin(before) != _origin(obj.base_url):
            obj.credentials.all().forget_secrets()
            sentence = _(
                "The host has changed, so its credentials were emptied and disabled. Enter their secrets again, and "
                "enable them."
            )
            messages.warning(request, sentence)

    def response_add(self, request: HttpRequest, obj: Provider, *rest: Any) -> HttpResponse:
        """A provider alone answers nothing: on to its credential."""
        response = super().response_add(request, obj, *rest)
        if {"_addanother", "_continue", "_popup"} & request.POST.keys():
            return response
        return redirect(f"{reverse('admin:upstream_credential_add')}?provider={obj.pk}")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/test/", view(require_POST(self.test)), name="upstream_provider_test"),
            path("<int:pk>/models/", view(require_POST(self.sync)), name="upstream_provider_sync"),
            *super().get_urls(),
        ]

    def test(self, request: HttpRequest, pk: int) -> HttpResponse:
        provider, credential = self._find(request, pk)
        back_to = reverse("admin:upstream_provider_change", args=[provider.pk])
        if credential is None:
            return redirect(back_to)
        return trial_page(request, credential, back_to=back_to)

    def sync(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Fetch the provider's list of models and add what is missing."""
        provider, credential = self._find(request, pk)
        if credential is not None:
            record("models_fetched", actor=request.user, target=provider, request=request)
            try:
                target = target_of(credential, credential.reveal())
                _say_synced(request, sync_models(provider, asyncio.run(fetch_models(target))))
            except SecretUnreadable:
                messages.error(request, _("No key opens its secret. Paste it again."))
            except UpstreamError as error:
                sentence = _("The list could not be fetched: %s Models can be added by hand.")
                messages.error(request, sentence % error.detail)
        return redirect("admin:upstream_provider_change", provider.pk)

    def _find(self, request: HttpRequest, pk: int) -> tuple[Provider, Credential | None]:
        provider = get_object_or_404(Provider, pk=pk)
        if not self.has_change_permission(request, provider):
            raise PermissionDenied
        usable = Credential.objects.usable().filter(provider=provider).select_related("provider")
        credential = usable.order_by("pk").first()
        if credential is None:
            messages.error(request, _("Give it a credential first."))
        return provider, credential


def _say_synced(request: HttpRequest, synced: Synced) -> None:
    added = ngettext(
        "%(added)d model was added, of %(listed)d that are listed.",
        "%(added)d models were added, of %(listed)d that are listed.",
        synced.added,
    )
    messages.success(request, added % {"added": synced.added, "listed": synced.listed})
    if synced.vanished:
        sentence = _(
            "These are offered to members and listed no more: %s. Hide them, or rename them."
        )
        messages.warning(request, sentence % ", ".join(synced.vanished))


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port
