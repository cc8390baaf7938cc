"""A member asks, the model answers, and it is all there when they come back."""

from __future__ import annotations

import uuid

import pytest

from conversations.models import Conversation, Delta, Message
from tests.portal import Browser, answer_of, settled
from tests.upstreams.scripted import DONE, FINISH, HEAD, Hold, ScriptedUpstream, delta, stream
from upstream.models import LanguageModel

pytestmark = pytest.mark.usefixtures("model")


def test_an_answer_streams_in_and_is_saved(ada_at: Browser, upstream: ScriptedUpstream) -> None:
    upstream.will(stream("Yes", ", ", "it is."))
    conversation = ada_at.start("Is it so?")
    with ada_at.socket().join(conversation) as socket:
        shown = socket.until_ended()
    assert (shown.text, shown.status) == ("Yes, it is.", "completed")
    answer = answer_of(conversation)
    assert answer.text == "Yes, it is."
    assert answer.parent is not None and answer.parent.text == "Is it so?"
    generation = settled(conversation)
    assert (generation.prompt_tokens, generation.completion_tokens) == (7, 3)
    assert not Delta.objects.exists()


def test_the_conversation_gets_a_title_from_its_first_message(ada_at: Browser) -> None:
    conversation = ada_at.start("How do I cook rice?\nI have a pot.")
    assert conversation.title == "How do I cook rice?"


def test_a_second_question_is_answered_in_the_light_of_the_first(
    ada_at: Browser, upstream: ScriptedUpstream
) -> None:
    upstream.will(stream("Ada."))
    conversation = ada_at.start("I am Ada. Who am I?")
    settled(conversation)
    assert ada_at.say(conversation, "Are you sure?").status_code == 201
    settled(conversation)
    assert upstream.requests[1].body["messages"] == [
        {"role": "user", "content": "I am Ada. Who am I?"},
        {"role": "assistant", "content": "Ada."},
        {"role": "user", "content": "Are you sure?"},
    ]


def test_two_conversations_are_answered_at_once(
    ada_at: Browser, upstream: ScriptedUpstream
) -> None:
    first_hold, second_hold = Hold(), Hold()
    upstream.will([HEAD, delta("one"), first_hold, FINISH, DONE])
    upstream.will([HEAD, delta("two"), second_hold, FINISH, DONE])
    first, second = ada_at.start("First?"), ada_at.start("Second?")
    assert first_hold.reached.wait(5)
    assert second_hold.reached.wait(5)
    second_hold.release()
    assert settled(second).status == "completed"
    assert first.generations.get().status == "streaming"
    first_hold.release()
    assert settled(first).status == "completed"


def test_nobody_watching_changes_nothing(ada_at: Browser, upstream: ScriptedUpstream) -> None:
    hold = Hold()
    upstream.will([HEAD, delta("It goes"), hold, delta(" on."), FINISH, DONE])
    conversation = ada_at.start()
    with ada_at.socket().join(conversation) as socket:
        socket.until_text("It goes")
    hold.release()
    settled(conversation)
    assert answer_of(conversation).text == "It goes on."


def test_sending_twice_is_one_message(ada_at: Browser) -> None:
    same = str(uuid.uuid4())
    forms = [ada_at.post("/conversations/new/", text="Once", client_id=same) for _ in range(2)]
    assert forms[0].json() == forms[1].json()
    conversation = Conversation.objects.get()
    settled(conversation)
    again = str(uuid.uuid4())
    assert [ada_at.say(conversation, "Twice", client_id=again).status_code for _ in range(2)] == [
        201,
        201,
    ]
    assert Message.objects.filter(text="Twice").count() == 1


def test_a_second_message_waits_for_the_first_answer(
    ada_at: Browser, upstream: ScriptedUpstream
) -> None:
    hold = Hold()
    upstream.will([HEAD, delta("Wait"), hold, FINISH, DONE])
    conversation = ada_at.start()
    refused = ada_at.say(conversation, "Hurry!")
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "busy"
    assert not Message.objects.filter(text="Hurry!").exists()
    hold.release()
    settled(conversation)
    assert ada_at.say(conversation, "Hurry!").status_code == 201


def test_the_chosen_model_is_asked_and_remembered(ada_at: Browser, model: LanguageModel) -> None:
    other = LanguageModel.objects.create(provider=model.provider, name="other-1", title="Other")
    conversation = ada_at.start("Who are you?", model=other.pk)
    assert conversation.language_model == other
    assert answer_of(conversation).model_title == "Other"
