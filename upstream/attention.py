"""What an administrator should look at: people who wait, tokens that run out, providers that cannot answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _

from accounts.concerns import Concern, concerns_of_people
from accounts.mail import sends_mail
from upstream.models import Credential, Provider
from upstream.pool.alerts import administrators_addresses

SOON, VERY_SOON = timedelta(days=7), timedelta(hours=24)


def concerns() -> list[Concern]:
    """All that wants attention now, what presses first."""
    found = [*concerns_of_people(), *_of_credentials(), *_of_providers(), *_of_mail()]
    return sorted(found, key=lambda concern: not concern.presses)


def expiry_sentence(credential: Credential) -> str:
    """What is to be said of a token that has expired or will within SOON; empty for all others."""
    moment = credential.expires_at
    if moment is None or moment > timezone.now() + SOON:
        return ""
    if credential.has_expired:
        return _("The token of “%s” has expired. Paste a new one.") % credential
    named = {"credential": credential, "time": timeuntil(moment)}
    return _("The token of “%(credential)s” expires in %(time)s. Have a new one ready.") % named


def _of_credentials() -> Iterator[Concern]:
    out = Credential.objects.filter(is_enabled=True, provider__is_enabled=True)
    for credential in out.exclude(state=Credential.State.HEALTHY).select_related("provider"):
        url = reverse("admin:upstream_credential_change", args=[credential.pk])
        named = {"credential": credential, "state": credential.get_state_display()}
        said = _("“%(credential)s” is out: %(state)s. Paste a new secret, or disable it.") % named
        yield Concern(f"{said} {credential.reason}"[:400], url, presses=True)
    ending = Credential.objects.usable().filter(expires_at__lte=timezone.now() + SOON)
    for credential in ending.select_related("provider").order_by("expires_at"):
        url = reverse("admin:upstream_credential_change", args=[credential.pk])
        presses = credential.expires_at <= timezone.now() + VERY_SOON  # type: ignore[operator]
        yield Concern(expiry_sentence(credential), url, presses)


def _of_providers() -> Iterator[Concern]:
    enabled = Provider.objects.filter(is_enabled=True)
    for provider in enabled.filter(kind=Provider.Kind.CHATGPT_TOKEN, operator_acknowledged=False):
        sentence = _(
            "“%s” was set up from the environment: whoever operates its address sees the token and every conversation. "
            "Confirm that you trust them, or disable it."
        )
        yield Concern(sentence % provider, _change_page(provider), presses=False)
    usable = Credential.objects.usable().values("provider")
    for provider in enabled.exclude(pk__in=usable):
        sentence = _("“%s” has no credential that can be used. Add one.")
        url = f"{reverse('admin:upstream_credential_add')}?provider={provider.pk}"
        yield Concern(sentence % provider, url, presses=True)
    for provider in enabled.filter(pk__in=usable).exclude(language_models__is_enabled=True):
        sentence = _("“%s” offers no model. Fetch its list, or add one.")
        yield Concern(sentence % provider, _change_page(provider), presses=False)


def _of_mail() -> Iterator[Concern]:
    if sends_mail() and not administrators_addresses():
        sentence = _(
            "No administrator has an e-mail address, so that nobody is told by mail. Enter yours under Members."
        )
        yield Concern(sentence, reverse("admin:accounts_user_changelist"), presses=False)


def _change_page(provider: Provider) -> str:
    return reverse("admin:upstream_provider_change", args=[provider.pk])
