"""A file from an address that a person typed, read once: no cookies, no credentials, no proxy, nothing private.

The guard sees each address as it is connected to. Redirects are followed by hand, each on a connection of its own, so
that every hop comes by it, too.
"""

from __future__ import annotations

import asyncio
import socket

import aiohttp
from yarl import URL

from upstream.failures import causes_of
from upstream.guard import AddressRefused, guarded_socket_factory

LONGEST_FILE = 5 * 1024 * 1024  # bytes
SECONDS = 20.0  # for all of it, redirects included
MOST_REDIRECTS = 3
REDIRECTS = {301, 302, 303, 307, 308}
HEADERS = {
    "Accept": "application/json, text/plain;q=0.9, */*;q=0.5",
    "Accept-Encoding": "identity",  # what is small when packed may be endless
    "User-Agent": "chatportal",
}


class NotFetched(Exception):
    """`reason` is invalid, private, unknown_host, unreachable, slow, redirects, too_large, packed or status."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason = reason
        self.detail = detail


def fetch_file(address: str, *, may_be_private: bool = False) -> bytes:
    """For callers that are not coroutines: see `read_file`."""
    return asyncio.run(read_file(address, may_be_private=may_be_private))


async def read_file(address: str, *, may_be_private: bool = False) -> bytes:
    """The body at `address`; `may_be_private` is said of its own host and port alone. Raises NotFetched."""
    url = first = _checked(address)
    try:
        async with asyncio.timeout(SECONDS):
            for _hop in range(MOST_REDIRECTS + 1):
                allowed = may_be_private and url.origin() == first.origin()
                found = await _ask(url, private_port=url.port if allowed else None)
                if isinstance(found, bytes):
                    return found
                url = _checked(found)
        raise NotFetched("redirects")
    except TimeoutError as error:
        raise NotFetched("slow") from error
    except (aiohttp.ClientError, OSError, ValueError) as failure:
        raise _meaning(failure) from failure


def _checked(address: str) -> URL:
    try:
        url = URL(address)
        # A name and password in an address would be sent as credentials.
        usable = url.scheme in {"http", "https"} and url.host and url.raw_user is None
    except ValueError as error:
        raise NotFetched("invalid") from error
    if not usable or url.raw_password is not None:
        raise NotFetched("invalid")
    return url


async def _ask(url: URL, *, private_port: int | None) -> bytes | str:
    """The body, or the address of the next hop."""
    connector = aiohttp.TCPConnector(
        socket_factory=guarded_socket_factory(private_port=private_port), force_close=True
    )
    async with (
        aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=HEADERS,
            auto_decompress=False,
            trust_env=False,
        ) as session,
        session.get(url, allow_redirects=False) as response,
    ):
        if response.status in REDIRECTS and "Location" in response.headers:
            return str(url.join(URL(response.headers["Location"])))
        if response.status != 200:
            raise NotFetched("status", str(response.status))
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise NotFetched("packed")
        return await _body(response)


async def _body(response: aiohttp.ClientResponse) -> bytes:
    if (response.content_length or 0) > LONGEST_FILE:
        raise NotFetched("too_large")
    body = bytearray()
    async for read in response.content.iter_any():
        body += read
        if len(body) > LONGEST_FILE:
            raise NotFetched("too_large")
    return bytes(body)


def _meaning(failure: BaseException) -> NotFetched:
    causes = list(causes_of(failure))
    if any(isinstance(cause, AddressRefused) for cause in causes):
        return NotFetched("private")
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return NotFetched("unknown_host")
    if any(isinstance(cause, ValueError) for cause in causes):  # aiohttp's InvalidURL is one
        return NotFetched("invalid")
    return NotFetched("unreachable")
