"""Telling administrators, by e-mail and webhook. What is to be told is a row first, and is tried until it was told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.languages import in_language_of
from accounts.mail import sends_mail
from accounts.models import SiteSettings, User
from upstream.models import Alert, Credential, Webhook

MOST_TRIES = 8
FIRST_PAUSE = timedelta(seconds=10)  # doubled with each try
CLAIMED_FOR = timedelta(minutes=2)
MOST_AT_ONCE = 20
EXPIRY_NEARS = (timedelta(days=7), timedelta(hours=24))


def raise_alerts(credential: Credential, *, event: str, detail: str = "") -> None:
    """Note what administrators are to be told of `credential`, for each channel that there is."""
    text = sentence(credential, event=event, detail=detail)
    channels: list[Webhook | None] = list(Webhook.objects.filter(is_enabled=True))
    if sends_mail():
        channels.append(None)
    Alert.objects.bulk_create(
        Alert(event=event, credential=credential, text=text, webhook=webhook)
        for webhook in channels
    )


def sentence(credential: Credential, *, event: str, detail: str) -> str:
    named = {
        "credential": credential.title or credential.account or f"#{credential.pk}",
        "provider": credential.provider,
    }
    said = {
        "credential_expired": _(
            "“%(credential)s” of “%(provider)s” was refused or has expired, and is used no more."
        ),
        "credential_blocked": _("The account of “%(credential)s” of “%(provider)s” was closed."),
        "token_expires_soon": _("The token “%(credential)s” of “%(provider)s” expires soon."),
    }[event] % named
    return f"{said} {detail}".strip()


def watch_expiry() -> None:
    """Take out tokens whose time is over, and tell of those that have a week and a day left; each once."""
    now = timezone.now()
    healthy = Credential.objects.usable().select_related("provider").defer("secret")
    for credential in healthy.filter(expires_at__lte=now):
        rows = Credential.objects.filter(pk=credential.pk, state=Credential.State.HEALTHY)
        reason = _("The token says that its time is over.")
        if rows.update(state=Credential.State.EXPIRED, reason=reason):
            raise_alerts(credential, event="credential_expired", detail=reason)
    for ahead in EXPIRY_NEARS:
        # Told before means: since it came this near.
        near = healthy.filter(expires_at__gt=now, expires_at__lte=now + ahead)
        told = Alert.objects.filter(event="token_expires_soon")
        for credential in near:
            assert credential.expires_at is not None
            since = credential.expires_at - ahead
            if not told.filter(credential=credential, created_at__gte=since).exists():
                raise_alerts(
                    credential,
                    event="token_expires_soon",
                    detail=f"{timezone.localtime(credential.expires_at):%Y-%m-%d %H:%M %Z}",
                )


def administrators_addresses() -> list[str]:
    staff = User.objects.filter(is_active=True, is_staff=True).exclude(email="")
    return list(staff.values_list("email", flat=True))


def tell_by_mail() -> None:
    """Send the mails that wait, to every administrator who has an address."""
    addresses = administrators_addresses()
    if not addresses:
        return  # they wait: the front page of the administration says so (attention.py)
    for alert in claim(Alert.objects.filter(webhook=None)):
        try:
            with in_language_of(None):  # one mail to all of them: in the portal's
                subject = _("%s: a credential wants attention")
                send_mail(
                    subject % SiteSettings.current().shown_name,
                    f"{alert.text}\n\n{page_of(alert)}\n",
                    None,
                    addresses,
                )
        except OSError as error:
            note_untold(alert.pk, f"{type(error).__name__}: {error}")
        else:
            note_told(alert.pk)


def note_told(alert_id: int) -> None:
    Alert.objects.filter(pk=alert_id).update(told_at=timezone.now(), problem="")


def note_untold(alert_id: int, problem: str) -> None:
    alert = Alert.objects.get(pk=alert_id)
    pause = FIRST_PAUSE * 2**alert.tries
    Alert.objects.filter(pk=alert_id).update(
        next_try_at=timezone.now() + pause, problem=problem[:300]
    )


def claim(alerts: Any) -> list[Alert]:
    """Those of `alerts` that are to be told now; each is given to one process."""
    now = timezone.now()
    due = Q(told_at=None, next_try_at__lte=now, tries__lt=MOST_TRIES)
    claimed = []
    for alert in alerts.filter(due).select_related("webhook", "credential__provider")[
        :MOST_AT_ONCE
    ]:
        rows = Alert.objects.filter(due, pk=alert.pk)
        if rows.update(tries=F("tries") + 1, next_try_at=now + CLAIMED_FOR):
            claimed.append(alert)
    return claimed


def page_of(alert: Alert) -> str:
    """Where the administrator sees to it."""
    path = reverse("admin:upstream_credential_change", args=[alert.credential_id])
    return f"{settings.PORTAL_URL}{path}"
