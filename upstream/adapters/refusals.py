"""What a refused request means, told by its status and by what OpenAI-compatible servers and gateways write in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from upstream.errors import (
    ContextTooLong,
    Malformed,
    QuotaExceeded,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
    UpstreamError,
)

# Cut for good only when the secret has been taken out (errors.py): a cut through it would save one half.
LONGEST_EXCERPT = 10_000  # characters
TOO_LONG = re.compile(
    r"context_length_exceeded|exceed_context_size|ContextWindowExceeded|maximum context length"
    r"|prompt is too long|context window|too many tokens",
    re.IGNORECASE,
)
NOTHING_LEFT = re.compile(
    r"insufficient_quota|exceeded your current quota|insufficient.balance|billing", re.IGNORECASE
)
NUMBER = re.compile(r"\d+(\.\d+)?")
PARTS = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
DURATION = re.compile(r"(\d+(\.\d+)?(ms|s|m|h|d))+")
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
MOMENT, MOMENT_IN_MILLISECONDS = 1e9, 1e12  # greater numbers are no durations
TITLE = re.compile(rb"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)


def refusal_for(status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
    """The error for `status`; the body decides between those that share one."""
    detail = f"HTTP {status}: {excerpt(body)}"
    if status >= 500 or status == 408:
        return Unreachable(detail, retry_after=retry_after(headers))
    if looks_like_html(body):
        return Malformed(detail)
    text = body.decode(errors="replace")
    if status == 402 or (status in {403, 429} and NOTHING_LEFT.search(text)):
        return QuotaExceeded(detail)
    if status in {401, 403}:
        return Unauthorized(detail)
    if status == 429:
        return RateLimited(detail, retry_after=retry_after(headers))
    if status == 413 or TOO_LONG.search(text):
        return ContextTooLong(detail)
    if 300 <= status < 400:
        return Rejected(
            f"HTTP {status}: the address redirects, which is not followed. Enter the final address."
        )
    return Rejected(detail)


def looks_like_html(body: bytes) -> bool:
    return body.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html"))


def excerpt(body: bytes) -> str:
    """A short reading of an error's body: its message, the title of a page, or its first words."""
    if looks_like_html(body):
        title = TITLE.search(body)
        return (
            f"an HTML page, “{title[1].decode(errors='replace').strip()}”"
            if title
            else "an HTML page"
        )
    try:
        said = json.loads(body)
        inner = said.get("error", said.get("detail", said))
        message = inner.get("message", inner) if isinstance(inner, dict) else inner
        return str(message)[:LONGEST_EXCERPT]
    except (ValueError, AttributeError, RecursionError):
        return body[:LONGEST_EXCERPT].decode(errors="replace")


def begun(said: Any) -> str:
    """What something of another shape begins with, for an error's detail."""
    head = said[:LONGEST_EXCERPT] if isinstance(said, bytes) else said
    return repr(head)[:LONGEST_EXCERPT]


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds until the upstream wants to be asked again; None where it does not say, or says nonsense.

    From `Retry-After` (seconds or a date), else from the `x-ratelimit-reset-…` of what is used up.
    """
    value = headers.get("retry-after", "").strip()
    if value:
        return _plausible(_seconds(value) if value[:1].isdigit() else _until_date(value))
    resets = [
        seconds
        for what in ("requests", "tokens")
        if headers.get(f"x-ratelimit-remaining-{what}", "0").strip() == "0"
        and (seconds := _seconds(headers.get(f"x-ratelimit-reset-{what}", ""))) is not None
    ]
    if not resets and (seconds := _seconds(headers.get("x-ratelimit-reset", ""))) is not None:
        resets = [seconds]
    return _plausible(max(resets)) if resets else None


def _seconds(value: str) -> float | None:
    """From 7, 1.5, 1s, 6m0s, 120ms, 1h2m3s, or a moment as seconds (or milliseconds) since 1970."""
    text = value.strip()
    if NUMBER.fullmatch(text):
        number = float(text)
        if number > MOMENT_IN_MILLISECONDS:
            number /= 1000
        return number - datetime.now(UTC).timestamp() if number > MOMENT else number
    if text and DURATION.fullmatch(text):
        return sum(float(amount) * UNITS[unit] for amount, unit in PARTS.findall(text))
    return None


def _until_date(value: str) -> float | None:
    try:
        return (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None


def _plausible(seconds: float | None) -> float | None:
    """A time that is over already says nothing of how long to wait."""
    return seconds if seconds is not None and 0 <= seconds < float("inf") else None
