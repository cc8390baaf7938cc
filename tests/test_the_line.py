"""Waiting in line and failing over, through the whole portal: nobody sees one credential fail while another answers."""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from typing import Any

import pytest

from accounts.models import User
from conversations.generation.claiming import Assignment
from conversations.generation.engine import Engine
from conversations.generation.hub import Hub
from conversations.generation.in_database import DatabaseThreads
from conversations.generation.journal import Journal
from conversations.generation.manuscript import Manuscript
from conversations.generation.runner import Runner
from conversations.models import Conversation, Generation
from tests.portal import Browser, Portal, answer_of, eventually, settled
from tests.upstreams.chatgpt_emulator import ChatGPTEmulator
from tests.upstreams.scripted import (
    FINISH,
    HEAD,
    Cut,
    Hold,
    ScriptedUpstream,
    delta,
    refuse,
    stream,
)
from upstream.client import UpstreamClient
from upstream.models import Alert, Credential, LanguageModel, Lease, Provider, UsageRecord, Webhook


@pytest.fixture
def second(model: LanguageModel) -> Credential:
    """A second credential of the same provider; the first comes first."""
    return Credential.objects.create(provider=model.provider, secret="sk-second", title="Second")


def secrets_of(upstream: ScriptedUpstream) -> list[str]:
    return [each.headers["authorization"].removeprefix("Bearer ") for each in upstream.requests]


