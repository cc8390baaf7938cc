"""What can go wrong upstream, in one tree.

    UpstreamError
    ├── Unreachable       refused, no such host, no answer within the silence allowed, 5xx, an address not allowed
    ├── Unauthorized      401, 403: the credential does not open the provider
    ├── RateLimited       429: too many requests for now
    ├── QuotaExceeded     402, or a 429 that says that nothing is left
    ├── ContextTooLong    the prompt is longer than the model's window
    ├── Rejected          any other refusal: 400, 404, 422, a content filter
    │   └── ConversationGone   an upstream that keeps conversations does not have this one: it can be told anew
    ├── NotOffered        ours, not the upstream's: the member may not use the model, or no longer
    ├── Malformed         an answer that is not of the dialect: HTML, broken JSON, no event stream
    └── Interrupted       the stream broke before its end

Each has a `code` of the vocabulary and a `detail` for the administrator: a status and a short excerpt of what the
upstream said, cleaned of the secret that was sent. A member is shown a sentence made from the code alone.
"""

from __future__ import annotations

from typing import Self

from upstream.scalars import clean_text

DETAIL_LENGTH = 500  # characters


class UpstreamError(Exception):
    """`detail` is for administrators; `retry_after` is in seconds, where the upstream named a time."""

    code = "internal_error"
    about_address = False  # no request got through: another credential would not, either

    def __init__(self, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after = retry_after

    def made_presentable(self, *secrets: str) -> Self:
        """The same error with a detail that can be saved and shown: without `secrets`, whole characters, short."""
        detail = self.detail
        for secret in filter(None, secrets):
            detail = detail.replace(secret, "•••")
        self.detail = clean_text(detail)[:DETAIL_LENGTH]
        self.args = (self.detail,)
        return self


class Unreachable(UpstreamError):
    code = "unreachable"


class Unauthorized(UpstreamError):
    code = "unauthorized"


class RateLimited(UpstreamError):
    code = "rate_limited"


class QuotaExceeded(UpstreamError):
    code = "quota_exceeded"


class ContextTooLong(UpstreamError):
    code = "context_too_long"


class Rejected(UpstreamError):
    code = "rejected"


class ConversationGone(Rejected):
    pass


class NotOffered(UpstreamError):
    code = "not_offered"


class Malformed(UpstreamError):
    code = "malformed"


class Interrupted(UpstreamError):
    code = "interrupted"


def error_of(code: str, detail: str) -> UpstreamError:
    """The error of `code`, as one that was kept as a row."""
    kinds = {kind.code: kind for kind in UpstreamError.__subclasses__()}
    return kinds.get(code, UpstreamError)(detail)
