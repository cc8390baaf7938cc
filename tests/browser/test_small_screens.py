"""On a phone the list is a drawer, and at no width does the page scroll sideways."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.people import ADA, Person
from tests.upstreams.scripted import ScriptedUpstream, stream

WIDE = (
    "A word without end: " + "Donaudampfschifffahrt" * 12 + "\n\n"
    "```python\n" + "x = " + "1 + " * 80 + "1\n```\n\n"
    "| " + " | ".join(f"column {n}" for n in range(14)) + " |\n"
    "|" + "---|" * 14 + "\n"
    "| " + " | ".join(f"value{n}" * 3 for n in range(14)) + " |\n\n"
    "`" + "inline_" * 40 + "` and https://example.com/" + "path/" * 40 + "\n\n"
    "1. one\n   - two\n     - three\n       - " + "four" * 40 + "\n"
)
PHONE = {"width": 390, "height": 800}


@pytest.fixture
def on_a_phone(arrive: Arrive) -> Person:
    return arrive(ADA, viewport=PHONE, has_touch=True, is_mobile=True)


def test_the_drawer_opens_and_closes(on_a_phone: Person) -> None:
    drawer = on_a_phone.page.get_by_role("navigation", name="Conversations")
    opener = on_a_phone.page.locator("[data-open-drawer]")
    expect(drawer).to_be_hidden()
    for way in ("button", "Escape", "backdrop"):
        opener.click()
        expect(drawer).to_be_visible()
        expect(opener).to_have_attribute("aria-expanded", "true")
        if way == "button":
            drawer.get_by_role("button", name="Close").click()
        elif way == "Escape":
            on_a_phone.page.keyboard.press("Escape")
        else:
            on_a_phone.page.mouse.click(PHONE["width"] - 10, PHONE["height"] / 2)
        expect(drawer).to_be_hidden()
        expect(opener).to_have_attribute("aria-expanded", "false")
        expect(opener).to_be_focused()


def test_a_conversation_is_chosen_in_the_drawer(on_a_phone: Person) -> None:
    on_a_phone.composer.fill("On the way")
    on_a_phone.send.click()
    on_a_phone.sees_it("completed")
    on_a_phone.is_ready()
    address = on_a_phone.page.url
    on_a_phone.page.locator("[data-open-drawer]").click()
    on_a_phone.starts_a_conversation()
    on_a_phone.page.locator("[data-open-drawer]").click()
    on_a_phone.row("On the way").first.get_by_role("link").click()
    expect(on_a_phone.page).to_have_url(address)
    expect(on_a_phone.text).to_have_text("Yes, indeed.")


def test_enter_breaks_the_line_where_no_other_key_does(
    on_a_phone: Person, upstream: ScriptedUpstream
) -> None:
    on_a_phone.composer.press_sequentially("One")
    on_a_phone.composer.press("Enter")
    on_a_phone.composer.press_sequentially("Two")
    expect(on_a_phone.composer).to_have_value("One\nTwo")
    on_a_phone.send.click()
    expect(on_a_phone.questions).to_have_text("One\nTwo", use_inner_text=True)
    on_a_phone.sees_it("completed")


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_scrolls_sideways(arrive: Arrive, upstream: ScriptedUpstream, width: int) -> None:
    ada = arrive(ADA, viewport={"width": width, "height": 800})
    _fits(ada)
    upstream.will(stream(WIDE))
    ada.asks("Wide, please: " + "Donaudampfschifffahrt" * 12)
    ada.sees_it("completed")
    expect(ada.text.locator("table")).to_be_attached()
    _fits(ada)
    # What is wide scrolls within itself.
    assert ada.text.locator("pre").evaluate("(pre) => pre.scrollWidth > pre.clientWidth")
    if width < 720:
        ada.page.locator("[data-open-drawer]").click()
        _fits(ada)


def _fits(person: Person) -> None:
    page = person.page
    page.evaluate(
        "document.querySelectorAll('main, .thread').forEach((pane) => pane.scrollTo(9999, 0))"
    )
    wide = page.evaluate(
        """() => [document.scrollingElement, ...document.querySelectorAll("main, .thread, .sidebar, .dock, .bar")]
          .filter((pane) => pane.scrollLeft > 0 || pane.scrollWidth > pane.clientWidth + 1)
          .map((pane) => pane.className || pane.tagName)"""
    )
    assert wide == []
    assert page.evaluate("document.scrollingElement.scrollWidth <= window.innerWidth")
