"""The bundled model: a real llama.cpp server behind a key, gone when its parent is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.portal_process import wait_until
from upstream.demo import process, weights
from upstream.demo.process import DemoEndpoint, DemoModel, DemoModelError

pytestmark = [pytest.mark.once, pytest.mark.demo_model]

QUESTION = {"role": "user", "content": "What is the capital of France?"}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoEndpoint]:
    model = DemoModel(log_file=tmp_path_factory.mktemp("demo") / "demo-model.log")
    yield model.start()
    model.stop()


@pytest.fixture
def client(endpoint: DemoEndpoint) -> Iterator[httpx.Client]:
    # Without keep-alive: the server closes after a stream, whatever its headers say.
    headers = {"Authorization": f"Bearer {endpoint.key}", "Connection": "close"}
    with httpx.Client(
        base_url=endpoint.address, headers=headers, timeout=60, trust_env=False
    ) as client:
        yield client


def test_it_answers_word_by_word(client: httpx.Client, endpoint: DemoEndpoint) -> None:
    request = {"model": endpoint.model, "messages": [QUESTION], "stream": True, "temperature": 0}
    with client.stream("POST", "/v1/chat/completions", json=request) as response:
        deltas = [_text(line) for line in response.iter_lines() if line.startswith("data: {")]
    assert len(deltas) > 5
    assert "Paris" in "".join(deltas)


def test_it_opens_to_its_key_only(endpoint: DemoEndpoint) -> None:
    for headers in ({}, {"Authorization": "Bearer guess"}):
        answer = httpx.get(f"{endpoint.address}/v1/models", headers=headers, trust_env=False)
        assert answer.status_code == 401


def test_two_members_have_4096_tokens_each(client: httpx.Client) -> None:
    assert [slot["n_ctx"] for slot in client.get("/slots").json()] == [4096, 4096]


def test_hanging_up_frees_its_place(client: httpx.Client, endpoint: DemoEndpoint) -> None:
    request = {"model": endpoint.model, "messages": [QUESTION], "stream": True, "ignore_eos": True}
    with client.stream("POST", "/v1/chat/completions", json=request) as response:
        lines = response.iter_lines()  # kept: one that nobody holds hangs up at once
        next(lines)
        assert _busy(client)
    wait_until(lambda: not _busy(client), seconds=5)


def test_without_weights_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(weights, "PACKAGE", "no_such_package")
    with pytest.raises(DemoModelError, match="no-such-package"):
        DemoModel(log_file=tmp_path / "log").start()


def test_a_start_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    model = DemoModel(log_file=tmp_path / "log", start_seconds=0.01)
    with pytest.raises(DemoModelError, match="did not answer"):
        model.start()
    assert model._process is None


def test_it_is_told_none_of_the_portals_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hush")
    assert "hush" not in process._environment().values()


def _busy(client: httpx.Client) -> bool:
    return any(slot["is_processing"] for slot in client.get("/slots").json())


def _text(line: str) -> str:
    choices = json.loads(line.removeprefix("data: "))["choices"]
    return (choices[0]["delta"].get("content") or "") if choices else ""
