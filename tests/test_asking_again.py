"""Retry, Regenerate and Continue: a new answer is a sibling, a continued one goes on in place."""

from __future__ import annotations

import pytest

from tests.portal import Browser, answer_of, settled
from tests.upstreams.scripted import (
    DONE,
    FINISH,
    HEAD,
    Cut,
    Hold,
    ScriptedUpstream,
    delta,
    finish,
    refuse,
    stream,
)
from upstream.adapters.openai_chat import CONTINUE
from upstream.models import LanguageModel

pytestmark = pytest.mark.usefixtures("model")


def test_regenerate_makes_a_sibling_and_overwrites_nothing(
    ada_at: Browser, upstream: ScriptedUpstream
) -> None:
    upstream.will(stream("First answer."))
    upstream.will(stream("Second answer."))
    conversation = ada_at.start()
    settled(conversation)
    first = answer_of(conversation)
    assert ada_at.ask_again(first, "regenerate").status_code == 201
    settled(conversation)
    second = answer_of(conversation)
    assert second.pk != first.pk
    assert second.parent_id == first.parent_id
    first.refresh_from_db()
    assert (first.text, second.text) == ("First answer.", "Second answer.")
    assert upstream.requests[0].body["messages"] == upstream.requests[1].body["messages"]


def test_retry_of_an_empty_failure_answers_in_the_same_place(
    ada_at: Browser, upstream: ScriptedUpstream
) -> None:
    upstream.will(refuse(503, {"error": {"message": "overloaded"}}))
    conversation = ada_at.start()
    assert settled(conversation).status == "failed"
    failed = answer_of(conversation)
    ada_at.ask_again(failed, "retry")
    assert settled(conversation).status == "completed"
    assert answer_of(conversation) == failed
    assert conversation.messages.count() == 2


def test_retry_of_a_broken_answer_keeps_it_beside_the_new_one(
    ada_at: Browser, upstream: ScriptedUpstream
) -> None:
    upstream.will([HEAD, delta("Broken"), Cut])
    conversation = ada_at.start()
    assert settled(conversation).status == "interrupted"
    broken = answer_of(conversation)
    ada_at.ask_again(broken, "retry")
    settled(conversation)
    broken.refresh_from_db()
    assert broken.text == "Broken"
    assert answer_of(conversation).text == "Yes, indeed."


def test_continue_goes_on_in_place(ada_at: Browser, upstream: ScriptedUpstream) -> None:
    upstream.will([HEAD, delta("One, two,"), Cut])
    upstream.will([HEAD, delta(" three"), delta("."), FINISH, DONE])
    conversation = ada_at.start("Count.")
    settled(conversation)
    broken = answer_of(conversation)
    with ada_at.socket().join(conversation) as socket:
        socket.until("joined")
        assert ada_at.ask_again(broken, "continue").status_code == 201
    assert settled(conversation).status == "completed"
    assert answer_of(conversation).text == "One, two, three."
    assert upstream.requests[1].body["messages"] == [
        {"role": "user", "content": "Count."},
        {"role": "assistant", "content": "One, two,"},
        {"role": "user", "content": CONTINUE},
    ]


def test_a_server_that_goes_on_by_itself_is_not_asked_in_words(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    model.provider.continues_prefilled = True
    model.provider.save()
    upstream.will([HEAD, delta("One"), Cut])
    conversation = ada_at.start("Count.")
    settled(conversation)
    ada_at.ask_again(answer_of(conversation), "continue")
    settled(conversation)
    assert upstream.requests[1].body["messages"][-1] == {"role": "assistant", "content": "One"}


def test_an_answer_cut_at_its_longest_can_be_continued(
    ada_at: Browser, upstream: ScriptedUpstream
) -> None:
    upstream.will([HEAD, delta("Once upon"), finish("length"), DONE])
    conversation = ada_at.start("A story.")
    assert settled(conversation).finish_reason == "length"
    ada_at.ask_again(answer_of(conversation), "continue")
    settled(conversation)
    assert answer_of(conversation).text == "Once uponYes, indeed."


def test_a_whole_answer_has_nothing_to_continue(ada_at: Browser) -> None:
    conversation = ada_at.start()
    settled(conversation)
    refused = ada_at.ask_again(answer_of(conversation), "continue")
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "whole"


def test_asking_again_waits_while_an_answer_is_written(
    ada_at: Browser, upstream: ScriptedUpstream
) -> None:
    conversation = ada_at.start()
    settled(conversation)
    first = answer_of(conversation)
    upstream.will([HEAD, delta("Busy"), Hold()])
    ada_at.say(conversation, "More?")
    assert ada_at.ask_again(first, "regenerate").status_code == 409
    assert conversation.messages.count() == 4


def test_what_an_interrupted_answer_wrote_stays_in_the_prompt(
    ada_at: Browser, upstream: ScriptedUpstream
) -> None:
    upstream.will([HEAD, delta("Half"), Cut])
    conversation = ada_at.start("Question?")
    settled(conversation)
    ada_at.say(conversation, "Well?")
    settled(conversation)
    assert [message["content"] for message in upstream.requests[1].body["messages"]] == [
        "Question?",
        "Half",
        "Well?",
    ]
