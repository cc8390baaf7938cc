"""Mail: by EMAIL_URL or, without it, as an administrator has set it up. Without either none is sent.

Read anew for each mail, so that a change needs no restart.
"""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import gettext as _

from accounts.models import SiteSettings

PATIENCE = 15  # seconds for the mail server to answer

MailFailure = (smtplib.SMTPException, OSError, ValueError)


class PortalBackend(BaseEmailBackend):
    """What Django sends mail with: whichever server is set up at the moment."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        site = SiteSettings.current()
        for message in email_messages:
            if message.from_email == settings.DEFAULT_FROM_EMAIL:
                message.from_email = sender(site)
        connection = connection_of(site, fail_silently=self.fail_silently)
        return connection.send_messages(email_messages) or 0


def sends_mail() -> bool:
    """Whether mail is set up, and members can be given links that lead here."""
    return bool(settings.PORTAL_URL) and has_server(SiteSettings.current())


def has_server(site: SiteSettings) -> bool:
    return bool(settings.MAIL_BY_ENVIRONMENT or site.mail_host)


def sender(site: SiteSettings) -> str:
    """Who mails come from."""
    return site.mail_sender or str(settings.DEFAULT_FROM_EMAIL)


def portal_link(path: str) -> str:
    """The address of `path` as members type it: made from PORTAL_URL, for whoever asks for a mail chooses the Host."""
    parts = urlsplit(settings.PORTAL_URL)
    return f"{parts.scheme}://{parts.netloc}{path}"


def send_trial(site: SiteSettings, to: str) -> str:
    """Send a mail to `to` by what `site` says, saved or not; returns why it could not be sent, or nothing."""
    message = EmailMessage(
        _("Mail from the chat portal works"),
        _("You asked the portal to try out its mail set-up. This is the mail."),
        sender(site),
        [to],
        connection=connection_of(site),
    )
    try:
        message.send()
    except MailFailure as error:
        return f"{type(error).__name__}: {error}"[:300]
    return ""


def connection_of(site: SiteSettings, *, fail_silently: bool = False) -> Any:
    if settings.MAIL_BY_ENVIRONMENT or not site.mail_host:
        return get_connection(settings.MAIL_BACKEND, fail_silently=fail_silently)
    security = site.mail_security
    return get_connection(
        "django.core.mail.backends.smtp.EmailBackend",
        fail_silently=fail_silently,
        host=site.mail_host,
        port=site.mail_port,
        username=site.mail_username,
        password=site.mail_password or "",
        use_tls=security == SiteSettings.MailSecurity.STARTTLS,
        use_ssl=security == SiteSettings.MailSecurity.TLS,
        timeout=PATIENCE,
    )
