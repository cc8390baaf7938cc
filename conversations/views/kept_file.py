"""Sending a file piece by piece, from the middle where that is asked for: a download that broke off goes on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

from accounts.spreadsheet import AS_IT_IS

PIECE = 256 * 1024  # bytes
# One range is answered; several at once, or none that fits, by the whole file (RFC 9110, 14.2).
RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")


def kept_file(
    request: HttpRequest,
    path: Path,
    *,
    name: str,
    content_type: str,
    version: str,
    shown: bool = False,
    cache_control: str = "no-store",
) -> StreamingHttpResponse:
    """`version` is another for each file; what is `shown` is not saved. Raises OSError where it cannot be opened."""
    size = path.stat().st_size
    etag = f'"{version}"'
    asked = request.headers.get("Range", "")
    fresh = request.headers.get("If-Range", etag) == etag
    first, end = _range(asked if fresh else "", size)
    headers = {
        "Content-Disposition": content_disposition_header(not shown, " ".join(name.split()))
        or "attachment",
        "Cache-Control": cache_control,
        "Accept-Ranges": "bytes",
        "ETag": etag,
        "Content-Length": str(end - first),
        **AS_IT_IS,
    }
    partly = (first, end) != (0, size)
    if partly:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
    response = StreamingHttpResponse(
        _pieces(path, first, end), content_type=content_type, headers=headers
    )
    response.status_code = 206 if partly else 200
    return response


def _range(asked: str, size: int) -> tuple[int, int]:
    """From the first byte to behind the last; of the whole file where the question makes no sense."""
    match = RANGE.match(asked)
    if match is None or not any(match.groups()):
        return 0, size
    first, last = (int(text) if text else None for text in match.groups())
    if first is None:
        first, last = max(0, size - (last or 0)), None
    end = size if last is None else min(last + 1, size)
    return (first, end) if first < end else (0, size)


async def _pieces(path: Path, first: int, end: int) -> AsyncIterator[bytes]:
    """Opened when the first piece is asked for: who never asks leaves nothing open."""
    with await asyncio.to_thread(path.open, "rb") as file:
        await asyncio.to_thread(file.seek, first)
        while first < end:
            piece = await asyncio.to_thread(file.read, min(PIECE, end - first))
            if not piece:
                return
            first += len(piece)
            yield piece
