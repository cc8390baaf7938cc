"""Invitations and access codes in the admin: made, shown once, revoked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.audit import record
from accounts.mail import portal_link
from accounts.models import AccessCode, Invitation, SiteSettings, User
from accounts.models.access_code import SHORTEST_CODE, code_digest


class ShownOnceAdmin(admin.ModelAdmin):
    """What is made here can be read once, and revoked; it is never changed and never deleted, for it tells who came."""

    actions = ("revoke",)
    audited_actions = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) if obj is None else False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def shown(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What the page that shows it once says."""
        raise NotImplementedError

    def response_add(self, request: HttpRequest, obj: Any, *rest: Any) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": str(obj),
            "opts": self.opts,
            "list_url": reverse(f"admin:accounts_{self.opts.model_name}_changelist"),
            **self.shown(request, obj),
        }
        answer = render(request, "admin/accounts/shown_once.html", context)
        answer["Cache-Control"] = "no-store"
        return answer

    @admin.action(description=gettext_lazy("Revoke"))
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        revoked = [each for each in queryset if each.revoke()]
        for each in revoked:
            record(
                f"{self.opts.model_name}_revoked", actor=_me(request), target=each, request=request
            )
        sentence = ngettext(
            "One was revoked: it lets nobody in any more. Who came by it stays.",
            "%(count)d were revoked: they let nobody in any more. Who came by them stays.",
            len(revoked),
        )
        messages.success(request, sentence % {"count": len(revoked)})


@admin.register(Invitation)
class InvitationAdmin(ShownOnceAdmin):
    fields = ("title", "group", "most_uses", "expires_at")
    list_display = ("title", "group", "uses", "most_uses", "expires_at", "is_open", "created_by")
    list_filter = ("group",)
    search_fields = ("title", "created_by__username")
    list_select_related = ("group", "created_by")

    @admin.display(boolean=True, description=gettext_lazy("open"))
    def is_open(self, obj: Invitation) -> bool:
        return obj.is_open

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        obj.created_by = _me(request)
        token = obj.take_token()
        super().save_model(request, obj, form, change)
        request.shown_once = token  # type: ignore[attr-defined]

    def shown(self, request: HttpRequest, obj: Invitation) -> dict[str, Any]:
        token: str = request.shown_once  # type: ignore[attr-defined]
        path = reverse("accounts:invitation", args=[token])
        site = SiteSettings.current()
        return {
            "secret": portal_link(path)
            if settings.PORTAL_URL
            else request.build_absolute_uri(path),
            "explanation": _("Give this link to whom you invite. It is shown this once."),
            "warning": _(
                "Sign-up is closed, so that it opens nothing yet: choose another way in the settings."
            )
            if site.sign_up == SiteSettings.SignUp.CLOSED
            else "",
        }


class AccessCodeForm(forms.ModelForm):
    code = forms.CharField(
        label=gettext_lazy("Code"),
        min_length=SHORTEST_CODE,
        max_length=200,
        help_text=gettext_lazy(
            "Whoever knows it can come in. A sentence of some words is easy to pass on and hard to guess."
        ),
    )

    class Meta:
        model = AccessCode
        fields = ("title", "code", "group")

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if AccessCode.objects.filter(digest=code_digest(code)).exists():
            raise forms.ValidationError(_("This is a code already, or was one. Choose another."))
        return code


@admin.register(AccessCode)
class AccessCodeAdmin(ShownOnceAdmin):
    form = AccessCodeForm

    def get_fields(self, request: HttpRequest, obj: AccessCode | None = None) -> Any:
        return ("title", "code", "group") if obj is None else self.list_display

    list_display = ("title", "group", "uses", "last_used_at", "is_open", "created_at")
    list_filter = ("group",)
    search_fields = ("title",)
    list_select_related = ("group",)

    @admin.display(boolean=True, description=gettext_lazy("open"))
    def is_open(self, obj: AccessCode) -> bool:
        return obj.revoked_at is None

    def save_model(self, request: HttpRequest, obj: AccessCode, form: Any, change: bool) -> None:
        obj.digest = code_digest(form.cleaned_data["code"])
        super().save_model(request, obj, form, change)
        request.shown_once = form.cleaned_data["code"]  # type: ignore[attr-defined]

    def shown(self, request: HttpRequest, obj: AccessCode) -> dict[str, Any]:
        site = SiteSettings.current()
        return {
            "secret": request.shown_once,  # type: ignore[attr-defined]
            "explanation": _("Pass this code on. It is shown this once."),
            "warning": ""
            if site.sign_up == SiteSettings.SignUp.ACCESS_CODE
            else _("Codes are not asked for yet: choose “By access code” in the settings."),
        }


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
