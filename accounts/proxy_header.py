"""Log-in by a proxy that knows its people: PORTAL_AUTH_HEADER names them, in requests from PORTAL_AUTH_PROXIES alone.

Off unless both are set. The word of anybody else is refused, not ignored: it is an attack, or a proxy that was
forgotten in the list, and either wants to be known.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from django.conf import settings
from django.http import HttpRequest


class NotFromAProxy(Exception):
    """The header came from an address that is not listed."""


class Ambiguous(Exception):
    """The header came more than once: one of them was brought by the browser."""


def named_person(request: HttpRequest) -> str | None:
    """Whom the proxy names; None where there is no header, or no such log-in. Raises NotFromAProxy or Ambiguous."""
    if not settings.PORTAL_AUTH_HEADER:
        return None
    values = _values(request)
    if not values:
        return None
    if not is_listed(peer_of(request)):
        raise NotFromAProxy
    if len(values) > 1:
        raise Ambiguous
    return values[0].strip() or None


def peer_of(request: HttpRequest) -> str:
    """The address that holds the other end of the connection, whatever X-Forwarded-For says."""
    scope: Any = getattr(request, "scope", None)
    if scope is None:  # not served by ASGI: what there is is the connection's own
        return str(request.META.get("REMOTE_ADDR", ""))
    peer = scope.get("peer") or scope.get("client") or ("",)
    return str(peer[0])


def is_listed(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return any(found in network for network in proxy_networks())


def proxy_networks() -> list[Any]:
    """Raises ValueError for what is neither an address nor a network; a system check says so at the start."""
    return [ipaddress.ip_network(each.strip()) for each in settings.PORTAL_AUTH_PROXIES]


def _values(request: HttpRequest) -> list[str]:
    """As they were sent: Django joins two of a name, and takes `-` and `_` for the same."""
    name = settings.PORTAL_AUTH_HEADER
    scope: Any = getattr(request, "scope", None)
    if scope is None:
        value = request.headers.get(name)
        return [] if value is None else [value]
    wanted = name.lower().encode()
    return [_decoded(value) for key, value in scope["headers"] if key.lower() == wanted]


def _decoded(value: bytes) -> str:
    """Names in any script come as UTF-8; what is not is Latin-1, as HTTP has it."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
