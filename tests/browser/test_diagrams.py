"""Diagrams are drawn in a frame that reaches nothing, and shown as images; their source stays at hand."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Frame, expect

from tests.browser.people import Person
from tests.upstreams.scripted import DONE, FINISH, HEAD, Hold, ScriptedUpstream, delta, stream

DIAGRAM = "```mermaid\nflowchart LR\n  A[Start 开始] --> B{Is it?}\n```\n"
ASKS_WHAT_IT_REACHES = """() => {
  const tried = {};
  const attempts = {
    cookie: () => document.cookie,
    parent: () => parent.document.title,
    storage: () => localStorage.length,
  };
  for (const [name, attempt] of Object.entries(attempts)) {
    try { tried[name] = String(attempt()); } catch (error) { tried[name] = error.name; }
  }
  return { ...tried, origin: String(window.origin) };
}"""


@pytest.fixture
def drawn(ada: Person, upstream: ScriptedUpstream) -> Person:
    upstream.will(stream(f"See:\n\n{DIAGRAM}"))
    ada.asks("Draw it")
    ada.sees_it("completed")
    expect(ada.text.get_by_role("img", name="Diagram")).to_be_visible()
    return ada


def _frame(ada: Person) -> Frame:
    (frame,) = (frame for frame in ada.page.frames if frame.url.endswith("/diagrams/"))
    return frame


def test_a_diagram_is_shown_as_an_image(drawn: Person) -> None:
    image = drawn.text.get_by_role("img", name="Diagram")
    assert image.evaluate("(image) => image.complete && image.naturalWidth > 100")
    assert image.evaluate("(image) => decodeURIComponent(image.src).includes('开始')")
    expect(drawn.text.locator("pre")).to_be_hidden()
    expect(drawn.page.locator("iframe")).to_have_count(1)


def test_its_source_is_behind_a_button(drawn: Person) -> None:
    drawn.text.get_by_role("button", name="Show code").click()
    expect(drawn.text.locator("pre")).to_be_visible()
    expect(drawn.text.get_by_role("img", name="Diagram")).to_be_hidden()
    drawn.text.get_by_role("button", name="Show code").click()
    expect(drawn.text.locator("pre")).to_be_hidden()


def test_the_frame_reaches_neither_cookies_nor_the_page(drawn: Person) -> None:
    assert drawn.page.locator("iframe").get_attribute("sandbox") == "allow-scripts"
    assert _frame(drawn).evaluate(ASKS_WHAT_IT_REACHES) == {
        "cookie": "SecurityError",
        "parent": "SecurityError",
        "storage": "SecurityError",
        "origin": "null",
    }


def test_what_another_window_says_is_not_heard(drawn: Person, upstream: ScriptedUpstream) -> None:
    """The page hears its frame alone."""
    before = drawn.text.get_by_role("img").get_attribute("src")
    drawn.page.evaluate("postMessage({ id: 2, svg: '<svg/>', width: 5, height: 5 }, '*')")
    drawn.page.evaluate("postMessage({ id: 1, svg: '<svg/>', width: 5, height: 5 }, '*')")
    drawn.page.wait_for_timeout(200)
    assert drawn.text.get_by_role("img").get_attribute("src") == before


def test_it_changes_with_the_theme(drawn: Person) -> None:
    image = drawn.text.get_by_role("img", name="Diagram")
    light = image.get_attribute("src") or ""
    drawn.page.emulate_media(color_scheme="dark")
    expect(image).not_to_have_attribute("src", light)


def test_one_that_cannot_be_drawn_says_so_and_shows_its_source(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    upstream.will(stream("```mermaid\nthis is no diagram\n```\n\n" + DIAGRAM))
    ada.asks("Draw it")
    ada.sees_it("completed")
    expect(ada.text.locator(".diagram__trouble").first).to_have_text(
        re.compile("could not be drawn")
    )
    expect(ada.text.locator(".diagram__trouble").first).to_be_visible()
    expect(ada.text.locator("pre").first).to_have_text("this is no diagram")
    expect(ada.text.get_by_role("img", name="Diagram")).to_have_count(1)


def test_it_is_drawn_when_its_block_is_finished(ada: Person, upstream: ScriptedUpstream) -> None:
    hold = Hold()
    upstream.will([HEAD, delta(DIAGRAM[:40]), hold, delta(DIAGRAM[40:]), FINISH, DONE])
    ada.asks("Draw it")
    expect(ada.text.locator("pre")).to_contain_text("flowchart")
    assert ada.page.locator("iframe").count() == 0
    hold.release()
    expect(ada.text.get_by_role("img", name="Diagram")).to_be_visible()
