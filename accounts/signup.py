"""Coming in: who may open an account, and what mails say. So far an administrator creates members."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send nothing before an administrator has set up mail: printed to the log, a reset link opens an account."""
        if settings.PORTAL_SENDS_MAIL:
            super().send_mail(template_prefix, email, context)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Made from PORTAL_URL: whoever asks for the mail chooses the Host header."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        path = path.replace("UID-KEY", key)
        origin = urlsplit(settings.PORTAL_URL)
        return f"{origin.scheme}://{origin.netloc}{path}"
