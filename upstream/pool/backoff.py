"""How long something is left alone after an error, in seconds. Pure."""

from __future__ import annotations

from upstream.errors import QuotaExceeded, RateLimited, UpstreamError

LONGEST = 24 * 3600.0  # whatever an upstream asks for
SHORTEST = 1.0
LIMITED, LIMITED_MOST = 5.0, 15 * 60.0
QUOTA, QUOTA_MOST = 10 * 60.0, 6 * 3600.0
FAILING, FAILING_MOST = 1.0, 60.0


def cooling_seconds(error: UpstreamError, *, in_a_row: int) -> float:
    """For `error`, after `in_a_row` cool-downs before: what the upstream asked for, else growing."""
    if error.retry_after is not None and 0 <= error.retry_after < float("inf"):
        return min(max(error.retry_after, SHORTEST), LONGEST)
    first, most = FAILING, FAILING_MOST
    if isinstance(error, RateLimited):
        first, most = LIMITED, LIMITED_MOST
    elif isinstance(error, QuotaExceeded):
        first, most = QUOTA, QUOTA_MOST
    return float(min(first * 2 ** min(in_a_row, 20), most))
