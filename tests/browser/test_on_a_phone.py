"""What a phone does to a page: a back button, an on-screen keyboard, a notch, fingers instead of a pointer."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.people import ADA, CAROL, Person
from tests.upstreams.scripted import ScriptedUpstream, stream

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 800},
    "has_touch": True,
    "is_mobile": True,
}
FINGER = 44  # px, the least that a finger finds
# A keyboard that lies over the page, as Safari's does: what is seen becomes smaller, and the page does not.
KEYBOARD = """(height) => {
  Object.defineProperty(window.visualViewport, "height", { value: innerHeight - height, configurable: true });
  window.visualViewport.dispatchEvent(new Event("resize"));
}"""
COVERED = "document.documentElement.style.getPropertyValue('--covered')"
# What is smaller may be found around it: a finger on a corner of the square counts where it is the control that is hit.
TOO_SMALL = """(finger) => {
  const least = finger - 0.5;
  const isHit = (each, { left, width, top, height }) => [-1, 1].every((x) => [-1, 1].every((y) => {
    const reach = finger / 2 - 1;
    const [across, down] = [Math.max(width / 2 - 1, reach), Math.max(height / 2 - 1, reach)];
    return each.contains(document.elementFromPoint(left + width / 2 + x * across, top + height / 2 + y * down));
  }));
  const labelled = (each) => [...(each.labels ?? [])].some((label) => label.getBoundingClientRect().height >= least);
  const controls = "button, select, textarea, summary, a[href], input:not([type=hidden])";
  const found = [];
  for (const each of document.querySelectorAll(controls)) {
    if (!each.checkVisibility({ visibilityProperty: true })) continue;
    if (each.closest("p, .message__text, [inert], .visually-hidden, .skip-link")) continue;
    each.scrollIntoView({ block: "center" });
    const box = each.getBoundingClientRect();
    if (!box.width || (box.width >= least && box.height >= least)) continue;
    if (["checkbox", "radio"].includes(each.type) && labelled(each)) continue;
    if (isHit(each, box)) continue;
    found.push(`${Math.round(box.width)} × ${Math.round(box.height)}: ${each.outerHTML.slice(0, 90)}`);
  }
  return found;
}"""


@pytest.fixture
def on_a_phone(arrive: Arrive) -> Person:
    return arrive(ADA, **PHONE)


def test_the_back_button_closes_the_drawer_and_leaves_the_page(on_a_phone: Person) -> None:
    page = on_a_phone.page
    _asks(on_a_phone, "Back and forth")
    address = page.url
    drawer = page.get_by_role("navigation", name="Conversations")
    page.locator("[data-open-drawer]").click()
    expect(drawer).to_be_visible()
    page.go_back()
    expect(drawer).to_be_hidden()
    expect(page).to_have_url(address)
    expect(page.locator("[data-open-drawer]")).to_be_focused()


def test_going_back_leads_past_a_drawer_that_was_open(on_a_phone: Person) -> None:
    page = on_a_phone.page
    _asks(on_a_phone, "The first place")
    address = page.url
    for leave in (
        lambda: page.locator(".sidebar__profile").click(),
        lambda: page.get_by_role("button", name="New conversation").click(),
    ):
        page.locator("[data-open-drawer]").click()
        page.locator("[data-close-drawer]:visible").last.click()
        page.locator("[data-open-drawer]").click()
        leave()
        page.wait_for_url(lambda url: url != address)
        page.go_back()
        expect(page).to_have_url(address)
        expect(on_a_phone.text).to_be_visible()
        on_a_phone.is_ready()


def test_the_composer_stands_above_the_keyboard(
    on_a_phone: Person, upstream: ScriptedUpstream
) -> None:
    page = on_a_phone.page
    upstream.will(stream("Word. " * 600))
    _asks(on_a_phone, "At length, please")
    page.evaluate(KEYBOARD, 300)
    on_a_phone.until(lambda: page.evaluate(COVERED) == "300px", "no room was made")
    for seen in (on_a_phone.composer, on_a_phone.send, page.locator("[data-open-drawer]")):
        box = seen.bounding_box()
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= 500
    page.evaluate(KEYBOARD, 0)
    on_a_phone.until(lambda: page.evaluate(COVERED) == "0px", "the room was kept")
    box = on_a_phone.composer.bounding_box()
    assert box and box["y"] > 600
    # Where the keyboard makes the page smaller, the page is laid out anew; a phone lying on its side is as low.
    page.set_viewport_size({"width": 740, "height": 260})
    box = on_a_phone.composer.bounding_box()
    assert box and box["y"] + box["height"] <= 260


@pytest.mark.parametrize("path", ["/", "/settings/"])
def test_nothing_stands_under_a_notch(on_a_phone: Person, path: str) -> None:
    page = on_a_phone.page
    page.goto(path)
    session = page.context.new_cdp_session(page)
    insets = {"top": 40, "bottom": 30, "left": 50, "right": 0}
    session.send("Emulation.setSafeAreaInsetsOverride", {"insets": insets})
    page.set_viewport_size({"width": 700, "height": 390})
    for seen in page.locator("main :is(button, a, textarea, select, h1, h2):visible").all():
        seen.scroll_into_view_if_needed()
        box = seen.bounding_box()
        assert box and box["x"] >= 50 and box["x"] + box["width"] <= 650, seen.evaluate(
            "(each) => each.outerHTML"
        )
    if path == "/":
        box = page.locator("[data-open-drawer]").bounding_box()
        assert box and box["y"] >= 40
        box = page.locator(".dock").bounding_box()
        assert box and box["y"] + box["height"] <= 390
        page.locator("[data-open-drawer]").click()
        page.wait_for_timeout(300)
        box = page.locator(".brand").bounding_box()
        assert box and box["x"] >= 50 and box["y"] >= 40


def test_four_times_as_large_what_is_said_can_still_be_read_and_answered(
    arrive: Arrive, upstream: ScriptedUpstream
) -> None:
    """A window of 1280 by 800, zoomed to 400 %: as wide as a phone, and a quarter as high."""
    ada = arrive(ADA, viewport={"width": 320, "height": 200}, device_scale_factor=4)
    upstream.will(stream("Word. " * 300))
    ada.composer.fill("Large, please")
    ada.send.click()
    ada.sees_it("completed")
    ada.is_ready()
    thread = ada.page.locator("chat-thread").bounding_box()
    assert thread and thread["height"] >= 80
    for seen in (ada.composer, ada.send, ada.page.locator("[data-open-drawer]")):
        box = seen.bounding_box()
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= 200
    assert ada.page.evaluate("document.scrollingElement.scrollWidth") <= 320
    ada.page.locator("[data-open-drawer]").click()
    ada.page.locator(".sidebar__me summary").scroll_into_view_if_needed()
    ada.page.locator(".sidebar__me summary").click()
    expect(ada.page.get_by_role("link", name="Change password")).to_be_visible()


PAGES = (
    "/",
    "/settings/",
    "/profile/",
    "/import/",
    "/prompt-templates/",
    "/prompt-templates/new/",
    "/usage/",
    "/accounts/second-factor/",
    "/accounts/sessions/",
    "/accounts/email/",
)


@pytest.mark.parametrize("width", [320, 390])
def test_everything_is_large_enough_for_a_finger(arrive: Arrive, width: int) -> None:
    carol = arrive(CAROL, **{**PHONE, "viewport": {"width": width, "height": 640}})
    page = carol.page
    _asks(carol, "With its tools")
    small = {}
    for path in (page.url, *PAGES):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        small[path] = page.evaluate(TOO_SMALL, FINGER)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width, path
    page.goto("/")
    page.locator("[data-open-drawer]").click()
    small["drawer"] = page.evaluate(TOO_SMALL, FINGER)
    assert {path: found for path, found in small.items() if found} == {}


def _asks(person: Person, text: str) -> None:
    """By the button: Enter begins a new line there."""
    person.composer.fill(text)
    person.send.click()
    person.sees_it("completed")
    person.is_ready()
