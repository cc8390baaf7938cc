"""Real servers behind one portal, of which any may be taken down in the middle of use: members keep getting answers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from tests.portal import Browser, Portal, answer_of, settled
from tests.test_pasted_secrets import jwt
from tests.upstreams.aimock import KEY, aimock
from tests.upstreams.chatgpt_emulator import ChatGPTEmulator
from upstream.demo.process import DemoModel
from upstream.models import Credential, LanguageModel, Provider

pytestmark = [pytest.mark.once, pytest.mark.demo_model]


def offered(title: str, base_url: str, *secrets: str, **fields: Any) -> LanguageModel:
    """A provider with these credentials, and its one model."""
    name = fields.pop("name", "m")
    provider = Provider.objects.create(
        title=title, base_url=base_url, own_host_may_be_private=True, **fields
    )
    for secret in secrets:
        Credential.objects.create(provider=provider, secret=secret, title=f"{title} {secret[:4]}")
    return LanguageModel.objects.create(provider=provider, name=name, title=title)


@pytest.fixture
def two_servers(tmp_path: Path) -> Iterator[tuple[DemoModel, DemoModel, Any, Any]]:
    """Two llama.cpp servers, each with a key of its own."""
    first, second = (
        DemoModel(log_file=tmp_path / f"{number}.log", temperature=0) for number in (1, 2)
    )
    yield first, second, first.start(), second.start()
    first.stop()
    second.stop()


def test_a_server_that_is_taken_down_is_answered_for_by_another(
    ada_at: Browser,
    transactional_db: None,
    two_servers: tuple[DemoModel, DemoModel, Any, Any],
    tmp_path: Path,
) -> None:
    first, second, one, two = two_servers
    assert one.key != two.key
    fixture = {
        "match": {"userMessage": "Still there?"},
        "response": {"content": "The last one is."},
    }
    with aimock(tmp_path, [fixture]) as mock_url:
        last = offered("aimock", mock_url, KEY, name="gpt-x")
        middle = offered("second", f"{two.address}/v1", two.key, name=two.model)
        asked = offered("first", f"{one.address}/v1", one.key, name=one.model)
        LanguageModel.objects.filter(pk=asked.pk).update(fallback=middle)
        LanguageModel.objects.filter(pk=middle.pk).update(fallback=last)

        conversation = ada_at.start("What is the capital of France?", model=asked.pk)
        assert settled(conversation, within=60).answered_by is None
        first.stop()
        ada_at.say(conversation, "And of Italy?", model=asked.pk)
        assert settled(conversation, within=60).answered_by == middle
        assert answer_of(conversation).text
        second.stop()
        ada_at.say(conversation, "Still there?", model=asked.pk)
        generation = settled(conversation, within=60)
        assert (generation.status, generation.answered_by) == ("completed", last)
        assert answer_of(conversation).text == "The last one is."


def test_a_server_that_dies_in_mid_answer_is_gone_on_from(
    ada_at: Browser, transactional_db: None, two_servers: tuple[DemoModel, DemoModel, Any, Any]
) -> None:
    first, _second, one, two = two_servers
    other = offered("second", f"{two.address}/v1", two.key, name=two.model)
    asked = offered("first", f"{one.address}/v1", one.key, name=one.model)
    LanguageModel.objects.filter(pk=asked.pk).update(fallback=other)
    with ada_at.socket() as page:
        conversation = ada_at.start("Tell me a long story about a ship.", model=asked.pk)
        page.join(conversation)
        page.until("delta")
        first.stop()
        page.until_ended()
    assert settled(conversation, within=60).status == "interrupted"
    answer = answer_of(conversation)
    begun = answer.text
    assert begun
    ada_at.ask_again(answer, "continue")
    generation = settled(conversation, within=60)
    assert (generation.status, generation.answered_by) == ("completed", other)
    assert answer_of(conversation).text.startswith(begun)


def test_a_wrong_key_beside_a_right_one(
    ada_at: Browser, transactional_db: None, two_servers: tuple[DemoModel, DemoModel, Any, Any]
) -> None:
    _first, _second, one, _two = two_servers
    offered("first", f"{one.address}/v1", "sk-revoked-long-ago", one.key, name=one.model)
    conversation = ada_at.start("What is the capital of France?")
    assert settled(conversation, within=60).status == "completed"
    states = dict(Credential.objects.values_list("title", "state"))
    assert states.pop("first sk-r") == "expired"
    assert set(states.values()) == {"healthy"}


def test_tokens_expire_and_are_replaced_in_the_admin(
    ada_at: Browser, carol: User, portal: Portal, transactional_db: None
) -> None:
    ends = time.time() + 8
    short = jwt(exp=ends, who="short")
    long, fresh = jwt(exp=time.time() + 90 * 86400, who="long"), jwt(exp=time.time() + 1e6)
    with ChatGPTEmulator(tokens=(short, long), one_at_a_time=True) as gateway:
        model = offered("Lent", gateway.url, kind=Provider.Kind.CHATGPT_TOKEN, name="gpt-4")
        for title, token in (("short", short), ("long", long)):
            credential = Credential(provider=model.provider, title=title)
            credential.take_secret(token)
            credential.save()
        conversation = ada_at.start("One")
        assert settled(conversation, within=60).status == "completed"
        assert gateway.turns[-1].token == short
        time.sleep(
            max(0, ends - time.time()) + 0.1
        )  # its time is over, by its own word: nobody is asked in vain
        ada_at.say(conversation, "Two")
        generation = settled(conversation, within=60)
        assert (generation.status, generation.replayed, generation.tried) == ("completed", True, {})
        assert gateway.turns[-1].token == long
        # The other one is revoked before its time; an administrator replaces it while Ada waits.
        gateway.tokens = {fresh}
        ada_at.say(conversation, "Three")
        assert settled(conversation, within=60).error_code == "unauthorized"
        replaced = Credential.objects.get(title="long")
        form = {"title": "long", "new_secret": f"Bearer {fresh}", "is_enabled": "on"}
        path = reverse("admin:upstream_credential_change", args=[replaced.pk])
        assert portal.opened_by(carol).post(path, **form).status_code == 302
        ada_at.ask_again(answer_of(conversation), "retry")
        assert settled(conversation, within=60).status == "completed"
        assert gateway.turns[-1].token == fresh
