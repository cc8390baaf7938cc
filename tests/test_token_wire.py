"""The access-token dialect on the wire: what gateways send and what becomes of it, through the real client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.upstreams.chatgpt_emulator import (
    CLOUDFLARE,
    EXPIRED,
    GONE,
    MODEL_CAP,
    TOO_LONG,
    ChatGPTEmulator,
)
from tests.upstreams.scripted import HEAD, ScriptedUpstream, Wait, delta, frame
from upstream.adapters.cumulative import CumulativeText, Growth
from upstream.adapters.opening import LEFT_OUT, opening
from upstream.client import UpstreamClient
from upstream.errors import (
    ContextTooLong,
    ConversationGone,
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
    Placed,
    PromptMessage,
    Target,
    TextDelta,
    TextReplaced,
    UpstreamPosition,
)

pytestmark = pytest.mark.once
TOKEN = "canary-token-6f1d"
TEXT = "The quick brown fox jumps over the lazy dog."


@pytest.fixture
def gateway() -> Iterator[ChatGPTEmulator]:
    with ChatGPTEmulator() as emulator:
        yield emulator


async def ask(
    gateway: ChatGPTEmulator, text: str = "Well?", *, silence: float = 5, **more: Any
) -> list[Event]:
    client = UpstreamClient()
    target = Target(
        "t",
        "chatgpt_token",
        gateway.url,
        TOKEN,
        own_host_may_be_private=True,
        silence_seconds=silence,
        history_off=more.pop("history_off", False),
    )
    messages = more.pop("messages", (PromptMessage("user", text),))
    request = ChatRequest("gpt-4", messages, **more)
    events: list[Event] = []
    try:
        async with aclosing(client.stream_chat(target, request)) as stream:
            async for event in stream:
                events.append(event)
    except UpstreamError as error:
        error.events = events  # type: ignore[attr-defined]
        raise
    finally:
        await client.aclose()
    return events


def text_of(events: list[Event]) -> str:
    text = ""
    for event in events:
        if isinstance(event, TextDelta):
            text += event.text
        elif isinstance(event, TextReplaced):
            text = event.text
    return text


async def test_what_grows_in_every_event_becomes_deltas(gateway: ChatGPTEmulator) -> None:
    gateway.next(text=TEXT)
    events = await ask(gateway)
    assert text_of(events) == TEXT
    assert not any(isinstance(event, TextReplaced) for event in events)
    assert max(len(event.text) for event in events if isinstance(event, TextDelta)) < len(TEXT)
    assert events[-1] == Finished("stop")
    (placed,) = (event for event in events if isinstance(event, Placed))
    assert placed.conversation_id in gateway.conversations
    (seen,) = gateway.turns
    assert seen.body["messages"][0]["id"] == placed.question_id
    assert seen.headers["authorization"] == f"Bearer {TOKEN}"


async def test_the_request_is_that_of_the_web_page(gateway: ChatGPTEmulator) -> None:
    await ask(gateway, "Hello", history_off=True)
    body = gateway.turns[0].body
    assert body["action"] == "next"
    assert body["history_and_training_disabled"] is True
    assert "conversation_id" not in body
    (message,) = body["messages"]
    assert message["role"] == message["author"]["role"] == "user"
    assert message["content"] == {"content_type": "text", "parts": ["Hello"]}


@pytest.mark.parametrize(
    "behaviour",
    [
        {"echo": True},
        {"noise": True},
        {"early_form": True},
        {"early_form": True, "echo": True, "noise": True},
        {"other_recipient": True},
        {"split": 7},
        {"escaped": False},
        {"escaped": False, "split": 1},
    ],
    ids=str,
)
@pytest.mark.parametrize("text", [TEXT, "你好，世界。天气很好！👋🏽 — fin"])
async def test_nothing_but_the_answer_is_the_answer(
    gateway: ChatGPTEmulator, behaviour: dict[str, Any], text: str
) -> None:
    gateway.next(text=text, **behaviour)
    assert text_of(await ask(gateway, "A question that is not to be shown")) == text


async def test_an_answer_that_changes_its_mind_replaces_what_it_said(
    gateway: ChatGPTEmulator,
) -> None:
    gateway.next(text=TEXT, rewrites=True)
    events = await ask(gateway)
    assert TextReplaced(f"On second thought: {TEXT}") in events
    assert text_of(events) == f"On second thought: {TEXT}"


async def test_the_longest_answer_ends_as_such(gateway: ChatGPTEmulator) -> None:
    gateway.next(text=TEXT, finish="max_tokens")
    assert (await ask(gateway))[-1] == Finished("length")


@pytest.mark.parametrize(
    "behaviour",
    [
        {"cut_after": 3},
        {"done": False},
        {"error_after": 3},
        {"hang_after": 3},
        {"finish": "interrupted"},
    ],
    ids=str,
)
async def test_a_broken_stream_is_never_a_finished_answer(
    gateway: ChatGPTEmulator, behaviour: dict[str, Any]
) -> None:
    gateway.next(text=TEXT, **behaviour)
    with pytest.raises(Interrupted) as broken:
        await ask(gateway, silence=0.5)
    assert text_of(broken.value.events)  # type: ignore[attr-defined]


REFUSALS: dict[str, tuple[int, Any, type[UpstreamError]]] = {
    "an expired token": (401, {"detail": EXPIRED}, Unauthorized),
    "go-chatgpt-api's word for it": (
        401,
        {"errorMessage": "the accessToken for account x has expired"},
        Unauthorized,
    ),
    "200 with an error of one piece": (200, {"detail": EXPIRED}, Unauthorized),
    "wrapped by aurora": (
        404,
        {"error": {"code": "error", "message": GONE, "type": "404 Not Found"}},
        ConversationGone,
    ),
    "not found": (404, {"detail": GONE}, ConversationGone),
    "the wrong address": (404, b"Not Found", Rejected),
    "too long": (413, {"detail": TOO_LONG}, ContextTooLong),
    "too long, as 422": (422, {"detail": TOO_LONG}, ContextTooLong),
    "one at a time": (429, {"detail": "Only one message at a time. Please wait."}, RateLimited),
    "too many, as 400": (400, {"detail": "Too many requests in 1 hour."}, RateLimited),
    "the model's cap": (429, {"detail": MODEL_CAP}, RateLimited),
    "no permission": (
        403,
        {"errorMessage": "you have no permission to use this model"},
        Rejected,
    ),
    "Cloudflare's page": (403, CLOUDFLARE, Malformed),
    "Cloudflare's page with 200": (200, CLOUDFLARE, Malformed),
    "error 1020": (403, b"error code: 1020", Unauthorized),
    "a gateway's error": (500, {"errorMessage": "dial tcp: lookup failed"}, Unreachable),
    "origin unreachable": (523, b"<html><title>523</title></html>", Unreachable),
    "an answer by WebSocket": (200, {"wss_url": "wss://x", "conversation_id": "1"}, Malformed),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_each_refusal_is_named(gateway: ChatGPTEmulator, name: str) -> None:
    status, body, kind = REFUSALS[name]
    gateway.next(status=status, body=body)
    with pytest.raises(UpstreamError) as refused:
        await ask(gateway)
    assert type(refused.value) is kind
    assert refused.value.detail
    assert "<html" not in refused.value.detail.lower()


async def test_a_cap_that_clears_says_when(gateway: ChatGPTEmulator) -> None:
    gateway.next(status=429, body={"detail": MODEL_CAP})
    with pytest.raises(RateLimited) as refused:
        await ask(gateway)
    assert refused.value.retry_after == 13078


async def test_a_gateway_that_repeats_the_token_is_not_repeated(gateway: ChatGPTEmulator) -> None:
    gateway.next(status=500, body={"errorMessage": f"bad header: Bearer {TOKEN}"})
    with pytest.raises(Unreachable) as refused:
        await ask(gateway)
    assert TOKEN not in str(refused.value) + repr(refused.value)
    assert "•••" in refused.value.detail


async def test_a_turn_hangs_where_it_is_said_to(gateway: ChatGPTEmulator) -> None:
    first = next(event for event in await ask(gateway, "One") if isinstance(event, Placed))
    position = UpstreamPosition(first.conversation_id, parent_id=first.answer_id)
    history = (
        PromptMessage("user", "One"),
        PromptMessage("assistant", "…"),
        PromptMessage("user", "Two"),
    )
    events = await ask(gateway, messages=history, position=position)
    assert text_of(events) == "You said: Two"
    second = next(event for event in events if isinstance(event, Placed))
    variant = UpstreamPosition(
        first.conversation_id, parent_id=first.answer_id, question_id=second.question_id
    )
    again = await ask(gateway, messages=history, position=variant)
    third = next(event for event in again if isinstance(event, Placed))
    assert third.question_id == second.question_id
    assert third.answer_id != second.answer_id
    assert gateway.turns[-1].body["action"] == "variant"
    question = gateway.conversations[first.conversation_id].nodes[second.question_id]
    assert question.children == [second.answer_id, third.answer_id]


async def test_an_unknown_conversation_is_told_apart(gateway: ChatGPTEmulator) -> None:
    position = UpstreamPosition("0e7f0ab5-7a5b-4a3b-9a5e-000000000000", parent_id=str(TOKEN))
    with pytest.raises(UpstreamError):
        await ask(gateway, position=position)
    position = UpstreamPosition(
        "0e7f0ab5-7a5b-4a3b-9a5e-000000000000", parent_id="0e7f0ab5-7a5b-4a3b-9a5e-000000000001"
    )
    with pytest.raises(ConversationGone):
        await ask(gateway, position=position)


async def test_the_calls_beside_the_chat(gateway: ChatGPTEmulator) -> None:
    placed = next(event for event in await ask(gateway) if isinstance(event, Placed))
    client = UpstreamClient()
    target = Target("t", "chatgpt_token", gateway.url, TOKEN, own_host_may_be_private=True)
    try:
        models = await client.list_models(target)
        assert [model.name for model in models] == ["text-davinci-002-render-sha", "gpt-4"]
        assert models[0].context_window == 8191
        assert await client.delete_conversation(target, placed.conversation_id)
        assert not gateway.conversations[placed.conversation_id].visible
        with pytest.raises(ConversationGone):
            await client.delete_conversation(target, placed.conversation_id)
    finally:
        await client.aclose()


# --- Growing text, read by what is added ---------------------------------------------------------------------------

texts = st.text(alphabet=st.characters(codec="utf-8"), max_size=12)


@given(pieces=st.lists(texts, min_size=1, max_size=12), escaped=st.booleans(), tail=st.booleans())
def test_reading_only_what_is_added_reads_the_same(
    pieces: list[str], escaped: bool, tail: bool
) -> None:
    growth, text, whole, cheap = Growth(), "", 0, 0
    read = ""
    for number, piece in enumerate(pieces):
        text += piece
        frame: dict[str, Any] = {
            "message": {"id": "x", "content": {"content_type": "text", "parts": [text]}}
        }
        if tail:
            frame["number"] = number // 3  # changes now and then
        data = json.dumps(frame, ensure_ascii=escaped).encode()
        added = growth.added(data)
        if added is None:
            whole += 1
            read = text
            growth.remember(data, text)
        else:
            cheap += 1
            read += added
        assert read == text
    if not tail:
        assert whole <= 1 or cheap


@pytest.mark.parametrize(
    "frames",
    [
        ['{"a": "all", "parts": ["all"]}', '{"a": "allx", "parts": ["all"]}'],
        ['{"parts": ["a"], "b": ["a"]}', '{"parts": ["a"], "b": ["ab"]}'],
        ['{"parts": ["a"]}', '{"parts": ["a", "b"]}'],
        ['{"parts": ["a"]}', '{"parts": ["a\\"]}'],
    ],
)
def test_what_grows_elsewhere_is_read_whole(frames: list[str]) -> None:
    first, second = (frame.encode() for frame in frames)
    growth = Growth()
    growth.remember(first, json.loads(first)["parts"][0])
    assert growth.added(second) is None


def test_a_second_message_stands_below_the_first() -> None:
    text = CumulativeText()
    events = [
        *text.grow("1", "Let me look."),
        *text.grow("2", "It is"),
        *text.grow("2", "It is 4."),
    ]
    assert text_of(list(events)) == "Let me look.\n\nIt is 4."
    assert text_of([*events, *text.grow("2", "Five.")]) == "Let me look.\n\nFive."


def test_an_answer_that_goes_on_does_not_repeat_its_beginning() -> None:
    repeated, apart = CumulativeText("Once upon"), CumulativeText("Once upon")
    assert text_of(list(repeated.grow("1", "Once upon a time"))) == " a time"
    assert text_of(list(apart.grow("1", " a time"))) == " a time"


def test_the_opening_of_a_long_branch_leaves_out_the_oldest() -> None:
    said = [
        PromptMessage("user" if number % 2 == 0 else "assistant", f"{number:03} " * 50)
        for number in range(100)
    ]
    text = opening([*said, PromptMessage("user", "And now?")], longest=3000)
    assert text.endswith("And now?")
    assert len(text) < 3500
    assert LEFT_OUT in text
    assert "099" in text
    assert "001" not in text


def test_a_single_question_is_its_own_opening() -> None:
    assert opening([PromptMessage("user", "Well?")]) == "Well?"
    spoken = opening([PromptMessage("system", "Be brief."), PromptMessage("user", "Well?")])
    assert spoken == "Be brief.\n\nWell?"


# --- What no gateway should send --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["chatgpt_token", "openai_chat"])
async def test_a_frame_of_ten_megabytes_is_refused(kind: str) -> None:
    with ScriptedUpstream() as upstream:
        upstream.will([HEAD, frame({"message": "x" * 10_000_000})])
        with pytest.raises(Malformed, match="longer than"):
            await ask_scripted(upstream, kind)


@pytest.mark.parametrize("kind", ["chatgpt_token", "openai_chat"])
async def test_comments_without_end_come_to_an_end(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("upstream.client.COMMENTS_ONLY_SECONDS", 0.3)
    with ScriptedUpstream() as upstream:
        upstream.will(
            [HEAD, *[step for _ in range(100) for step in (b": still here\n\n", Wait(0.05))]]
        )
        with pytest.raises(Interrupted, match="comments"):
            await ask_scripted(upstream, kind)
        assert upstream.requests[0].hung_up.wait(5)


async def test_text_without_end_comes_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("upstream.client.LONGEST_ANSWER", 1000)
    with ScriptedUpstream() as upstream:
        upstream.will([HEAD, *[delta("word " * 20) for _ in range(20)]])
        with pytest.raises(Malformed, match="longer than 1000"):
            await ask_scripted(upstream, "openai_chat")


async def ask_scripted(upstream: ScriptedUpstream, kind: str) -> None:
    client = UpstreamClient()
    target = Target("t", kind, upstream.base_url, TOKEN, own_host_may_be_private=True)
    request = ChatRequest("m", (PromptMessage("user", "Well?"),))
    try:
        async for _event in client.stream_chat(target, request):
            pass
    finally:
        await client.aclose()
