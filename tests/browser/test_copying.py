"""Copy works wherever the portal is opened, also where browsers withhold the clipboard."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.people import Person, at_both_origins
from tests.upstreams.scripted import ScriptedUpstream, stream

CODE = 'def greet(name):\n    return f"你好, {name} 👋"'
ANSWER = f"**Like this:**\n\n```python\n{CODE}\n```\n\nThat is *all*."


def test_what_is_withheld_from_a_plain_http_page(ada: Person) -> None:
    page = ada.page
    assert page.evaluate("window.isSecureContext") is False
    assert page.evaluate("typeof crypto.randomUUID") == "undefined"
    assert page.evaluate("typeof navigator.clipboard") == "undefined"
    assert page.evaluate("typeof navigator.serviceWorker") == "undefined"


@at_both_origins
def test_an_answer_is_copied_as_it_was_written(ada: Person, upstream: ScriptedUpstream) -> None:
    upstream.will(stream(ANSWER))
    ada.asks("How do I greet?")
    ada.sees_it("completed")
    ada.answer.locator(".message__actions").get_by_role("button", name="Copy").click()
    expect(ada.page.get_by_text("Copied.")).to_be_attached()
    _pastes_and_finds(ada, ANSWER)


@at_both_origins
def test_a_block_of_code_is_copied_alone(ada: Person, upstream: ScriptedUpstream) -> None:
    upstream.will(stream(ANSWER))
    ada.asks("How do I greet?")
    ada.sees_it("completed")
    expect(ada.text.locator(".code__language")).to_have_text("python")
    ada.text.locator(".code").get_by_role("button", name="Copy").click()
    expect(ada.page.get_by_text("Copied.")).to_be_attached()
    _pastes_and_finds(ada, CODE)


def _pastes_and_finds(ada: Person, text: str) -> None:
    ada.composer.fill("")
    ada.composer.press("ControlOrMeta+V")
    expect(ada.composer).to_have_value(text)
