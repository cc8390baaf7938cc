"""What a failure of the HTTP client means. The type alone does not tell: the causes behind it do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import aiohttp_socks

from upstream.errors import Interrupted, Malformed, Unreachable, UpstreamError
from upstream.guard import AddressRefused
from upstream.types import Target

PROXY_FAILURES = (
    aiohttp_socks.ProxyError,
    aiohttp_socks.ProxyConnectionError,
    aiohttp_socks.ProxyTimeoutError,
)
# The first that fits, of each cause from the outermost in.
MEANINGS: tuple[tuple[Any, type[UpstreamError], str], ...] = (
    (AddressRefused, Unreachable, "{cause}. An administrator can allow it at the provider."),
    (aiohttp.ClientResponseError, Malformed, "it does not answer in HTTP: {cause.message}"),
    (aiohttp.ClientConnectorDNSError, Unreachable, "no such host."),
    (
        (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError),
        Unreachable,
        "the certificate is not trusted, or TLS failed.",
    ),
    (aiohttp.SocketTimeoutError, Unreachable, "no answer within {seconds:g} s."),
    (aiohttp_socks.ProxyTimeoutError, Unreachable, "the proxy does not answer."),
    (PROXY_FAILURES, Unreachable, "the proxy does not lead there: {cause}"),
    (ConnectionRefusedError, Unreachable, "connection refused."),
    (TimeoutError, Unreachable, "no answer in time."),
)


def unreachable(failure: BaseException, target: Target) -> UpstreamError:
    """The request never got an answer."""
    error = _meaning(failure, target)
    error.about_address = True
    return error


def broken(failure: BaseException) -> UpstreamError:
    """The answer broke off."""
    if any(isinstance(cause, aiohttp.SocketTimeoutError) for cause in causes_of(failure)):
        return Interrupted("The upstream fell silent in mid-answer.")
    return Interrupted(f"The connection broke in mid-answer: {type(failure).__name__}.")


def _meaning(failure: BaseException, target: Target) -> UpstreamError:
    host = urlsplit(target.base_url).netloc.rpartition("@")[2]  # a password may stand before it
    for cause in causes_of(failure):
        for kinds, error, sentence in MEANINGS:
            if isinstance(cause, kinds):
                said = sentence.format(cause=cause, seconds=target.silence_seconds)
                return error(f"{host}: {said}")
    return Unreachable(f"{host}: {type(failure).__name__} {failure}")


def causes_of(failure: BaseException | None) -> Iterator[BaseException]:
    while failure is not None:
        yield failure
        yield from getattr(failure, "exceptions", ())
        failure = failure.__cause__ or failure.__context__
