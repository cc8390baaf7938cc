"""A person named by a proxy is logged in before anything else is asked."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.middleware import Middleware
from accounts.proxy_header import Ambiguous, NotFromAProxy, named_person
from accounts.proxy_log_in import NoSuchName, follow
from accounts.refused import refused


class ProxyLogInMiddleware(Middleware):
    """Stands before LoginRequiredMiddleware; does nothing unless PORTAL_AUTH_HEADER is set."""

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if not settings.PORTAL_AUTH_HEADER:
            return None
        try:
            name = named_person(request)
        except NotFromAProxy:
            return refused(request, _not_from_a_proxy())
        except Ambiguous:
            return refused(request, _("The header that names a member came more than once."))
        is_log_in = request.path == reverse("account_login")
        if not getattr(view_func, "login_required", True) and not is_log_in:
            return None
        try:
            return follow(request, name)
        except NoSuchName:
            return refused(
                request, _("What the proxy says is no username: letters, digits and @ . + - _ are.")
            )


def _not_from_a_proxy() -> str:
    sentence = _(
        "This request names a member in its header %(header)s, but does not come from a proxy that is listed in "
        "PORTAL_AUTH_PROXIES. Go through the proxy, or have the list completed."
    )
    return sentence % {"header": settings.PORTAL_AUTH_HEADER}
