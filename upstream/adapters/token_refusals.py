"""What access-token gateways mean when they refuse, by status and by what stands in `detail` or `errorMessage`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from upstream.adapters.refusals import looks_like_html, refusal_for
from upstream.errors import (
    ContextTooLong,
    ConversationGone,
    RateLimited,
    Rejected,
    Unauthorized,
    UpstreamError,
)

DEAD_TOKEN = re.compile(
    r"token_expired|token_invalidated|invalid_api_key|token has expired|accessToken for account"
    r"|valid access token|signing in again|account_deactivated",
    re.IGNORECASE,
)
GONE = re.compile(
    r"conversation_not_found|Conversation not found|Can't load conversation", re.IGNORECASE
)
BUSY = re.compile(
    r"Only one message at a time|Too many requests|too many messages|model_cap_exceeded",
    re.IGNORECASE,
)
TOO_LONG = re.compile(
    r"message_length_exceeds_limit|message you submitted was too long", re.IGNORECASE
)
NOT_FOR_THIS_ACCOUNT = re.compile(r"no permission to use this model|model_not_found", re.IGNORECASE)


def refusal_for_token(status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
    """The error for `status` and `body`; gateways wrap what the service said, and change its status."""
    general = refusal_for(status if status != 200 else 400, headers, body)
    if looks_like_html(body):
        return general
    text = body.decode(errors="replace")
    detail = general.detail
    for pattern, kind in (
        (GONE, ConversationGone),
        (TOO_LONG, ContextTooLong),
        (NOT_FOR_THIS_ACCOUNT, Rejected),
        (DEAD_TOKEN, Unauthorized),
    ):
        if pattern.search(text):
            return kind(detail)
    if status == 429 or BUSY.search(text):
        return RateLimited(detail, retry_after=general.retry_after or _clears_in(body))
    if status == 404:
        return Rejected(
            f"{detail} (Is the address whole? It usually ends in /api/conversation or /backend-api/conversation.)"
        )
    return general


def _clears_in(body: bytes) -> float | None:
    """Seconds until the model takes messages again, where the service names them."""
    try:
        said: Any = json.loads(body)
        seconds = said["detail"]["clears_in"]
        return max(0.0, float(seconds))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
