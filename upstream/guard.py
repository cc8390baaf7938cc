"""Which addresses may be called.

The check sits where the socket is made, after names were resolved and with the address that is then connected to: a
name that changes its address between check and use, a decimal or mapped form, all come by here as what they are.
Redirects are not followed (client.py), so that the provider's own host and port is all that is ever called.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

from upstream.errors import Unreachable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefused(OSError):
    """An OSError, so that the HTTP client treats it as a connection that failed and tries the next address."""


def meant_address(host: str) -> Address:
    """The address that a packet to `host` really goes to: IPv4 inside IPv6 (mapped, 6to4, NAT64) is taken out."""
    address = ipaddress.ip_address(host.partition("%")[0])
    if not isinstance(address, ipaddress.IPv6Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address.sixtofour:
        return address.sixtofour
    if address in ipaddress.ip_network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_private(host: str) -> bool:
    """Whether `host` (an address) lies outside the public internet."""
    return not meant_address(host).is_global or meant_address(host).is_multicast


def is_never_allowed(host: str) -> bool:
    """Whether no administrator may allow `host`: cloud metadata lives on link-local addresses."""
    address = meant_address(host)
    return address.is_link_local or address.is_multicast or address.is_unspecified


def check_address(host: str, port: int, *, private_port: int | None) -> None:
    """Raise AddressRefused unless `host` is public, or private ones are allowed and `port` is the one allowed."""
    if is_never_allowed(host) or (is_private(host) and port != private_port):
        raise AddressRefused(f"the address {host}:{port} is not allowed for this provider")


def guarded_socket_factory(*, private_port: int | None) -> Callable[[Any], socket.socket]:
    """A `socket_factory` for aiohttp. `private_port` is the port that may be called on private addresses, if any."""

    def make_socket(address_info: Any) -> socket.socket:
        family, kind, protocol, _, address = address_info
        check_address(address[0], address[1], private_port=private_port)
        made = socket.socket(family=family, type=kind, proto=protocol)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    return make_socket


def private_addresses(host: str, port: int) -> list[str]:
    """The private addresses that `host` resolves to now, for asking the administrator.

    Raises Unreachable where the name has no address.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"No address is known for {host}.") from error
    return sorted({str(info[4][0]) for info in found if is_private(str(info[4][0]))})
