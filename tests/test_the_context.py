"""What a model is shown: the settings of a conversation, marks on its messages, and the window's limit."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from conversations.generation.sent import read_sent
from conversations.models import Conversation, Message
from conversations.prompt_choice import choose_messages
from tests.portal import Browser, answer_of, settled
from tests.test_the_tree import act, asked
from tests.upstreams.scripted import (
    DONE,
    FINISH,
    HEAD,
    ScriptedUpstream,
    delta,
    finish,
    refuse,
    stream,
)
from upstream.models import LanguageModel


def sent_to(upstream: ScriptedUpstream) -> list[str]:
    return [each["content"] for each in upstream.requests[-1].body["messages"]]


@pytest.fixture
def conversation(ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel) -> Conversation:
    """Two turns: First? One. Second? Two."""
    upstream.will(stream("One."))
    upstream.will(stream("Two."))
    begun = ada_at.start("First?")
    settled(begun)
    ada_at.say(begun, "Second?")
    settled(begun)
    return begun


def changed(browser: Browser, conversation: Conversation, **settings: Any) -> Any:
    form = {"uses_context": "on", **settings}
    return browser.post(f"/conversations/{conversation.pk}/settings/", **form)


def say(browser: Browser, conversation: Conversation, text: str = "Third?") -> None:
    assert browser.say(conversation, text).status_code == 201
    settled(conversation)


def test_settings_are_sent_with_every_turn(
    ada_at: Browser, upstream: ScriptedUpstream, conversation: Conversation
) -> None:
    settings = {"system_prompt": "Be brief.", "temperature": "0.5", "top_p": "0.9"}
    assert changed(ada_at, conversation, **settings, longest_answer="50").status_code == 204
    say(ada_at, conversation)
    body = upstream.requests[-1].body
    assert sent_to(upstream) == ["Be brief.", "First?", "One.", "Second?", "Two.", "Third?"]
    assert (body["temperature"], body["top_p"], body["max_tokens"]) == (0.5, 0.9, 50)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"temperature": "3"}, "less than or equal to 2"),
        ({"temperature": "hot"}, "number"),
        ({"top_p": "-1"}, "greater than or equal to 0"),
        ({"longest_answer": "0"}, "greater than or equal to 1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    ada_at: Browser, conversation: Conversation, settings: dict[str, str], sentence: str
) -> None:
    refused = changed(ada_at, conversation, **settings)
    assert refused.status_code == 422
    assert sentence in refused.json()["error"]["message"]


def test_a_conversation_can_be_begun_with_settings(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    settings = {"has_settings": "1", "uses_context": "on", "system_prompt": "Rhyme."}
    settled(ada_at.start("Hello", **settings))
    assert sent_to(upstream) == ["Rhyme.", "Hello"]
    refused = ada_at.post(
        "/conversations/new/", text="x", client_id=str(uuid.uuid4()), has_settings="1", top_p="7"
    )
    assert refused.status_code == 422


def test_context_can_be_off(
    ada_at: Browser, upstream: ScriptedUpstream, conversation: Conversation
) -> None:
    ada_at.post(f"/conversations/{conversation.pk}/settings/", system_prompt="Be brief.")
    say(ada_at, conversation)
    assert sent_to(upstream) == ["Be brief.", "Third?"]


@pytest.mark.parametrize(("number", "earlier"), [("0", []), ("1", ["Two."]), ("3", None)])
def test_so_many_earlier_messages_are_sent(
    ada_at: Browser,
    upstream: ScriptedUpstream,
    conversation: Conversation,
    number: str,
    earlier: list[str] | None,
) -> None:
    changed(ada_at, conversation, earlier_messages=number)
    say(ada_at, conversation)
    expected = ["One.", "Second?", "Two."] if earlier is None else earlier
    assert sent_to(upstream) == [*expected, "Third?"]


def test_a_message_can_be_left_out_and_sent_again(
    ada_at: Browser, upstream: ScriptedUpstream, conversation: Conversation
) -> None:
    html = act(ada_at, asked(conversation, "One."), "context", mark="left_out", on="1").text
    assert "Left out of the context" in html
    say(ada_at, conversation)
    assert sent_to(upstream) == ["First?", "Second?", "Two.", "Third?"]
    act(ada_at, asked(conversation, "One."), "context", mark="left_out", on="0")
    say(ada_at, conversation, "Fourth?")
    assert sent_to(upstream)[:2] == ["First?", "One."]


def test_all_above_a_mark_is_forgotten_until_it_is_taken_away(
    ada_at: Browser, upstream: ScriptedUpstream, conversation: Conversation
) -> None:
    html = act(ada_at, asked(conversation, "Two."), "context", mark="ends_context", on="1").text
    assert "Everything above this line is forgotten" in html
    say(ada_at, conversation)
    assert sent_to(upstream) == ["Third?"]
    say(ada_at, conversation, "Fourth?")
    assert sent_to(upstream) == ["Third?", "Yes, indeed.", "Fourth?"]
    act(ada_at, asked(conversation, "Two."), "context", mark="ends_context", on="0")
    say(ada_at, conversation, "Fifth?")
    assert sent_to(upstream)[0] == "First?"


def test_what_does_not_fit_the_window_is_cut_oldest_first_and_told(
    ada_at: Browser, upstream: ScriptedUpstream, conversation: Conversation
) -> None:
    changed(ada_at, conversation, system_prompt="S" * 100)
    # 29 tokens for the system prompt, 6 for the question, 5 for each that is short, 10 kept free: one more fits.
    LanguageModel.objects.update(context_window=41 + 10)
    changed(ada_at, conversation, system_prompt="S" * 100, longest_answer="10")
    say(ada_at, conversation)
    assert sent_to(upstream) == ["S" * 100, "Two.", "Third?"]
    generation = settled(conversation)
    assert generation.details["cut"] == 3
    assert '<p data-detail="cut">' in ada_at.branch(conversation)
    details = act_get(ada_at, answer_of(conversation))
    assert "The 3 oldest messages did not fit" in details


def test_the_gauge_counts_what_would_be_sent(ada_at: Browser, conversation: Conversation) -> None:
    LanguageModel.objects.update(context_window=4000)
    changed(ada_at, conversation, system_prompt="Be brief, please.")
    url = f"/conversations/{conversation.pk}/gauge/?model={LanguageModel.objects.get().pk}"
    counted = ada_at.http.get(url).json()
    assert counted == {
        "window": 4000,
        "room": 1000,
        "system": 5,
        "earlier": [6, 5, 6, 5],
        "uncounted": 0,
    }


def test_of_a_very_long_conversation_the_gauge_counts_the_newest(
    ada_at: Browser, conversation: Conversation
) -> None:
    above = answer_of(conversation)
    more: list[Message] = []
    for number in range(700):
        parent = more[-1] if more else above
        more.append(
            Message(conversation=conversation, parent=parent, role="user", text=str(number))
        )
    Message.objects.bulk_create(more)
    Conversation.objects.filter(pk=conversation.pk).update(current_leaf=more[-1])

    def counted() -> tuple[int, int]:
        told = ada_at.http.get(f"/conversations/{conversation.pk}/gauge/").json()
        return len(told["earlier"]), told["uncounted"]

    assert counted() == (500, 204)
    changed(ada_at, conversation, earlier_messages="600")
    assert counted() == (500, 100)
    changed(ada_at, conversation, earlier_messages="3")
    assert counted() == (3, 0)
    changed(ada_at, conversation)
    act(ada_at, more[-10], "context", mark="ends_context", on="1")
    assert counted() == (9, 0)


@pytest.mark.parametrize("chosen", ["", "x", "9" * 30, "²", "-1"])
def test_the_gauge_takes_no_harm_from_a_model_that_is_none(
    ada_at: Browser, conversation: Conversation, chosen: str
) -> None:
    url = f"/conversations/{conversation.pk}/gauge/"
    assert ada_at.http.get(url, params={"model": chosen}).json()["window"] is None


def act_get(browser: Browser, message: Message) -> str:
    text: str = browser.http.get(f"/messages/{message.pk}/details/").text
    return text


def test_details_show_exactly_what_was_sent(
    ada_at: Browser, upstream: ScriptedUpstream, conversation: Conversation
) -> None:
    changed(ada_at, conversation, system_prompt="Be <b>brief</b>.", temperature="0.3")
    act(ada_at, asked(conversation, "First?"), "delete")
    say(ada_at, conversation)
    generation = settled(conversation)
    # What is changed afterwards changes nothing of what was sent.
    changed(ada_at, conversation, system_prompt="Otherwise.")
    act(ada_at, asked(conversation, "First?"), "restore")
    act(ada_at, asked(conversation, "One."), "delete")
    html = act_get(ada_at, generation.message)
    assert "Be &lt;b&gt;brief&lt;/b&gt;." in html
    assert "temperature 0.3" in html
    assert "sk-" not in html
    sent = read_sent(generation)
    assert sent is not None
    assert sent.body == upstream.requests[-1].body
    assert [each.text for each in sent.messages] == [
        "Be <b>brief</b>.",
        "One.",
        "Second?",
        "Two.",
        "Third?",
    ]


def test_of_an_answer_that_went_on_only_its_beginning_had_been_sent(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    upstream.will([HEAD, delta("Once"), finish("length"), DONE])
    upstream.will(stream(" upon a time."))
    conversation = ada_at.start("A tale?")
    settled(conversation)
    ada_at.ask_again(answer_of(conversation), "continue")
    generation = settled(conversation)
    assert answer_of(conversation).text == "Once upon a time."
    sent = read_sent(generation)
    assert sent is not None and sent.body == upstream.requests[-1].body
    assert [each.text for each in sent.messages] == ["A tale?", "Once"]


def test_tokens_that_nobody_counted_are_marked_as_estimates(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    upstream.will([HEAD, delta("Yes, I think so."), FINISH, DONE])
    conversation = ada_at.start("Is it so?")
    settled(conversation)
    html = act_get(ada_at, answer_of(conversation))
    assert "≈ 4 tokens" in html and "≈ 7 tokens" in html
    upstream.will(stream("Yes."))
    say(ada_at, conversation)
    html = act_get(ada_at, answer_of(conversation))
    assert "7 tokens" in html and "≈" not in html


def test_details_tell_of_tries(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    model.provider.credentials.create(secret="sk-second")
    upstream.will(refuse(401, {"error": {"message": "no"}}))
    conversation = ada_at.start()
    settled(conversation)
    html = act_get(ada_at, answer_of(conversation))
    assert "Tries" in html and "unauthorized" in html


def test_a_mark_that_nobody_sees_forgets_nothing(
    ada_at: Browser, upstream: ScriptedUpstream, conversation: Conversation
) -> None:
    act(ada_at, asked(conversation, "One."), "context", mark="ends_context", on="1")
    act(ada_at, asked(conversation, "One."), "delete")
    say(ada_at, conversation)
    assert sent_to(upstream) == ["First?", "Second?", "Two.", "Third?"]


def test_a_mark_on_the_question_itself_forgets_what_stands_above_it() -> None:
    branch = [
        Message(role="user", text="a"),
        Message(role="assistant", text="b"),
        Message(role="user", text="c", ends_context=True),
    ]
    choice = choose_messages(branch, Conversation(), window=None)
    assert [message.text for message in choice.shown] == ["c"]


def test_the_rule_in_one_place() -> None:
    """The system prompt and the question are never cut, however small the window."""
    branch = [
        Message(role="user", text="a" * 400),
        Message(role="assistant", text=""),
        Message(role="user", text="b" * 4000),
    ]
    choice = choose_messages(branch, Conversation(system_prompt="s" * 4000), window=10)
    assert [message.text[0] for message in choice.shown] == ["b"]
    assert (choice.cut, choice.omitted) == (1, 0)
