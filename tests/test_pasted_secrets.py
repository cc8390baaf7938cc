"""What an administrator pastes: a key, a token, or the whole session page, with whatever came along."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from upstream.tokens import (
    A_TOKEN,
    AN_API_KEY,
    EMPTY,
    NO_TOKEN_INSIDE,
    SEVERAL,
    UNREADABLE,
    NoSecret,
    read_pasted,
    read_token,
)

pytestmark = pytest.mark.once


def jwt(**claims: Any) -> str:
    """A token of the form that ChatGPT's page gives out; nobody checks its signature."""

    def part(said: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")

    return f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{part(claims)}.c2lnbmF0dXJl"


IN_A_WEEK = int(time.time()) + 7 * 86400
TOKEN = jwt(exp=IN_A_WEEK, **{"https://api.openai.com/profile": {"email": "owner@example.com"}})


def test_a_token_says_whose_it_is_and_when_it_ends() -> None:
    token = read_pasted(TOKEN, wants_token=True)
    assert token.secret == TOKEN
    assert token.account == "owner@example.com"
    assert token.expires_at == datetime.fromtimestamp(IN_A_WEEK, UTC)
    assert token.is_recognised
    assert TOKEN not in repr(token)


@pytest.mark.parametrize(
    "pasted",
    [
        f"  {TOKEN}\n",
        f"Bearer {TOKEN}",
        f"bearer   {TOKEN}",
        f"Authorization: Bearer {TOKEN}",
        f"authorization:bearer\n{TOKEN}",
        TOKEN.replace(".", ".\n"),
        f'"{TOKEN}"',
        f"{TOKEN[:40]}\n{TOKEN[40:90]}\r\n  {TOKEN[90:]}",
        json.dumps({"user": {"email": "x"}, "expires": "2027-01-01", "accessToken": TOKEN}),
        json.dumps({"accessToken": TOKEN}, indent=2),
        json.dumps({"accessToken": f"Bearer {TOKEN}"}),
    ],
)
def test_what_came_along_with_it_is_left_out(pasted: str) -> None:
    assert read_pasted(pasted, wants_token=True).secret == TOKEN


@pytest.mark.parametrize(
    ("pasted", "reason"),
    [
        ("", EMPTY),
        ("   \n ", EMPTY),
        ("short", UNREADABLE),
        ("令牌令牌令牌令牌", UNREADABLE),
        ("x" * 30_000, UNREADABLE),
        ("{not json", UNREADABLE),
        ('{"user": {}}', NO_TOKEN_INSIDE),
        ('{"accessToken": null}', NO_TOKEN_INSIDE),
        ('{"accessToken": ["x"]}', NO_TOKEN_INSIDE),
        ("sk-proj-abcdefgh12345678", AN_API_KEY),
        (f"{TOKEN}\n{TOKEN[:-4]}", SEVERAL),
        (f"{TOKEN}\u200b", UNREADABLE),
    ],
)
def test_what_is_no_token_is_named(pasted: str, reason: str) -> None:
    with pytest.raises(NoSecret) as refused:
        read_pasted(pasted, wants_token=True)
    assert refused.value.reason == reason


def test_a_session_page_is_no_key() -> None:
    with pytest.raises(NoSecret) as refused:
        read_pasted(json.dumps({"accessToken": TOKEN}), wants_token=False)
    assert refused.value.reason == A_TOKEN
    assert read_pasted("Bearer sk-proj-abc\ndefgh", wants_token=False).secret == "sk-proj-abcdefgh"


def test_two_keys_are_not_joined_to_one_and_a_short_one_is_a_key() -> None:
    with pytest.raises(NoSecret) as refused:
        read_pasted("sk-one-0123456789\nsk-two-0123456789", wants_token=False)
    assert refused.value.reason == SEVERAL
    assert read_pasted("ollama", wants_token=False).secret == "ollama"


@pytest.mark.parametrize(
    "token",
    [
        "a.b.c",
        "eyJhbGciOiJSUzI1NiJ9.bm90IGpzb24.x",
        jwt(exp="soon"),
        jwt(exp=1e300),
        jwt(exp=float("nan")),
        jwt(exp=None),
        jwt(**{"https://api.openai.com/profile": "owner"}),
        "fk-" + "a" * 43,
        "good-token",
    ],
)
def test_a_token_that_says_nothing_useful_is_taken_all_the_same(token: str) -> None:
    assert read_token(token).expires_at is None


def test_share_tokens_are_recognised() -> None:
    assert read_token("fk-" + "a" * 43).is_recognised
    assert not read_token("good-token").is_recognised
