"""At temperature 0 what the portal shows is, character for character, what the model's server answers by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from tests.portal import Browser, answer_of, settled
from upstream.client import UpstreamClient
from upstream.demo import registration
from upstream.demo.process import DemoEndpoint, DemoModel
from upstream.types import ChatRequest, PromptMessage, Target, TextDelta

pytestmark = [pytest.mark.once, pytest.mark.demo_model]

QUESTIONS = [
    "What is the capital of France?",
    "Write a Python function that adds two numbers.",
    "Explain in three sentences why the sky is blue.",
]


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoEndpoint]:
    """The demo model, at temperature 0 for requests that name none: the portal cannot name one yet."""
    log_file = tmp_path_factory.mktemp("demo") / "demo-model.log"
    model = DemoModel(log_file=log_file, temperature=0)
    yield model.start()
    model.stop()


def _asked_directly(endpoint: DemoEndpoint, question: str, **options: Any) -> str:
    answer = httpx.post(
        f"{endpoint.address}/v1/chat/completions",
        json={
            "model": endpoint.model,
            "messages": [{"role": "user", "content": question}],
            **options,
        },
        headers={"Authorization": f"Bearer {endpoint.key}"},
        timeout=180,
        trust_env=False,
    )
    answer.raise_for_status()
    text: str = answer.json()["choices"][0]["message"]["content"]
    assert len(text) > 20, "too little to compare"
    return text


@pytest.mark.parametrize("question", QUESTIONS)
async def test_our_client_brings_the_same_text(endpoint: DemoEndpoint, question: str) -> None:
    target = Target(
        "demo", "openai_chat", f"{endpoint.address}/v1", endpoint.key, own_host_may_be_private=True
    )
    request = ChatRequest(endpoint.model, (PromptMessage("user", question),), temperature=0)
    client = UpstreamClient()
    try:
        async with aclosing(client.stream_chat(target, request)) as events:
            deltas = [event.text async for event in events if isinstance(event, TextDelta)]
    finally:
        await client.aclose()
    assert len(deltas) > 5
    assert "".join(deltas) == _asked_directly(endpoint, question, temperature=0)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_page_shows_and_keeps_the_same_text(
    ada_at: Browser, endpoint: DemoEndpoint, question: str
) -> None:
    registration.register(address=endpoint.address, key=endpoint.key, model=endpoint.model)
    conversation = ada_at.start(question)
    with ada_at.socket().join(conversation) as socket:
        shown = socket.until_ended()
    settled(conversation)
    own = _asked_directly(endpoint, question)
    assert shown.text == answer_of(conversation).text == own
