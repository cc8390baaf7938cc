"""The composer: what sends, what breaks the line, and what an input method does with Enter."""

from __future__ import annotations

import pytest
from playwright.sync_api import CDPSession, expect

from tests.browser.people import Person
from tests.upstreams.scripted import ScriptedUpstream, stream

LISTEN = """
() => {
  window.enters = [];
  document.querySelector("textarea").addEventListener(
    "keydown",
    ({ key, keyCode, isComposing }) => key === "Enter" && window.enters.push({ keyCode, isComposing }),
  );
}
"""


def test_the_empty_page_invites(ada: Person) -> None:
    expect(ada.page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    expect(ada.composer).to_be_focused()
    ada.page.get_by_role("button", name="Write a short message").click()
    expect(ada.composer).to_have_value("Write a short, friendly message that says: ")
    expect(ada.composer).to_be_focused()


def test_shift_and_enter_break_the_line(ada: Person, upstream: ScriptedUpstream) -> None:
    ada.composer.press_sequentially("One")
    ada.composer.press("Shift+Enter")
    ada.composer.press_sequentially("Two")
    expect(ada.composer).to_have_value("One\nTwo")
    expect(ada.questions).to_have_count(0)
    ada.composer.press("Enter")
    expect(ada.questions).to_have_text("One\nTwo", use_inner_text=True)
    ada.sees_it("completed")
    assert upstream.requests[0].body["messages"][-1]["content"] == "One\nTwo"


def test_nothing_is_sent_where_nothing_is_written(ada: Person, upstream: ScriptedUpstream) -> None:
    ada.composer.press_sequentially("   ")
    ada.composer.press("Enter")
    expect(ada.page.get_by_role("alert")).to_have_text("Write something first.")
    assert upstream.requests == []


@pytest.mark.parametrize("key_code", [229, 13])
def test_enter_while_composing_never_sends(
    ada: Person, upstream: ScriptedUpstream, key_code: int
) -> None:
    keyboard = ada.page.context.new_cdp_session(ada.page)
    ada.page.evaluate(LISTEN)
    ada.composer.focus()
    _composes(keyboard, "ni hao")
    expect(ada.composer).to_have_value("ni hao")
    _presses_enter(keyboard, key_code, composing=True)
    assert ada.page.evaluate("window.enters") == [{"keyCode": key_code, "isComposing": True}]
    keyboard.send("Input.insertText", {"text": "你好"})
    expect(ada.composer).to_have_value("你好")
    expect(ada.questions).to_have_count(0)
    assert upstream.requests == []

    _presses_enter(keyboard, 13)  # the composition is over: this one sends
    expect(ada.questions).to_have_text("你好")
    ada.sees_it("completed")
    assert [request.body["messages"][-1]["content"] for request in upstream.requests] == ["你好"]


def test_the_enter_that_ends_a_composition_in_safari_does_not_send(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    keyboard = ada.page.context.new_cdp_session(ada.page)
    ada.page.evaluate(LISTEN)
    ada.composer.focus()
    _composes(keyboard, "ni hao")
    keyboard.send("Input.insertText", {"text": "你好"})
    _presses_enter(keyboard, 229)
    assert ada.page.evaluate("window.enters") == [{"keyCode": 229, "isComposing": False}]
    expect(ada.composer).to_have_value("你好")
    expect(ada.questions).to_have_count(0)
    assert upstream.requests == []


def test_chinese_and_emoji_go_up_and_come_down_whole(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    question, answer = "今天天气怎么样？👩‍👩‍👧 🇨🇳", "很好，**阳光明媚**。🌞👋🏽"
    upstream.will(stream(*answer))
    ada.asks(question)
    ada.sees_it("completed")
    expect(ada.questions).to_have_text(question)
    expect(ada.text).to_have_text(answer.replace("*", ""))
    expect(ada.text.locator("strong")).to_have_text("阳光明媚")
    expect(ada.title).to_have_text(question)
    assert upstream.requests[0].body["messages"][-1]["content"] == question
    ada.page.reload()
    expect(ada.text).to_have_text(answer.replace("*", ""))


def test_what_was_typed_outlives_a_reload(ada: Person) -> None:
    ada.composer.press_sequentially("Half a thou")
    ada.page.reload()
    ada.is_ready()
    expect(ada.composer).to_have_value("Half a thou")


def _composes(keyboard: CDPSession, text: str) -> None:
    keyboard.send(
        "Input.imeSetComposition",
        {"text": text, "selectionStart": len(text), "selectionEnd": len(text)},
    )


def _presses_enter(keyboard: CDPSession, key_code: int, *, composing: bool = False) -> None:
    key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": key_code}
    # As a browser does it: a key that the input method takes brings no text of its own.
    text = {} if composing or key_code == 229 else {"text": "\r", "unmodifiedText": "\r"}
    keyboard.send(
        "Input.dispatchKeyEvent", {"type": "keyDown" if text else "rawKeyDown", **key, **text}
    )
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})
