"""Whether members reach the portal as they should: by its public URL, through whatever proxies stand in front of it."""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from chatportal.doctor.door import BETWEEN, DROPS, HEADER, SIZE, pass_for_the_door
from chatportal.doctor.finding import Finding, bad, doubtful, good

PATIENCE = 10.0  # seconds
SKEW = 30.0  # seconds that clocks may differ
ADDRESS, SOCKET, STREAM, PROXIES, CLOCK = (
    "public URL",
    "WebSocket",
    "streaming",
    "proxy headers",
    "clock",
)
GUIDE = "docs/behind-nginx.md has configurations that work."


def examine(url: str) -> Iterator[Finding]:
    """`url` of the portal's front page."""
    try:
        echoed, date = _echo(url)
    except _Unreached as error:
        yield bad(ADDRESS, f"{url} cannot be reached: {error}", error.advice)
        return
    yield good(ADDRESS, f"{url} leads to this portal.")
    yield from _clock(date)
    yield from _proxies(url, echoed)
    yield _socket(url)
    yield _streaming(url)


class _Unreached(Exception):
    def __init__(self, said: str, advice: str) -> None:
        super().__init__(said)
        self.advice = advice


@contextmanager
def _asked(url: str, path: str, headers: dict[str, str]) -> Iterator[http.client.HTTPResponse]:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    line = kind(parts.hostname or "", parts.port, timeout=PATIENCE)
    try:
        line.request("GET", f"{parts.path.rstrip('/')}{path}", headers=headers)
        yield line.getresponse()
    except ssl.SSLError as error:
        raise _Unreached(
            f"its certificate is not trusted ({error.reason or error}).",
            "Give the proxy a certificate for this name, with the whole chain; for one of your own authority, set "
            "SSL_CERT_FILE to that for this command.",
        ) from error
    except socket.gaierror as error:
        raise _Unreached(
            "its name is not known here.", "Look at PORTAL_URL and at the DNS."
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise _Unreached(
            f"{error or type(error).__name__}.",
            "Is the portal running, and the proxy in front of it?",
        ) from error
    finally:
        line.close()


def _echo(url: str) -> tuple[dict[str, Any], str]:
    with _asked(url, "/doctor/echo/", {HEADER: pass_for_the_door()}) as answer:
        raw = answer.read(65536)
        if answer.status in {301, 302, 307, 308}:
            where = answer.headers.get("Location", "")
            raise _Unreached(
                f"it sends one on to {where}.",
                "Where that is the same address, the proxy does not say X-Forwarded-Proto, or is not among "
                "PORTAL_TRUSTED_PROXIES; where it is another, PORTAL_URL should be that one.",
            )
        if answer.status == 502:
            raise _Unreached(
                "the proxy answers, and does not reach the portal (502).",
                "Look at its upstream address.",
            )
        if answer.status == 400:
            raise _Unreached(
                "the portal refuses the Host (400).",
                "PORTAL_URL has to have the name that members use.",
            )
        try:
            echoed: dict[str, Any] = json.loads(raw)
        except ValueError as error:
            raise _Unreached(
                f"what answers there is not this portal (status {answer.status}).",
                "Run this where the portal's SECRET_KEY is the same, and look at PORTAL_URL and its path.",
            ) from error
        return echoed, answer.headers.get("Date", "")


def _clock(date: str) -> Iterator[Finding]:
    try:
        skew = (datetime.now(UTC) - parsedate_to_datetime(date)).total_seconds()
    except (ValueError, TypeError):
        return
    if abs(skew) > SKEW:
        said = f"This machine and what answers at the public URL differ by {abs(skew):.0f} s."
        yield doubtful(
            CLOCK, said, "Let both follow a time server: codes of a second factor fail else."
        )


def _proxies(url: str, echoed: dict[str, Any]) -> Iterator[Finding]:
    wanted = urlsplit(url)
    trusted = echoed["address"] != echoed["peer"]
    if echoed["forwarded"] and not trusted:
        yield bad(
            PROXIES,
            f"A proxy at {echoed['peer']} says where requests come from, and is not believed.",
            f"Set PORTAL_TRUSTED_PROXIES={echoed['peer']}: else limits on guessing count all members as one.",
        )
    elif echoed["scheme"] != wanted.scheme:
        yield bad(
            PROXIES,
            f"The portal takes the request for {echoed['scheme']}, though it came by {wanted.scheme}.",
            "The proxy has to send X-Forwarded-Proto, and to be among PORTAL_TRUSTED_PROXIES.",
        )
    else:
        yield good(PROXIES, f"The portal sees who asks ({echoed['address']}, {echoed['scheme']}).")
    if echoed["host"] != wanted.netloc:
        yield bad(
            PROXIES,
            f"The portal is told the host {echoed['host']}, not {wanted.netloc}.",
            "The proxy has to pass the Host on: proxy_set_header Host $host;",
        )


def _socket(url: str) -> Finding:
    parts = urlsplit(url)
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Origin": f"{parts.scheme}://{parts.netloc}",
    }
    try:
        with _asked(url, "/ws/", headers) as answer:
            status = answer.status
    except _Unreached as error:
        return bad(SOCKET, f"It cannot be opened: {error}", GUIDE)
    if status == 101:
        return good(SOCKET, "It opens through the public URL.")
    if status == 403:
        return bad(
            SOCKET,
            "The portal refuses it (403): the Origin is not its own.",
            "Look at PORTAL_URL, and let the proxy pass the Host on.",
        )
    return doubtful(
        SOCKET,
        f"It does not open (status {status}): a proxy does not pass Upgrade on. Members get their answers over HTTP.",
        'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; '
        + GUIDE,
    )


def _streaming(url: str) -> Finding:
    arrived = []
    try:
        with _asked(url, "/doctor/drip/", {HEADER: pass_for_the_door()}) as answer:
            begun = time.monotonic()
            while answer.read(SIZE + 1):
                arrived.append(time.monotonic() - begun)
    except _Unreached as error:
        return bad(STREAM, f"A streamed answer breaks off: {error}", GUIDE)
    if len(arrived) < DROPS:
        return bad(STREAM, "A streamed answer does not arrive whole.", GUIDE)
    if arrived[-1] - arrived[0] < BETWEEN * (DROPS - 1) / 2:
        return doubtful(
            STREAM,
            "A proxy keeps answers back until they are whole: where no WebSocket opens, nothing streams.",
            f"proxy_buffering off; {GUIDE}",
        )
    return good(STREAM, "Answers go out piece by piece.")


def public_url() -> str:
    port = os.environ.get("PORT") or "8000"
    return settings.PORTAL_URL or f"http://127.0.0.1:{port}"
