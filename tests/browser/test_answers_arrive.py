"""Answers are watched while they are written: in one tab, in two, in two conversations at once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import APIResponse, Route, expect

from tests.browser.people import Person
from tests.upstreams.scripted import DONE, FINISH, HEAD, Hold, ScriptedUpstream, delta


def test_each_delta_is_shown_when_it_comes(ada: Person, upstream: ScriptedUpstream) -> None:
    first, second = Hold(), Hold()
    upstream.will(
        [HEAD, delta("One "), first, delta("two "), second, delta("three."), FINISH, DONE]
    )
    ada.asks("Count")
    expect(ada.text).to_have_text("One")
    ada.sees_it("streaming")
    first.release()
    expect(ada.text).to_have_text("One two")
    ada.sees_it("streaming")
    second.release()
    expect(ada.text).to_have_text("One two three.")
    ada.sees_it("completed")
    assert ada.shown[-1].startswith("One two")
    assert [event["text"] for event in ada.deltas][-2:] == ["two ", "three."]


def test_a_second_question_brings_the_first_along(ada: Person, upstream: ScriptedUpstream) -> None:
    ada.asks("Is it so?")
    ada.sees_it("completed")
    ada.asks("And why?")
    ada.sees_it("completed")
    assert [message["content"] for message in upstream.requests[1].body["messages"]] == [
        "Is it so?",
        "Yes, indeed.",
        "And why?",
    ]


def test_another_conversation_while_the_first_still_writes(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    left, right = Hold(), Hold()
    upstream.will([HEAD, delta("Left "), left, delta("hand."), FINISH, DONE])
    upstream.will([HEAD, delta("Right "), right, delta("foot."), FINISH, DONE])
    ada.asks("The left one")
    expect(ada.text).to_have_text("Left")
    ada.starts_a_conversation()
    ada.asks("The right one")
    expect(ada.text).to_have_text("Right")
    writing = ada.page.locator(".conversation-row[data-writing]")
    expect(writing).to_have_count(2)

    left.release()
    expect(writing).to_have_count(1)
    expect(ada.text).to_have_text("Right")
    ada.rows.filter(has_text="The left one").first.get_by_role("link").click()
    expect(ada.text).to_have_text("Left hand.")
    right.release()
    expect(writing).to_have_count(0)
    ada.rows.filter(has_text="The right one").first.get_by_role("link").click()
    expect(ada.text).to_have_text("Right foot.")


def test_a_second_tab_follows(ada: Person, upstream: ScriptedUpstream) -> None:
    ada.asks("First of all")
    ada.sees_it("completed")
    other = Person(ada.page.context.new_page())
    other.opens(ada.page.url)
    going_on = Hold()
    upstream.will([HEAD, delta("Both "), going_on, delta("see it."), FINISH, DONE])
    ada.asks("Do both see it?")
    expect(other.questions).to_have_count(2)
    expect(other.text).to_have_text("Both")
    expect(other.stop).to_be_visible()
    going_on.release()
    for tab in (ada, other):
        expect(tab.text).to_have_text("Both see it.")
        tab.sees_it("completed")
    expect(other.send).to_be_visible()


def test_who_comes_late_sees_what_was_written(ada: Person, upstream: ScriptedUpstream) -> None:
    going_on = Hold()
    upstream.will([HEAD, delta("Before. "), going_on, delta("After."), FINISH, DONE])
    ada.asks("When?")
    expect(ada.text).to_have_text("Before.")
    ada.page.reload()
    ada.is_ready()
    expect(ada.text).to_have_text("Before.")
    going_on.release()
    expect(ada.text).to_have_text("Before. After.")
    ada.sees_it("completed")


@pytest.mark.parametrize("origin", ["trusted"], indirect=True)  # the held request goes by its name
def test_an_answer_that_outran_the_reply_to_its_question_is_left_alone(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    ada.asks("First")
    ada.sees_it("completed")
    replies: list[tuple[Route, APIResponse]] = []
    sending = re.compile(r"/conversations/[0-9a-f-]+/messages/$")
    ada.page.route(sending, lambda route: replies.append((route, route.fetch())))
    hold = Hold()
    upstream.will([HEAD, delta("I begin"), hold, delta(" and end."), FINISH, DONE])
    ada.composer.fill("Second")
    ada.composer.press("Enter")
    expect(ada.questions).to_have_count(2)  # by the socket
    expect(ada.text).to_have_text("I begin")
    ada.answer.evaluate("(message) => { message.dataset.before = 'kept' }")
    ada.until(lambda: len(replies) == 1, "no reply came")
    [(route, reply)] = replies
    route.fulfill(response=reply)
    expect(ada.composer).to_have_value("")
    hold.release()
    ada.sees_it("completed")
    expect(ada.text).to_have_text("I begin and end.")
    expect(ada.answer).to_have_attribute("data-before", "kept")


def test_thinking_stands_apart(ada: Person, upstream: ScriptedUpstream) -> None:
    thought = delta("Two and two.", key="reasoning_content")
    upstream.will([HEAD, thought, delta("Four."), FINISH, DONE])
    ada.asks("What is 2 + 2?")
    ada.sees_it("completed")
    expect(ada.text).to_have_text("Four.")
    expect(ada.page.get_by_text("Two and two.")).to_be_hidden()
    ada.page.get_by_text(re.compile(r"Thought for (a moment|\d+ s)")).click()
    expect(ada.page.get_by_text("Two and two.")).to_be_visible()
