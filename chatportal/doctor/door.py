"""What the doctor asks the running portal through its public URL: how a request arrives, and whether an answer that is
made piece by piece goes out piece by piece. Only who knows the portal's SECRET_KEY is answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from django.contrib.auth.decorators import login_not_required
from django.core.signing import BadSignature, TimestampSigner
from django.http import Http404, HttpRequest, JsonResponse, StreamingHttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

HEADER = "X-Portal-Doctor"
VALID_SECONDS = 60
DROPS, BETWEEN = 6, 0.25  # seconds
SIZE = 64  # bytes of a drop: less than any buffer


def pass_for_the_door() -> str:
    return TimestampSigner(salt="doctor").sign("doctor")


@login_not_required
@never_cache
@require_GET
def echo(request: HttpRequest) -> JsonResponse:
    """As the portal sees it. 404 for everybody else: there is nothing to guess at."""
    _check(request)
    peer = getattr(request, "scope", {}).get("peer") or ("", 0)
    return JsonResponse(
        {
            "address": request.META.get("REMOTE_ADDR", ""),
            "peer": peer[0],
            "scheme": request.scheme,
            "host": request.get_host(),
            "path": request.path,
            "forwarded": sorted(
                name for name in request.headers if name.startswith("X-Forwarded-")
            ),
        }
    )


@login_not_required
@never_cache
@require_GET
def drip(request: HttpRequest) -> StreamingHttpResponse:
    _check(request)
    return StreamingHttpResponse(_drops(), content_type="text/event-stream")


async def _drops() -> AsyncIterator[bytes]:
    for number in range(DROPS):
        yield f": {number}".encode().ljust(SIZE) + b"\n"
        await asyncio.sleep(BETWEEN)


def _check(request: HttpRequest) -> None:
    try:
        TimestampSigner(salt="doctor").unsign(
            request.headers.get(HEADER, ""), max_age=VALID_SECONDS
        )
    except BadSignature as error:
        raise Http404 from error
