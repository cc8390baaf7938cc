"""What a member chooses on the page of settings counts on every page from then on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import MODELS, Arrive, Complaints
from tests.browser.people import BOB, Person

TOO_SMALL = """
() => [...document.querySelectorAll("main :is(button, select, textarea, input, .button)")]
  .filter((control) => !["hidden", "checkbox"].includes(control.type) && control.checkVisibility())
  .filter((control) => control.getBoundingClientRect().height < 43.9)
  .map((control) => `${control.getBoundingClientRect().height} ${control.outerHTML.slice(0, 80)}`)
"""
PHONE = {"width": 320, "height": 640}
AS_AT_FIRST = {
    "Enter": "As the device suggests",
    "Answers appear": "Smoothly, letter by letter",
    "Model": "The first that is offered",
}


@pytest.fixture
def bob(bob: Person) -> Iterator[Person]:
    """His settings are as they were when he moves out, for other tests have him, too."""
    yield bob
    save(bob, AS_AT_FIRST)
    save(bob, {"Theme": "As the portal has it"}, path="/profile/")


def save(person: Person, choices: dict[str, str], path: str = "/settings/") -> None:
    person.page.goto(path)
    for label, choice in choices.items():
        person.page.get_by_label(label, exact=True).select_option(label=choice)
    person.page.get_by_role("button", name="Save").click()
    expect(person.page.get_by_role("status")).to_contain_text("saved.")


def html(person: Person) -> Locator:
    return person.page.locator("html")


def test_the_enter_key_does_as_it_is_told(bob: Person, arrive: Arrive) -> None:
    bob.page.get_by_label("Settings", exact=True).click()
    bob.page.get_by_role("link", name="Settings").click()
    save(bob, {"Enter": "Begin a new line"})
    bob.page.get_by_role("link", name="Conversations").click()
    bob.is_ready()
    bob.composer.press_sequentially("One")
    bob.composer.press("Enter")
    bob.composer.press_sequentially("Two")
    expect(bob.composer).to_have_value("One\nTwo")
    bob.composer.press("Control+Enter")
    expect(bob.questions).to_have_text("One\nTwo", use_inner_text=True)
    bob.sees_it("completed")

    save(bob, {"Enter": "Send the message"})
    phone = arrive(BOB, viewport=PHONE, has_touch=True, is_mobile=True)
    expect(phone.composer).to_have_attribute("enterkeyhint", "send")
    phone.composer.press_sequentially("Off it goes")
    phone.composer.press("Enter")
    expect(phone.questions).to_have_text("Off it goes")
    phone.sees_it("completed")


def test_theme_and_typewriter_are_on_every_page(bob: Person) -> None:
    expect(html(bob)).to_have_attribute("data-typewriter", "smooth")
    save(bob, {"Theme": "Dark"}, path="/profile/")
    save(bob, {"Answers appear": "Whole, when they are finished"})
    for path in ("/", "/settings/", "/profile/", "/prompt-templates/"):
        bob.page.goto(path)
        expect(html(bob)).to_have_attribute("data-theme", "dark")
        expect(html(bob)).to_have_attribute("data-typewriter", "whole")
    dark = bob.page.evaluate("getComputedStyle(document.documentElement).colorScheme")
    assert dark == "dark"


def test_a_new_conversation_begins_with_the_model_wished_for(bob: Person) -> None:
    picker = bob.page.get_by_role("combobox", name="Model")
    other = next(name for name in MODELS if name != picker.locator("option:checked").inner_text())
    save(bob, {"Model": other})
    bob.opens()
    expect(picker.locator("option:checked")).to_have_text(other)


def test_what_is_wrong_is_said_at_its_field(bob: Person, complaints: Complaints) -> None:
    complaints.expect("422")
    page = bob.page
    page.goto("/settings/")
    page.get_by_label("System prompt").fill("Typed with care")
    page.get_by_label("Temperature").fill("9")
    page.locator(".page__form").evaluate("(form) => { form.noValidate = true; }")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved yet")
    field = page.get_by_label("Temperature")
    expect(field).to_have_attribute("aria-invalid", "true")
    described = (field.get_attribute("aria-describedby") or "").split()
    assert "id_temperature_error" in described
    expect(page.locator("#id_temperature_error")).to_contain_text("less than or equal to 2")
    expect(page.get_by_label("System prompt")).to_have_value("Typed with care")


@pytest.mark.parametrize(
    "path",
    [
        "/settings/",
        "/profile/",
        "/profile/delete/",
        "/prompt-templates/",
        "/prompt-templates/import/",
        "/",
    ],
)
def test_the_pages_fit_a_side_panel_and_a_finger(arrive: Arrive, path: str) -> None:
    bob = arrive(BOB, viewport=PHONE, has_touch=True, is_mobile=True)
    bob.page.goto(path)
    assert bob.page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    small = bob.page.evaluate(TOO_SMALL)
    assert [control for control in small if "composer__field" not in control] == []


def test_the_model_picker_works_by_keyboard_on_a_narrow_page(arrive: Arrive) -> None:
    bob = arrive(BOB, viewport=PHONE)
    picker = bob.page.get_by_role("combobox", name="Model")
    expect(picker).to_be_in_viewport(ratio=1)
    before = picker.locator("option:checked").inner_text()
    picker.focus()
    bob.page.keyboard.press("ArrowDown")
    expect(picker.locator("option:checked")).not_to_have_text(before)
