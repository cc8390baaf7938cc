"""What allauth asks the portal: who may come in, what mails say, how second factors are kept, who else vouches."""

from __future__ import annotations

import contextlib
import logging
from base64 import b32encode
from secrets import token_bytes
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.languages import in_language_of
from accounts.mail import portal_link, sender, sends_mail
from accounts.models import IdentityProvider, SiteSettings, User
from accounts.openid import OpenIDAdapter
from accounts.refused import refused
from accounts.secrets import SecretUnreadable, seal, unseal

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are opened at our own door (views/joining.py)."""
        return False

    def get_login_stages(self) -> list[str]:
        """Where an address let somebody in, it is proved first."""
        stages = super().get_login_stages()
        return [
            "accounts.stages.ProvenEmailStage"
            if stage.endswith("EmailVerificationStage")
            else stage
            for stage in stages
        ]

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """allauth's has the Host in it, which whoever guesses may choose anew each time."""
        login: str = credentials.get("email") or credentials.get("username") or ""
        return f"login:{login.casefold()}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send nothing before mail is set up: printed to the log, a reset link opens an account."""
        if sends_mail():
            ours = _links_of_mails()
            if template_prefix.endswith("password_reset_key"):
                del ours[
                    "password_reset_url"
                ]  # there it is the link of get_reset_password_from_key_url
            person = context.get("user")
            # Who has no account yet, or has not chosen, is written to as their page spoke.
            chosen = bool(getattr(person, "locale", ""))
            with in_language_of(person) if chosen else contextlib.nullcontext():
                super().send_mail(template_prefix, email, {**context, **ours})

    def format_email_subject(self, subject: str) -> str:
        return f"[{portal_name()}] {subject}"

    def get_from_email(self) -> str:
        return sender(SiteSettings.current())

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return portal_link(path.replace("UID-KEY", key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return portal_link(reverse("account_confirm_email", args=[emailconfirmation.key]))


class SecondFactorAdapter(DefaultMFAAdapter):
    """The secrets of second factors are encrypted; allauth would keep them as they are."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return unseal(encrypted_text)
        except SecretUnreadable:
            # What no key opens lets nobody in. Anything that can be foreseen would: its codes can be worked out.
            return b32encode(token_bytes(20)).decode()

    def _get_site_name(self) -> str:
        return portal_name()


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """OpenID providers are rows of ours, with their secrets encrypted (models/identity_provider.py)."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        found = IdentityProvider.objects.filter(is_enabled=True)
        if provider and provider != "openid_connect":
            found = found.filter(slug=provider)
        if client_id:
            found = found.filter(client_id=client_id)
        return [_app_of(each) for each in found]

    def get_provider(
        self, request: HttpRequest, provider: str, client_id: str | None = None
    ) -> Any:
        found = super().get_provider(request, provider, client_id)
        found.oauth2_adapter_class = OpenIDAdapter
        return found

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Whoever has an account with that address shows first that it is theirs."""
        if sociallogin.is_existing or sociallogin.state.get("process") == "connect":
            return
        address = sociallogin.user.email
        if address and User.objects.filter(email__iexact=address).exists():
            sentence = _(
                "A member has this e-mail address already. If it is you, log in with your password, and connect "
                "“%s” under Profile, Single sign-on."
            )
            raise ImmediateHttpResponse(refused(request, sentence % _provider_of(sociallogin)))

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Any = None,
        extra_context: Any = None,
    ) -> None:
        """Nobody is shown what the provider said: it may name what is inside."""
        if error == AuthError.CANCELLED:
            return
        name = type(exception).__name__ if exception else str(error)
        logger.warning("%s did not let somebody in: %s", provider.app.provider_id, name)
        sentence = _("“%s” did not let you in, or you came back too late. Try again.")
        raise ImmediateHttpResponse(refused(request, sentence % provider.app.name))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        found = _provider_of(sociallogin)
        return found is not None and found.creates_accounts

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        sociallogin.user.joined_by = User.JoinedBy.SINGLE_SIGN_ON
        user: User = super().save_user(request, sociallogin, form)
        found = _provider_of(sociallogin)
        if found is not None and found.group is not None:
            user.groups.add(found.group)
        record("joined", actor=user, target=found, request=request, detail="by single sign-on")
        return user


def _links_of_mails() -> dict[str, Any]:
    """allauth would make them from the Host, which whoever asks for the mail chooses."""
    return {
        "current_site": {"name": portal_name(), "domain": portal_link("/")},
        "signup_url": portal_link(reverse("accounts:join")),
        "password_reset_url": portal_link(reverse("account_reset_password")),
    }


def portal_name() -> str:
    return SiteSettings.current().shown_name


def _provider_of(login: SocialLogin) -> IdentityProvider | None:
    return IdentityProvider.objects.filter(slug=login.account.provider, is_enabled=True).first()


def _app_of(found: IdentityProvider) -> SocialApp:
    """As allauth wants it; never saved."""
    return SocialApp(
        provider="openid_connect",
        provider_id=found.slug,
        name=found.title,
        client_id=found.client_id,
        secret=found.client_secret or "",
        settings={
            "server_url": found.issuer.rstrip("/"),
            "oauth_pkce_enabled": True,
            "verified_email": found.trusts_email,
            "email_authentication": found.trusts_email,
        },
    )
