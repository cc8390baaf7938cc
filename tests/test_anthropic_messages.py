"""The dialect of Anthropic: against llama.cpp's own server, a mock that others wrote, and what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from tests.portal import Browser, answer_of, settled
from tests.upstreams.aimock import KEY, aimock
from tests.upstreams.scripted import HEAD, ScriptedUpstream, frame, refuse
from upstream.client import UpstreamClient
from upstream.demo.process import DemoEndpoint, DemoModel
from upstream.errors import (
    Interrupted,
    Malformed,
    RateLimited,
    Unauthorized,
    Unreachable,
    UpstreamError,
)
from upstream.models import Credential, LanguageModel, Provider
from upstream.types import ChatRequest, Event, Finished, PromptMessage, Target, TextDelta, Usage

pytestmark = pytest.mark.once

START = frame({"type": "message_start", "message": {"usage": {"input_tokens": 5}}})
STOP = frame({"type": "message_stop"})


def text(said: str) -> bytes:
    return frame({"type": "content_block_delta", "delta": {"type": "text_delta", "text": said}})


def ends(reason: str) -> bytes:
    usage = {"output_tokens": 2}
    return frame({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage})


async def ask(
    base_url: str, secret: str, *messages: PromptMessage, model: str = "m"
) -> list[Event]:
    client = UpstreamClient()
    target = Target(
        "t",
        "anthropic_messages",
        base_url,
        secret,
        own_host_may_be_private=True,
        silence_seconds=20,
    )
    request = ChatRequest(model, messages or (PromptMessage("user", "Well?"),), temperature=0)
    try:
        async with aclosing(client.stream_chat(target, request)) as events:
            return [event async for event in events]
    finally:
        await client.aclose()


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as scripted:
        yield scripted


async def test_the_request_and_the_answer(upstream: ScriptedUpstream) -> None:
    ping = frame({"type": "ping"})
    upstream.will([HEAD, START, ping, text("Yes"), text("."), ends("end_turn"), STOP])
    brief = PromptMessage("system", "Be brief.")
    events = await ask(upstream.base_url, "sk-ant", brief, PromptMessage("user", "Well?"))
    assert events == [TextDelta("Yes"), TextDelta("."), Usage(5, 2), Finished("stop")]
    (request,) = upstream.requests
    assert request.path == "/v1/messages"
    assert request.headers["x-api-key"] == "sk-ant"
    assert request.headers["anthropic-version"]
    assert request.body["system"] == "Be brief."
    assert request.body["messages"] == [{"role": "user", "content": "Well?"}]
    assert request.body["max_tokens"] > 0


async def test_the_longest_answer_ends_as_such(upstream: ScriptedUpstream) -> None:
    upstream.will([HEAD, START, text("Yes"), ends("max_tokens"), STOP])
    assert (await ask(upstream.base_url, "s"))[-1] == Finished("length")


def _error(kind: str) -> bytes:
    return frame({"type": "error", "error": {"type": kind, "message": "no"}})


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ([HEAD, START, text("Yes")], Interrupted),
        ([HEAD, START, text("Yes"), _error("overloaded_error")], Interrupted),
        ([HEAD, START, _error("overloaded_error")], Unreachable),
        ([HEAD, _error("rate_limit_error")], RateLimited),
        ([HEAD, frame(b"{not json")], Malformed),
        ([HEAD, frame({"no": "type"})], Malformed),
        (refuse(401, {"type": "error", "error": {"type": "authentication_error"}}), Unauthorized),
        (refuse(429, {"type": "error", "error": {"message": "slow"}}), RateLimited),
        (refuse(529, {"type": "error", "error": {"message": "overloaded"}}), Unreachable),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_what_goes_wrong_is_named(
    upstream: ScriptedUpstream, script: list[Any], kind: type[UpstreamError]
) -> None:
    upstream.will(script)
    with pytest.raises(UpstreamError) as refused:
        await ask(upstream.base_url, "s")
    assert type(refused.value) is kind


async def test_a_mock_that_others_wrote(tmp_path: Path) -> None:
    answer = {"match": {"userMessage": "plainly"}, "response": {"content": "Good day to you."}}
    with aimock(tmp_path, [{**answer, "chunkSize": 4}]) as base_url:
        events = await ask(base_url, KEY, PromptMessage("user", "plainly"), model="claude-x")
        assert "".join(e.text for e in events if isinstance(e, TextDelta)) == "Good day to you."
        assert events[-1] == Finished("stop")
        with pytest.raises(Unauthorized):
            await ask(base_url, "another", PromptMessage("user", "plainly"), model="claude-x")


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoEndpoint]:
    model = DemoModel(log_file=tmp_path_factory.mktemp("demo") / "demo-model.log", temperature=0)
    yield model.start()
    model.stop()


@pytest.mark.demo_model
def test_a_conversation_with_a_real_model(
    transactional_db: None, ada_at: Browser, endpoint: DemoEndpoint
) -> None:
    provider = Provider.objects.create(
        title="llama.cpp by another dialect",
        kind="anthropic_messages",
        base_url=f"{endpoint.address}/v1",
        own_host_may_be_private=True,
    )
    Credential.objects.create(provider=provider, secret=endpoint.key)
    LanguageModel.objects.create(provider=provider, name=endpoint.model)
    conversation = ada_at.start("What is the capital of France?")
    generation = settled(conversation, within=60)
    assert generation.status == "completed"
    assert "Paris" in answer_of(conversation).text
    assert generation.prompt_tokens
    ada_at.say(conversation, "Is it large?")
    assert settled(conversation, within=60).status == "completed"