@pytest.mark.parametrize(
    ("failing", "code"),
    [
        (
            refuse(429, {"error": {"message": "slow down"}}, headers={"Retry-After": "60"}),
            "rate_limited",
        ),
        (refuse(401, {"error": {"message": "no"}}), "unauthorized"),
        (refuse(403, {"error": {"message": "no"}}), "unauthorized"),
        (refuse(402, {"error": {"message": "pay"}}), "quota_exceeded"),
        (refuse(500, {"error": {"message": "oops"}}), "unreachable"),
        (refuse(200, b"<html><title>Just a moment</title></html>"), "malformed"),
        ([HEAD, Cut], "interrupted"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_before_the_first_delta_the_next_credential_answers(
    ada_at: Browser,
    upstream: ScriptedUpstream,
    model: LanguageModel,
    second: Credential,
    failing: list[Any],
    code: str,
) -> None:
    upstream.will(failing)
    with ada_at.socket() as page:
        conversation = ada_at.start("Well?")
        page.join(conversation)
        settled(conversation)
        page.until_quiet(0.3)
        statuses = {event["status"] for event in page.events if event["type"] == "status"}
    generation = settled(conversation)
    assert generation.status == "completed", generation.error_detail
    assert answer_of(conversation).text == "Yes, indeed."
    assert "failed" not in statuses
    assert [error["code"] for error in generation.tried["errors"]] == [code]
    assert len(set(secrets_of(upstream))) == 2
    assert [record.outcome for record in UsageRecord.objects.order_by("pk")] == [code, "completed"]
    eventually(lambda: not Lease.objects.exists())
    page_now = ada_at.branch(conversation)
    assert '<p data-detail="tries">' in page_now


def test_an_address_that_cannot_be_reached_is_not_tried_with_another_credential(
    ada_at: Browser, upstream: ScriptedUpstream, second: Credential
) -> None:
    upstream.will([Cut])
    assert settled(ada_at.start()).error_code == "unreachable"
    assert len(upstream.requests) == 1


def test_what_is_about_the_request_is_not_tried_elsewhere(
    ada_at: Browser, upstream: ScriptedUpstream, second: Credential
) -> None:
    upstream.will(refuse(400, {"error": {"code": "context_length_exceeded", "message": "long"}}))
    assert settled(ada_at.start()).error_code == "context_too_long"
    assert len(upstream.requests) == 1


def test_after_the_first_delta_it_is_interrupted_and_goes_on_with_another_credential(
    ada_at: Browser, upstream: ScriptedUpstream, second: Credential
) -> None:
    upstream.will([HEAD, delta("I begin"), Cut])
    upstream.will(stream(" and end."))
    conversation = ada_at.start()
    assert settled(conversation).status == "interrupted"
    answer = answer_of(conversation)
    assert answer.text == "I begin"
    ada_at.ask_again(answer, "continue")
    assert settled(conversation).status == "completed"
    assert answer_of(conversation).text == "I begin and end."
    assert len(set(secrets_of(upstream))) == 2


def test_the_fallback_model_answers_and_the_details_say_so(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    with ScriptedUpstream() as other:
        provider = Provider.objects.create(
            title="Other", base_url=other.base_url, own_host_may_be_private=True
        )
        Credential.objects.create(provider=provider, secret="sk-other")
        fallback = LanguageModel.objects.create(provider=provider, name="f", title="The other one")
        # It points back, which ends the chain and does not go round in it.
        LanguageModel.objects.filter(pk=fallback.pk).update(fallback=model)
        LanguageModel.objects.filter(pk=model.pk).update(fallback=fallback)
        upstream.close_port()
        conversation = ada_at.start("Are you there?", model=model.pk)
        generation = settled(conversation)
        assert generation.status == "completed"
        assert generation.answered_by == fallback
        assert answer_of(conversation).model_title == "The other one"
        assert '<p data-detail="answered_by">' in ada_at.branch(conversation)
        # While the provider is left alone nobody waits for its time-out again.
        assert len(other.requests) == 1
        ada_at.say(conversation, "And now?", model=model.pk)
        assert settled(conversation).tried == {}
        other.close_port()
        ada_at.say(conversation, "And now?", model=model.pk)
        assert settled(conversation).error_code == "unreachable"


def test_all_credentials_out_at_once_is_said_and_told(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel, second: Credential
) -> None:
    Webhook.objects.create(title="Ops", url="https://hooks.example.com/x", is_enabled=True)
    for _ in range(2):
        upstream.will(refuse(401, {"error": {"message": "token_expired"}}))
    conversation = ada_at.start()
    generation = settled(conversation)
    assert generation.error_code == "unauthorized"
    assert "token_expired" in generation.error_detail
    assert {each.state for each in Credential.objects.all()} == {"expired"}
    assert Alert.objects.count() == 2
    ada_at.ask_again(answer_of(conversation), "retry")
    assert settled(conversation).error_code == "unauthorized"
    assert len(upstream.requests) == 2  # nobody is asked in vain
    for each in Credential.objects.all():
        each.replace_secret("sk-fresh")
    ada_at.ask_again(answer_of(conversation), "retry")
    assert settled(conversation).status == "completed"


def test_a_short_cool_down_is_waited_for(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    upstream.will(refuse(429, {"error": {"message": "slow"}}, headers={"Retry-After": "1"}))
    began = time.monotonic()
    conversation = ada_at.start()
    assert settled(conversation).status == "completed"
    assert time.monotonic() - began >= 0.9


def test_who_waits_sees_the_place_in_line_and_can_stop(
    ada_at: Browser, bob_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    Provider.objects.update(longest_wait_seconds=60, silence_seconds=60)
    Credential.objects.update(most_at_once=1)
    hold = Hold()
    upstream.will([HEAD, delta("One"), hold, FINISH])
    first = ada_at.start("First")
    eventually(lambda: upstream.requests)
    waiting = [ada_at.start(f"Ada's {number}") for number in range(2)]
    with bob_at.socket() as page:
        bobs = bob_at.start("Bob's")
        page.join(bobs)
        while (place := page.next()).get("position") is None:
            pass  # in the snapshot, or said after it
        assert (place["status"], place["position"]) == ("pending", 1)  # Ada was served last
        eventually(lambda: Generation.objects.filter(position=3).exists())
        assert "number 3 in line" in ada_at.branch(waiting[1])
        (second,) = waiting[1].generations.all()
        assert ada_at.stop(second).status_code == 204
        assert settled(waiting[1]).status == "stopped"
        assert len(upstream.requests) == 1
        hold.release()
        page.until_ended()
    for conversation in (first, bobs, waiting[0]):
        assert settled(conversation).status == "completed"
    asked = [each.body["messages"][-1]["content"] for each in upstream.requests]
    assert asked == ["First", "Bob's", "Ada's 0"]


def test_a_wait_that_takes_too_long_says_why(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    Provider.objects.update(longest_wait_seconds=1)
    Credential.objects.update(most_at_once=1)
    hold = Hold()
    upstream.will([HEAD, delta("One"), hold, FINISH])
    ada_at.start("First")
    eventually(lambda: upstream.requests)
    generation = settled(ada_at.start("Second"))
    assert generation.error_code == "rate_limited"
    assert "were busy" in generation.error_detail
    hold.release()


def test_a_provider_that_hangs_on_every_connection_holds_nobody_up_twice(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    with ScriptedUpstream() as hanging:
        hanging.will([Hold()])
        provider = Provider.objects.create(
            title="Hangs",
            base_url=hanging.base_url,
            own_host_may_be_private=True,
            silence_seconds=1,
        )
        Credential.objects.create(provider=provider, secret="sk-hangs")
        hangs = LanguageModel.objects.create(provider=provider, name="h", fallback=model)
        began = time.monotonic()
        conversation = ada_at.start("Anybody?", model=hangs.pk)
        assert settled(conversation).answered_by == model
        assert time.monotonic() - began < 5
        assert len(hanging.requests) == 1


def test_no_credential_is_idle_while_somebody_waits(
    portal: Portal, ada: User, bob: User, transactional_db: None
) -> None:
    with ChatGPTEmulator(tokens=("t1-token", "t2-token"), one_at_a_time=True) as gateway:
        gateway.always(text="An answer of some length, in pieces.", held=True)
        provider = Provider.objects.create(
            title="Two",
            kind=Provider.Kind.CHATGPT_TOKEN,
            base_url=gateway.url,
            own_host_may_be_private=True,
        )
        for token in ("t1-token", "t2-token"):
            Credential.objects.create(provider=provider, secret=token)
        LanguageModel.objects.create(provider=provider, name="gpt-4")
        conversations = [
            at.start(f"{number}")
            for number in range(6)
            for at in (portal.opened_by(ada), portal.opened_by(bob))
        ]
        for waiting in reversed(range(len(conversations))):
            # As long as anybody waits, both are answering, whichever of them has ended its turn.
            busy = min(2, waiting + 1)
            eventually(lambda busy=busy: len(gateway.held) == busy, within=30)
            gateway.let_go(gateway.held[waiting % len(gateway.held)])
        for conversation in conversations:
            assert eventually(lambda c=conversation: settled(c), within=30).status == "completed"
    assert [turn.status for turn in gateway.turns] == [200] * len(conversations)
    for token in ("t1-token", "t2-token"):
        own = sorted((turn.began, turn.ended) for turn in gateway.turns if turn.token == token)
        assert len(own) >= 4
        assert all(end <= begin for (_, end), (begin, _) in itertools.pairwise(own))


def test_a_token_that_is_deleted_in_use_ends_its_answer_first(
    ada_at: Browser, transactional_db: None
) -> None:
    with ChatGPTEmulator(tokens=("t1-token", "t2-token")) as gateway:
        gateway.always(text="An answer in pieces.", pause=0.2)
        provider = Provider.objects.create(
            title="One",
            kind=Provider.Kind.CHATGPT_TOKEN,
            base_url=gateway.url,
            own_host_may_be_private=True,
        )
        credential = Credential.objects.create(provider=provider, secret="t1-token")
        LanguageModel.objects.create(provider=provider, name="gpt-4")
        conversation = ada_at.start("One")
        eventually(lambda: conversation.generations.filter(status="streaming"))
        credential.delete()
        assert settled(conversation).status == "completed"
        Credential.objects.create(provider=provider, secret="t2-token")
        ada_at.say(conversation, "Two")
        assert settled(conversation).replayed


def test_a_token_that_dies_in_use_moves_its_conversation(
    ada_at: Browser, transactional_db: None
) -> None:
    with ChatGPTEmulator(tokens=("t1-token", "t2-token"), one_at_a_time=True) as gateway:
        provider = Provider.objects.create(
            title="Two",
            kind=Provider.Kind.CHATGPT_TOKEN,
            base_url=gateway.url,
            own_host_may_be_private=True,
        )
        for token in ("t1-token", "t2-token"):
            Credential.objects.create(provider=provider, secret=token)
        LanguageModel.objects.create(provider=provider, name="gpt-4")
        conversation = ada_at.start("One")
        settled(conversation)
        gateway.expire(gateway.turns[0].token)
        ada_at.say(conversation, "Two")
        generation = settled(conversation)
        assert (generation.status, generation.replayed) == ("completed", True)
        assert gateway.turns[-1].token != gateway.turns[0].token
        assert [error["code"] for error in generation.tried["errors"]] == ["unauthorized"]
        assert Conversation.objects.get().credential_id == generation.credential_id
        ada_at.say(conversation, "Three")
        assert not settled(conversation).replayed


async def test_a_runner_that_sent_its_generation_back_does_not_take_the_next_one_with_it() -> None:
    """Its task may end after the generation was claimed again; one without a runner would be ended as lost."""
    engine, generation = Engine(), uuid.uuid4()
    before, after = (runner_of(generation) for _ in range(2))
    ended = asyncio.create_task(asyncio.sleep(0))
    await ended
    engine.runners[generation] = after
    engine._forget(ended, before)
    assert engine.runners == {generation: after}
    engine._forget(ended, after)
    assert engine.runners == {}


def runner_of(generation: uuid.UUID) -> Any:
    manuscript = Manuscript(generation, message_id=uuid.uuid4(), conversation_id=uuid.uuid4())
    return Runner(
        Assignment(manuscript, locale=""),
        client=UpstreamClient(),
        journal=Journal(Hub(), uuid.uuid4()),
        hub=Hub(),
        database=DatabaseThreads("unused"),
        on_released=lambda: None,
    )
