"""Our adapter against a server that others wrote: it sends what they saw elsewhere, and not what we imagined."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

import pytest

from tests.upstreams.aimock import KEY, aimock
from upstream.client import UpstreamClient
from upstream.errors import (
    ContextTooLong,
    Interrupted,
    Malformed,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
    UpstreamError,
)
from upstream.types import (
    ChatRequest,
    Event,
    Finished,
    PromptMessage,
    ReasoningDelta,
    Target,
    TextDelta,
    Usage,
)

pytestmark = pytest.mark.once

GOOD_DAY = "Good day to you, dear reader."
AWKWARD = "Hi 👋🏽, 天气 🇫🇷!"


def _error(status: int, code: str, **more: Any) -> dict[str, Any]:
    kind = "rate_limit_error" if status == 429 else "invalid_request_error"
    error = {"message": f"as if {status}", "type": kind, "code": code}
    return {"error": error, "status": status, **more}


def _fixture(question: str, response: dict[str, Any], **how: Any) -> dict[str, Any]:
    return {"match": {"userMessage": question}, "response": response, **how}


FIXTURES = [
    _fixture("plainly", {"content": GOOD_DAY}, chunkSize=4),
    _fixture("in halves", {"content": AWKWARD}, chunkSize=1),
    _fixture("after thinking", {"content": "Four.", "reasoning": "Two and two."}),
    _fixture("too often", _error(429, "rate_limit_exceeded", retryAfter=7)),
    _fixture("too long", _error(400, "context_length_exceeded")),
    _fixture("badly", _error(400, "invalid_value")),
    _fixture("while down", _error(503, "overloaded")),
    # A pause between the frames: what was written and not sent yet is lost when the socket is destroyed.
    _fixture(
        "and break off", {"content": GOOD_DAY}, chunkSize=4, latency=20, truncateAfterChunks=4
    ),
    _fixture(
        "and hang up", {"content": GOOD_DAY}, chunkSize=4, latency=250, disconnectAfterMs=1000
    ),
    _fixture("in riddles", {"content": GOOD_DAY}, chaos={"malformedRate": 1}),
    _fixture("and vanish", {"content": GOOD_DAY}, chaos={"disconnectRate": 1}),
]


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with aimock(tmp_path_factory.mktemp("aimock"), FIXTURES) as url:
        yield url


async def _answer(
    base_url: str, how: str, *, secret: str = KEY
) -> tuple[list[Event], UpstreamError | None]:
    """What comes of “Answer ⟨how⟩”: the events, and the error that they end with."""
    target = Target("aimock", "openai_chat", base_url, secret, own_host_may_be_private=True)
    request = ChatRequest("gpt-4o", (PromptMessage("user", f"Answer {how}"),))
    client, events = UpstreamClient(), list[Event]()
    try:
        async with aclosing(client.stream_chat(target, request)) as stream:
            async for event in stream:
                events.append(event)
    except UpstreamError as error:
        return events, error
    finally:
        await client.aclose()
    return events, None


def _written(events: list[Event], kind: type[TextDelta | ReasoningDelta] = TextDelta) -> str:
    return "".join(event.text for event in events if isinstance(event, kind))


async def test_a_good_stream_arrives_delta_by_delta_with_its_usage(base_url: str) -> None:
    events, error = await _answer(base_url, "plainly")
    assert error is None
    assert [event.text for event in events if isinstance(event, TextDelta)] == [
        GOOD_DAY[at : at + 4] for at in range(0, len(GOOD_DAY), 4)
    ]
    assert events[-2] == Finished("stop")
    assert isinstance(events[-1], Usage)
    assert events[-1].prompt_tokens > 0
    assert events[-1].completion_tokens > 0


async def test_emoji_cut_into_lone_surrogates_are_whole_again(base_url: str) -> None:
    events, error = await _answer(base_url, "in halves")
    assert error is None
    assert len([event for event in events if isinstance(event, TextDelta)]) > 10
    assert _written(events) == AWKWARD
    for event in events:
        if isinstance(event, TextDelta):
            event.text.encode()  # no half of a pair is let through


async def test_thinking_is_told_from_the_answer(base_url: str) -> None:
    events, error = await _answer(base_url, "after thinking")
    assert error is None
    assert _written(events, ReasoningDelta) == "Two and two."
    assert _written(events) == "Four."


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ("too often", RateLimited),
        ("too long", ContextTooLong),
        ("badly", Rejected),
        ("while down", Unreachable),
        ("in riddles", Malformed),
        ("and vanish", Unreachable),
    ],
)
async def test_a_refusal_is_told_for_what_it_is(
    base_url: str, how: str, kind: type[UpstreamError]
) -> None:
    events, error = await _answer(base_url, how)
    assert events == []
    assert type(error) is kind
    assert error.detail


async def test_the_time_to_wait_is_read_from_the_refusal(base_url: str) -> None:
    _, error = await _answer(base_url, "too often")
    assert error is not None
    assert error.retry_after == 7


@pytest.mark.parametrize("how", ["and break off", "and hang up"])
async def test_a_stream_that_breaks_is_never_a_finished_answer(base_url: str, how: str) -> None:
    events, error = await _answer(base_url, how)
    assert type(error) is Interrupted
    assert _written(events)
    assert GOOD_DAY.startswith(_written(events))
    assert not any(isinstance(event, Finished) for event in events)


async def test_a_wrong_key_is_refused_and_not_repeated_in_the_detail(base_url: str) -> None:
    events, error = await _answer(base_url, "plainly", secret="sk-another-portals")
    assert events == []
    assert type(error) is Unauthorized
    assert "sk-another-portals" not in error.detail
