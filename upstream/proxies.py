"""Connections through a proxy, HTTP or SOCKS5. The proxy's address is checked, and so is a literal target's.

What a name stands for on the proxy's side only the proxy knows: names are handed over as they are.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from ssl import SSLContext
from typing import Any
from urllib.parse import unquote, urlsplit

from aiohttp.client_proto import ResponseHandler
from aiohttp_socks import ProxyConnector, ProxyType

from upstream.guard import check_address

SCHEMES = {"http": ProxyType.HTTP, "socks5": ProxyType.SOCKS5, "socks5h": ProxyType.SOCKS5}


def proxy_parts(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a proxy's URL. Raises ValueError for one that cannot be used."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.hostname or not parts.port:
        raise ValueError("A proxy looks like http://host:port or socks5://name:password@host:port")
    return parts.scheme, parts.hostname, parts.port


def guarded_proxy_connector(
    proxy_url: str, *, proxy_may_be_private: bool, private_port: int | None, **options: Any
) -> ProxyConnector:
    """An aiohttp connector through `proxy_url`. `private_port` is the port of a target that may be private, if any."""
    _scheme, host, port = proxy_parts(proxy_url)
    parts = urlsplit(proxy_url)
    return GuardedProxyConnector(
        host=host,
        port=port,
        proxy_type=SCHEMES[parts.scheme],
        username=unquote(parts.username or "") or None,
        password=unquote(parts.password or "") or None,
        rdns=True,
        own_private_port=port if proxy_may_be_private else None,
        target_private_port=private_port,
        **options,
    )


class GuardedProxyConnector(ProxyConnector):
    def __init__(
        self,
        *,
        host: str,
        port: int,
        own_private_port: int | None,
        target_private_port: int | None,
        **options: Any,
    ) -> None:
        super().__init__(host, port, **options)
        self._named = host, port
        self._own_private_port = own_private_port
        self._target_private_port = target_private_port

    async def _connect_via_proxy(
        self,
        host: str,
        port: int,
        ssl: SSLContext | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 (as it is called by the package)
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        if (literal := literal_address(host)) is not None:
            check_address(literal, port, private_port=self._target_private_port)
        loop = asyncio.get_running_loop()
        name, proxy_port = self._named
        found = await loop.getaddrinfo(name, proxy_port, type=socket.SOCK_STREAM)
        address = str(found[0][4][0])
        check_address(address, proxy_port, private_port=self._own_private_port)
        # The address that was checked is the one that is called: a name may mean another one the next moment.
        self._proxy_host = address
        return await super()._connect_via_proxy(host, port, ssl, timeout)


def literal_address(host: str) -> str | None:
    """The address that `host` spells, in any of the spellings that resolvers take; None for a name."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None
