"""allauth's OpenID client, and three things of ours: who answers is who was asked, where people come back to, and that
nobody is led to connect a log-in with their account.
"""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.functional import cached_property

from accounts.mail import portal_link


class WrongIssuer(Exception):
    """What is found at the issuer's address says that it is another."""


def connecting_proof(request: HttpRequest) -> str:
    """What the link to connect a log-in carries. Without it any page could send a member there, logged in at the
    provider as somebody else, who then came into the member's account.
    """
    return salted_hmac("accounts.openid.connecting", str(request.session.session_key)).hexdigest()


def means_to_connect(request: HttpRequest) -> bool:
    """Whether the request comes from the member's own page, of this session."""
    return constant_time_compare(request.GET.get("proof", ""), connecting_proof(request))


class OpenIDAdapter(OpenIDConnectOAuth2Adapter):
    @cached_property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself. Raises WrongIssuer: whoever answers in another's name is not asked on.

        Source: OpenID Connect Discovery 1.0, section 4.3. Django's cached_property: that of functools (before Python
        3.12) has a lock for all instances, so that one slow provider would hold up every other's log-ins.
        """
        said: dict[str, Any] = super().openid_config
        wanted: str = self.get_provider().app.settings["server_url"]
        if str(said["issuer"]).rstrip("/") != wanted.rstrip("/"):
            raise WrongIssuer
        return said

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """Made from PORTAL_URL, where it is known: the provider compares it with what was registered there."""
        path = reverse("openid_connect_callback", kwargs={"provider_id": self.provider_id})
        return portal_link(path) if settings.PORTAL_URL else request.build_absolute_uri(path)
