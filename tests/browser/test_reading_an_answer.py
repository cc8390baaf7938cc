"""How an answer is read: as it was written, with what the model thought, and appearing as its reader likes."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.people import ADA, Person
from tests.upstreams.scripted import (
    DONE,
    FINISH,
    HEAD,
    Hold,
    ScriptedUpstream,
    Wait,
    delta,
    stream,
)

ANSWER = "# Title\n\nSome **strong** words.\n"


def _likes(ada: Person, mode: str) -> None:
    """What the server writes into the page of a member who chose it; the first question brings a page of its own."""
    ada.asks("Hello")
    ada.sees_it("completed")
    ada.page.evaluate("window.shown = []")
    ada.page.evaluate("(mode) => { document.documentElement.dataset.typewriter = mode }", mode)


def test_an_answer_is_shown_as_it_was_written_and_back(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    upstream.will(stream(ANSWER))
    ada.asks("Write")
    ada.sees_it("completed")
    rendered = ada.text.inner_html()
    ada.chooses_for(ada.answer, "Show as written")
    expect(ada.text).to_have_text(ANSWER.strip(), use_inner_text=True)
    expect(ada.text.locator("*")).to_have_count(0)
    ada.chooses_for(ada.answer, "Show formatted")
    expect(ada.text.locator("h1")).to_have_text("Title")
    assert ada.text.inner_html() == rendered


def test_as_written_also_while_it_is_being_written(ada: Person, upstream: ScriptedUpstream) -> None:
    hold = Hold()
    upstream.will([HEAD, delta("**One"), hold, delta("** two"), FINISH, DONE])
    ada.asks("Write")
    expect(ada.text).to_have_text("**One")
    ada.answer.evaluate("(message) => { message.view = 'raw' }")
    hold.release()
    ada.sees_it("completed")
    expect(ada.text).to_have_text("**One** two")


def test_how_long_the_model_thought(ada: Person, upstream: ScriptedUpstream) -> None:
    hold = Hold()
    upstream.will(
        [HEAD, delta("Let me see.", key="reasoning_content"), hold, delta("Four."), FINISH, DONE]
    )
    began = time.monotonic()
    ada.asks("What is 2 + 2?")
    expect(ada.answer.get_by_text("Thinking…")).to_be_visible()
    time.sleep(2.2)
    hold.release()
    ada.sees_it("completed")
    at_most = time.monotonic() - began
    thought = ada.answer.get_by_text(re.compile(r"Thought for \d+ s"))
    expect(thought).to_be_visible()
    expect(ada.page.get_by_text("Let me see.")).to_be_hidden()
    told = thought.inner_text()
    assert 2 <= int("".join(filter(str.isdigit, told))) <= round(at_most)
    ada.page.reload()
    ada.is_ready()
    expect(ada.answer.get_by_text(told)).to_be_visible()


def test_whole_shows_nothing_until_it_is_finished(ada: Person, upstream: ScriptedUpstream) -> None:
    _likes(ada, "whole")
    hold = Hold()
    upstream.will([HEAD, delta("First half, "), hold, delta("second half."), FINISH, DONE])
    ada.asks("Write")
    # As a delta or, where the page joined after it, in a snapshot.
    ada.until(lambda: any("First half" in str(event) for event in ada.heard), "nothing came")
    ada.page.wait_for_timeout(300)
    expect(ada.text).to_have_text("")
    expect(ada.answer.locator(".message__status")).to_have_text("writing…")
    hold.release()
    expect(ada.text).to_have_text("First half, second half.")
    assert ada.shown == []


def test_smooth_spreads_what_comes_at_once(ada: Person, upstream: ScriptedUpstream) -> None:
    _likes(ada, "smooth")
    text = "These words come in one piece, and are shown one after another. 中文 👩‍👩‍👧 " * 3
    whole = f"Now: {text}".strip()
    hold = Hold()
    upstream.will([HEAD, delta("Now: "), Wait(1), delta(text), hold, delta("End."), FINISH, DONE])
    ada.asks("Write")
    expect(ada.text).to_have_text(whole)  # it catches up
    hold.release()
    ada.sees_it("completed")
    lengths = [len(shown) for shown in ada.shown]
    assert lengths == sorted(lengths)
    assert any(len("Now: ") < length < len(whole) for length in lengths), "it came in one piece"


@pytest.mark.parametrize("mode", ["at_once", "smooth with less motion"])
def test_at_once_shows_what_comes(arrive: Arrive, upstream: ScriptedUpstream, mode: str) -> None:
    still = "less motion" in mode
    ada = arrive(ADA, reduced_motion="reduce" if still else "no-preference")
    _likes(ada, mode.split(" ", maxsplit=1)[0])
    upstream.will([HEAD, delta("All of this. " * 20), Wait(0.6), delta("End."), FINISH, DONE])
    ada.asks("Write")
    ada.sees_it("completed")
    assert len(ada.shown) <= 3
