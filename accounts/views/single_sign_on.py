"""Log-in by an OpenID provider: there and back. allauth speaks the protocol; here its failures get sentences."""

from __future__ import annotations

import logging
from typing import Any

import requests
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import IdentityProvider
from accounts.openid import OpenIDAdapter, WrongIssuer, means_to_connect
from accounts.refused import refused

logger = logging.getLogger(__name__)
# What a provider that is down, or says something that is none, makes of it.
Failure = (requests.RequestException, OAuth2Error, ValueError, KeyError, TypeError, AttributeError)


@login_not_required
@never_cache
@require_GET
def single_sign_on(request: HttpRequest, provider_id: str) -> HttpResponse:
    if request.GET.get("process") == "connect" and not means_to_connect(request):
        return redirect("socialaccount_connections")  # where the link is that does it
    return _speak(request, provider_id, OAuth2LoginView)


@login_not_required
@never_cache
@require_GET
def single_sign_on_return(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _speak(request, provider_id, OAuth2CallbackView)


def _speak(request: HttpRequest, slug: str, view: Any) -> HttpResponse:
    found = get_object_or_404(IdentityProvider, slug=slug, is_enabled=True)
    try:
        answer: HttpResponse = view.adapter_view(OpenIDAdapter(request, slug))(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    except WrongIssuer:
        logger.warning("%s answers as another issuer", found.issuer)
        sentence = _(
            "“%s” says that it is another than the portal was told. Tell your administrator."
        )
        return refused(request, sentence % found, status=502)
    except Failure as failure:
        logger.warning("%s does not answer: %s", found.issuer, type(failure).__name__)
        sentence = _("“%s” does not answer as it should. Try again later, or log in another way.")
        return refused(request, sentence % found, status=502)
    return answer
