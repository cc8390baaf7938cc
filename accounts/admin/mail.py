"""The mail server in the portal's settings, and a button that tries it out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.audit import record
from accounts.mail import has_server, send_trial
from accounts.models import SiteSettings, User

FIELDS = (
    "mail_host",
    "mail_port",
    "mail_security",
    "mail_username",
    "new_mail_password",
    "mail_sender",
)


class MailFields(forms.ModelForm):
    """The password can be replaced, never read. A new server gets none that was meant for another."""

    new_mail_password = forms.CharField(
        label=gettext_lazy("Password at the mail server"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Empty keeps the one there is."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "mail_host" not in self.fields:  # not shown to this administrator
            return cleaned
        before = SiteSettings.current()
        moved = cleaned.get("mail_host", "") != before.mail_host
        if moved and before.mail_password and not cleaned.get("new_mail_password"):
            self.instance.mail_password = ""
        if password := cleaned.get("new_mail_password"):
            self.instance.mail_password = password
        return cleaned

    def clean_mail_host(self) -> str:
        host: str = self.cleaned_data["mail_host"].strip()
        if "/" in host or " " in host:
            raise forms.ValidationError(_("The name of the server alone, as in mail.example.com"))
        return host


@require_POST
def mail_trial(request: HttpRequest) -> HttpResponse:
    """Send a mail to whoever presses the button, and say what came of it."""
    if not request.user.has_perm("accounts.change_sitesettings"):
        raise PermissionDenied
    assert isinstance(request.user, User)
    site, to = SiteSettings.current(), request.user.email
    if not to:
        messages.error(request, _("You have no e-mail address yet: enter it under Members."))
    elif not has_server(site):
        messages.error(request, _("No mail server is set up. Enter one, and save."))
    elif problem := send_trial(site, to):
        sentence = _("The mail could not be sent. The server says: %s")
        messages.error(request, sentence % problem)
    else:
        messages.success(request, _("A mail was sent to %s. Look whether it comes.") % to)
        if not settings.PORTAL_URL:
            sentence = _("Members are sent none before PORTAL_URL says how the portal is reached.")
            messages.warning(request, sentence)
    record("mail_tried", actor=request.user, request=request)
    return redirect("admin:accounts_sitesettings_changelist")
