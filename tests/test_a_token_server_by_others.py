"""A whole conversation against pandora-chatgpt's server, with the real model behind it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from conversations.models import Conversation
from tests.portal import Browser, answer_of, settled
from tests.upstreams.aimock import _free_port, _wait_until_it_listens
from upstream.demo.process import DemoEndpoint, DemoModel
from upstream.models import Credential, LanguageModel, Provider

pytestmark = [pytest.mark.once, pytest.mark.demo_model]
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoEndpoint]:
    model = DemoModel(log_file=tmp_path_factory.mktemp("demo") / "demo-model.log", temperature=0)
    yield model.start()
    model.stop()


@pytest.fixture
def pandora(tmp_path: Path, endpoint: DemoEndpoint) -> Iterator[str]:
    """Its address; `good-token` opens it."""
    python = os.environ.get("PANDORA_PYTHON")
    if not python:
        pytest.skip("no pandora-chatgpt: run the tests by make test")
    port, log = _free_port(), tmp_path / "pandora.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [python, "tests/upstreams/pandora_server.py", str(port), endpoint.key],
            cwd=ROOT,
            env={**os.environ, "OPENAI_API_PREFIX": endpoint.address},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        _wait_until_it_listens(process, port, log=log)
        yield f"http://127.0.0.1:{port}/api/conversation"
    finally:
        process.kill()
        process.wait()


def test_three_turns_with_a_branch(transactional_db: None, ada_at: Browser, pandora: str) -> None:
    provider = Provider.objects.create(
        title="Pandora",
        kind=Provider.Kind.CHATGPT_TOKEN,
        base_url=pandora,
        own_host_may_be_private=True,
        operator_acknowledged=True,
    )
    Credential.objects.create(provider=provider, secret="good-token")
    LanguageModel.objects.create(provider=provider, name="gpt-3.5-turbo", title="Pandora's")
    conversation = ada_at.start("What is the capital of France?")
    assert settled(conversation, within=60).status == "completed"
    first = answer_of(conversation)
    assert "Paris" in first.text
    for text in ("And of Italy?", "Write a line of Python."):
        ada_at.say(conversation, text)
        assert settled(conversation, within=60).status == "completed"
        assert answer_of(conversation).text
    assert not conversation.generations.filter(replayed=True).exists()
    Conversation.objects.filter(pk=conversation.pk).update(current_leaf=first)
    ada_at.say(conversation, "And of Spain?")
    assert settled(conversation, within=60).status == "completed"
    branch = answer_of(conversation)
    assert ada_at.ask_again(branch, "regenerate").status_code == 201
    assert settled(conversation, within=60).status == "completed"
    variant = answer_of(conversation)

    tree = httpx.get(
        f"{pandora}/{conversation.upstream_conversation_id}",
        headers={"Authorization": "Bearer good-token"},
        trust_env=False,
    ).json()["mapping"]
    questions = {
        node["id"]: node["message"]["content"]["parts"][0]
        for node in tree.values()
        if node["message"] and node["message"]["author"]["role"] == "user"
    }
    assert [questions[pk] for pk in tree[first.upstream_message_id]["children"]] == [
        "And of Italy?",
        "And of Spain?",
    ]
    spain = tree[variant.upstream_message_id]["parent"]
    assert questions[spain] == "And of Spain?"
    assert tree[spain]["children"] == [branch.upstream_message_id, variant.upstream_message_id]

    httpx.patch(
        f"{pandora}/{conversation.upstream_conversation_id}",
        headers={"Authorization": "Bearer good-token"},
        json={"is_visible": False},
        trust_env=False,
    )
    ada_at.say(conversation, "And of Greece?")
    generation = settled(conversation, within=60)
    assert (generation.status, generation.replayed) == ("completed", True)
