"""Versions, deleted messages and copies: nothing that was said is ever overwritten."""

from __future__ import annotations

import re
import uuid
from typing import Any

from conversations.models import Conversation, Message
from tests.portal import Browser, answer_of, settled
from tests.upstreams.scripted import DONE, HEAD, Hold, ScriptedUpstream, delta, finish, stream
from upstream.models import LanguageModel


def shown_in(html: str) -> list[str]:
    return re.findall(r'message__text" dir="auto"[^>]*>([^<]*)<', html)


def act(browser: Browser, message: Message, door: str, **form: Any) -> Any:
    return browser.post(f"/messages/{message.pk}/{door}/", **form)


def edited(browser: Browser, message: Message, text: str) -> Any:
    return act(browser, message, "edit", text=text, client_id=str(uuid.uuid4()))


def asked(conversation: Conversation, text: str) -> Message:
    return conversation.messages.get(text=text)


def test_an_edited_message_stands_beside_the_old_one(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    upstream.will(stream("Four."))
    upstream.will(stream("Six."))
    conversation = ada_at.start("Two and two?")
    settled(conversation)
    answer = edited(ada_at, asked(conversation, "Two and two?"), "Three and three?")
    assert answer.status_code == 201
    settled(conversation)
    html = ada_at.branch(conversation)
    assert shown_in(html) == ["Three and three?", "Six."]
    assert 'data-place="2/2"' in html
    html = act(ada_at, asked(conversation, "Two and two?"), "version").text
    assert shown_in(html) == ["Two and two?", "Four."]
    assert 'data-place="1/2"' in html
    assert [each.body["messages"] for each in upstream.requests] == [
        [{"role": "user", "content": "Two and two?"}],
        [{"role": "user", "content": "Three and three?"}],
    ]


def test_an_answer_in_the_middle_is_given_once_more_and_what_was_said_below_the_old_one_stays(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    for text in ("One.", "Two.", "One, otherwise."):
        upstream.will(stream(text))
    conversation = ada_at.start("First?")
    settled(conversation)
    ada_at.say(conversation, "Second?")
    settled(conversation)
    assert ada_at.ask_again(asked(conversation, "One."), "regenerate").status_code == 201
    settled(conversation)
    assert shown_in(ada_at.branch(conversation)) == ["First?", "One, otherwise."]
    html = act(ada_at, asked(conversation, "One."), "version").text
    assert shown_in(html) == ["First?", "One.", "Second?", "Two."]
    ada_at.say(conversation, "Third?")
    settled(conversation)
    assert [each["content"] for each in upstream.requests[-1].body["messages"]] == [
        "First?",
        "One.",
        "Second?",
        "Two.",
        "Third?",
    ]


def test_the_same_edit_sent_twice_is_one_message(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    conversation = ada_at.start("Is it so?")
    settled(conversation)
    question = asked(conversation, "Is it so?")
    form = {"text": "Is it really so?", "client_id": str(uuid.uuid4())}
    for _ in range(2):
        assert act(ada_at, question, "edit", **form).status_code == 201
        settled(conversation)
    assert conversation.messages.filter(role="user").count() == 2


def test_an_edit_sent_again_while_its_answer_is_written_is_the_same_turn(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    conversation = ada_at.start("Is it so?")
    settled(conversation)
    hold = Hold()
    upstream.will([HEAD, delta("Well"), hold])
    form = {"text": "Is it really so?", "client_id": str(uuid.uuid4())}
    for _ in range(2):
        assert act(ada_at, asked(conversation, "Is it so?"), "edit", **form).status_code == 201
    hold.release()
    settled(conversation)
    assert conversation.messages.filter(role="user").count() == 2


def test_what_stands_last_is_what_is_gone_on_from(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    upstream.will([HEAD, delta("So long"), finish("length"), DONE])
    upstream.will(stream("Never mind."))
    upstream.will(stream(" and thanks."))
    conversation = ada_at.start("Say goodbye.")
    settled(conversation)
    long = answer_of(conversation)
    ada_at.say(conversation, "Why?")
    settled(conversation)
    answer, question = answer_of(conversation), asked(conversation, "Why?")
    for message in (answer, question):
        act(ada_at, message, "delete")
    assert answer_of(conversation) == long
    assert ada_at.ask_again(long, "continue").status_code == 201
    settled(conversation)
    assert shown_in(ada_at.branch(conversation)) == ["Say goodbye.", "So long and thanks."]
    # What was said below it was told of half an answer, and still is.
    assert shown_in(act(ada_at, question, "restore").text)[-1] == "Why?"
    html = act(ada_at, answer, "restore").text
    assert shown_in(html) == ["Say goodbye.", "So long", "Why?", "Never mind."]


def test_while_an_answer_is_written_the_tree_stands_still(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    hold = Hold()
    upstream.will([HEAD, delta("Well"), hold])
    conversation = ada_at.start("Is it so?")
    question = asked(conversation, "Is it so?")
    refused = [
        edited(ada_at, question, "Other"),
        act(ada_at, question, "delete"),
        act(ada_at, question, "version"),
        act(ada_at, answer_of(conversation), "copy"),
        ada_at.ask_again(answer_of(conversation), "regenerate"),
    ]
    assert [each.status_code for each in refused] == [409] * 5
    assert {each.json()["error"]["code"] for each in refused} == {"busy"}
    hold.release()
    settled(conversation)
    assert conversation.messages.filter(deleted_at=None).count() == 2


def test_a_deleted_message_is_in_no_prompt_and_comes_back(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    upstream.will(stream("Hello, Ada."))
    conversation = ada_at.start("I am Ada.")
    settled(conversation)
    question = asked(conversation, "I am Ada.")
    html = act(ada_at, question, "delete").text
    assert shown_in(html) == ["Hello, Ada."]
    ada_at.say(conversation, "Who am I?")
    settled(conversation)
    contents = [each["content"] for each in upstream.requests[-1].body["messages"]]
    assert contents == ["Hello, Ada.", "Who am I?"]
    html = act(ada_at, question, "restore").text
    assert shown_in(html)[:2] == ["I am Ada.", "Hello, Ada."]


def test_where_a_version_is_deleted_the_one_beside_it_is_shown(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    upstream.will(stream("Heads."))
    upstream.will(stream("Tails."))
    conversation = ada_at.start("Heads or tails?")
    settled(conversation)
    ada_at.ask_again(answer_of(conversation), "regenerate")
    settled(conversation)
    tails = asked(conversation, "Tails.")
    html = act(ada_at, tails, "delete").text
    assert shown_in(html) == ["Heads or tails?", "Heads."]
    assert "data-place" not in html
    assert shown_in(act(ada_at, tails, "restore").text) == ["Heads or tails?", "Tails."]


def test_five_hundred_versions_of_an_answer_are_counted_and_turned(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    conversation = ada_at.start("Again?")
    settled(conversation)
    question, answer = asked(conversation, "Again?"), answer_of(conversation)
    others = [
        Message(conversation=conversation, parent=question, role="assistant", text=f"No. {number}")
        for number in range(499)
    ]
    Message.objects.bulk_create(others)
    html = act(ada_at, others[250], "version").text
    assert 'data-place="252/500"' in html
    assert f'data-previous="{others[249].pk}"' in html
    assert 'data-place="1/500"' in act(ada_at, answer, "version").text


def test_a_copy_holds_the_branch_down_to_a_message_and_nothing_else(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    for text in ("One.", "Two."):
        upstream.will(stream(text))
    conversation = ada_at.start("First?")
    settled(conversation)
    ada_at.say(conversation, "Second?")
    settled(conversation)
    Conversation.objects.filter(pk=conversation.pk).update(system_prompt="Be brief.")
    copied = act(ada_at, asked(conversation, "One."), "copy")
    assert copied.status_code == 201
    (copy,) = Conversation.objects.exclude(pk=conversation.pk)
    assert copied.json()["url"] == copy.get_absolute_url()
    assert (copy.title, copy.system_prompt) == ("Copy of First?", "Be brief.")
    assert shown_in(ada_at.branch(copy)) == ["First?", "One."]
    ada_at.say(copy, "And then?")
    settled(copy)
    contents = [each["content"] for each in upstream.requests[-1].body["messages"]]
    assert contents == ["Be brief.", "First?", "One.", "And then?"]
    assert conversation.messages.count() == 4


def test_a_conversation_is_begun_anew_and_what_was_said_stays(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    upstream.will(stream("One."))
    conversation = ada_at.start("First?")
    settled(conversation)
    assert ada_at.post(f"/conversations/{conversation.pk}/clear/").status_code == 302
    assert shown_in(ada_at.branch(conversation)) == []
    ada_at.say(conversation, "Anew?")
    settled(conversation)
    assert upstream.requests[-1].body["messages"] == [{"role": "user", "content": "Anew?"}]
    html = ada_at.branch(conversation)
    assert 'data-place="2/2"' in html
    html = act(ada_at, asked(conversation, "First?"), "version").text
    assert shown_in(html) == ["First?", "One."]
