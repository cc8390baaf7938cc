"""Where a form leads that can be sent from any page."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def way_back(request: HttpRequest) -> str:
    """The page that the form names, if it is one of ours; else the portal's first."""
    asked = request.POST.get("next", "")
    hosts = {request.get_host()}
    own = url_has_allowed_host_and_scheme(asked, hosts, require_https=request.is_secure())
    return asked if own else "conversations:home"
