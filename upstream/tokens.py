"""What is pasted as a secret: a key, an access token, or the whole of a vendor's session page.

A JWT is decoded and not verified: what it says of itself is shown to the administrator who pasted it, and decides
nothing. Claims as ChatGPT's tokens have them: `exp`, `https://api.openai.com/profile` with `email`.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

PROFILE = "https://api.openai.com/profile"
JWT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*")
SHARE_TOKEN = re.compile(r"(fk|pk)-[\w-]{20,}")
HEADER = re.compile(r"(authorization\s*:\s*)?(bearer\s+)?", re.IGNORECASE)
LONGEST = 20_000  # characters; a session page has about 3,000
SHORTEST_TOKEN = 8  # a key is what a server's operator chose, be it short


class NoSecret(ValueError):
    """What was pasted holds no secret; `reason` is one of this module's reasons."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


EMPTY, UNREADABLE, SEVERAL, NO_TOKEN_INSIDE, AN_API_KEY, A_TOKEN = (
    "empty",
    "unreadable",
    "several",
    "no_token_inside",
    "an_api_key",
    "a_token",
)


@dataclass(frozen=True, slots=True)
class Token:
    """A secret and what it says of itself; `is_recognised` where its form is that of an access token."""

    secret: str = field(repr=False)
    account: str = ""
    expires_at: datetime | None = None
    is_recognised: bool = False


def read_pasted(pasted: str, *, wants_token: bool) -> Token:
    """The secret in what was pasted: without the header around it, quotes and line breaks, or out of a session page.

    Raises NoSecret.
    """
    text = pasted.strip()
    if not text:
        raise NoSecret(EMPTY)
    if len(text) > LONGEST:
        raise NoSecret(UNREADABLE)
    if text.startswith("{"):
        text = _token_of_session(text)
        if not wants_token:
            raise NoSecret(A_TOKEN)
    secret = _secret_in(text)
    if wants_token and len(secret) < SHORTEST_TOKEN:
        raise NoSecret(UNREADABLE)
    if wants_token and secret.startswith("sk-"):
        raise NoSecret(AN_API_KEY)
    return read_token(secret)


def read_token(secret: str) -> Token:
    """What `secret` says of itself; nothing for one that is no JWT."""
    claims = _claims(secret)
    if claims is None:
        return Token(secret, is_recognised=SHARE_TOKEN.fullmatch(secret) is not None)
    profile = claims.get(PROFILE)
    email = profile.get("email") if isinstance(profile, dict) else None
    account = email or claims.get("email") or claims.get("sub") or ""
    return Token(secret, str(account), _moment(claims.get("exp")), is_recognised=True)


def _secret_in(text: str) -> str:
    pieces = HEADER.sub("", text.strip("\"'"), count=1).split()
    if sum(_is_whole(piece) for piece in pieces) > 1:
        raise NoSecret(SEVERAL)
    secret = "".join(pieces).strip("\"'")  # a terminal breaks long lines
    if not secret or not secret.isascii() or not secret.isprintable():
        raise NoSecret(UNREADABLE)
    return secret


def _is_whole(piece: str) -> bool:
    """Whether a piece between spaces is a secret by itself, and not the next line of one."""
    return piece.startswith("sk-") or (piece.startswith("eyJ") and JWT.fullmatch(piece) is not None)


def _token_of_session(text: str) -> str:
    try:
        session = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NoSecret(UNREADABLE) from error
    token = session.get("accessToken") or session.get("access_token")
    if not isinstance(token, str) or not token.strip():
        raise NoSecret(NO_TOKEN_INSIDE)
    return token


def _claims(secret: str) -> dict[str, Any] | None:
    if not JWT.fullmatch(secret):
        return None
    payload = secret.split(".")[1]
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None


def _moment(seconds: Any) -> datetime | None:
    """A moment from seconds since 1970, where they are some."""
    try:
        return datetime.fromtimestamp(float(seconds), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
