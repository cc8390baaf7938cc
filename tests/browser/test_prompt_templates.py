""" "/" in the composer finds a template; the page keeps them, and takes collections in."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Arrive, Complaints
from tests.browser.people import ADA, BOB, Person
from tests.upstreams.scripted import ScriptedUpstream, refuse

PHONE = {"width": 320, "height": 640}
THREE = [
    {"key": "Summary in short", "value": "Sum it up in three sentences:\n"},
    {"key": "翻译成英文", "value": "Translate into English:"},
    {"key": "Summary at length", "value": "Sum it up, and leave nothing out:"},
]


def page_of_templates(person: Person) -> None:
    person.page.goto("/prompt-templates/")


def imports(person: Person, rows: list[dict[str, str]]) -> None:
    person.page.goto("/prompt-templates/import/")
    person.page.get_by_label("Pasted text").fill(json.dumps(rows))
    person.page.get_by_role("button", name="Import").click()


def options(person: Person) -> Locator:
    return person.page.locator("template-menu").get_by_role("option")


def field(person: Person) -> Locator:
    return person.composer


@pytest.fixture
def ada(ada: Person) -> Person:
    """With three templates."""
    page_of_templates(ada)
    if ada.page.get_by_role("button", name="Delete all of yours").count():
        ada.page.get_by_role("button", name="Delete all of yours").click()
    imports(ada, THREE)
    expect(ada.page.get_by_role("status")).to_contain_text("3 templates were added.")
    ada.opens()
    return ada


def test_a_slash_finds_and_enter_puts_it_in(ada: Person, upstream: ScriptedUpstream) -> None:
    field(ada).press_sequentially("/")
    expect(options(ada)).to_have_count(3)
    expect(field(ada)).to_be_focused()
    field(ada).press_sequentially("SUMM")
    expect(options(ada)).to_have_count(2)
    active = ada.page.locator("[role=option][aria-selected=true]")
    expect(active).to_contain_text("Summary at length")
    ada.page.keyboard.press("ArrowDown")
    expect(active).to_contain_text("Summary in short")
    expect(field(ada)).to_have_attribute(
        "aria-activedescendant", active.get_attribute("id") or "none"
    )
    ada.page.keyboard.press("Enter")
    expect(field(ada)).to_have_value("Sum it up in three sentences:\n")
    expect(options(ada).first).to_be_hidden()
    assert upstream.requests == []
    ada.page.keyboard.type("All of it")
    ada.page.keyboard.press("Enter")
    expect(ada.questions).to_have_text(
        "Sum it up in three sentences:\nAll of it", use_inner_text=True
    )
    ada.sees_it("completed")


def test_chinese_titles_are_found_and_an_input_method_keeps_its_enter(ada: Person) -> None:
    keyboard = ada.page.context.new_cdp_session(ada.page)
    field(ada).press_sequentially("/")
    expect(options(ada)).to_have_count(3)
    keyboard.send(
        "Input.imeSetComposition", {"text": "fanyi", "selectionStart": 5, "selectionEnd": 5}
    )
    keyboard.send(
        "Input.dispatchKeyEvent",
        {"type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229},
    )
    expect(field(ada)).to_have_value("/fanyi")
    keyboard.send("Input.insertText", {"text": "翻译"})
    expect(options(ada)).to_have_count(1)
    ada.page.keyboard.press("Tab")
    expect(field(ada)).to_have_value("Translate into English:")
    expect(field(ada)).to_be_focused()


def test_escape_closes_and_what_was_typed_is_a_message(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    field(ada).press_sequentially("/summ")
    expect(options(ada)).to_have_count(2)
    ada.page.keyboard.press("Escape")
    expect(options(ada).first).to_be_hidden()
    field(ada).press_sequentially("ary")
    expect(options(ada).first).to_be_hidden()
    ada.page.keyboard.press("Enter")
    expect(ada.questions).to_have_text("/summary")
    ada.sees_it("completed")


def test_a_click_chooses_and_a_button_opens(ada: Person) -> None:
    ada.page.get_by_role("button", name="Insert a prompt template").click()
    expect(field(ada)).to_have_value("/")
    options(ada).filter(has_text="翻译成英文").click()
    expect(field(ada)).to_have_value("Translate into English:")
    expect(field(ada)).to_be_focused()
    # In a text it is put where one writes.
    ada.page.get_by_role("button", name="Insert a prompt template").click()
    options(ada).filter(has_text="in short").click()
    expect(field(ada)).to_have_value("Translate into English:Sum it up in three sentences:\n")


def test_a_text_that_begins_with_a_slash_is_kept_when_one_is_put_in(ada: Person) -> None:
    field(ada).fill("/etc/hosts is a file. ")
    ada.page.get_by_role("button", name="Insert a prompt template").click()
    options(ada).filter(has_text="in short").click()
    expect(field(ada)).to_have_value("/etc/hosts is a file. Sum it up in three sentences:\n")


def test_the_list_fits_a_phone(ada: Person, arrive: Arrive) -> None:
    phone = arrive(ADA, viewport=PHONE, has_touch=True, is_mobile=True)
    phone.page.get_by_role("button", name="Insert a prompt template").tap()
    expect(options(phone)).to_have_count(3)
    for option in options(phone).all():
        box = option.bounding_box()
        assert box and box["height"] >= 44 and box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
    options(phone).first.tap()
    expect(field(phone)).not_to_have_value("/")


def test_add_edit_search_delete_and_undo(ada: Person, complaints: Complaints) -> None:
    complaints.expect("422")
    page = ada.page
    page.get_by_label("Settings", exact=True).click()
    page.get_by_role("link", name="Prompt templates").click()
    page.get_by_role("link", name="New template").click()
    page.get_by_label("Title", exact=True).fill("Summary in short")
    page.get_by_label("Text", exact=True).fill("Another text")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("There is one with this title already.")).to_be_visible()
    expect(page.get_by_label("Text", exact=True)).to_have_value("Another text")
    page.get_by_label("Title", exact=True).fill("Kind words")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("“Kind words” was saved.")

    page.get_by_role("link", name="Edit “Kind words”").click()
    page.get_by_label("Title", exact=True).fill("Kinder words")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("searchbox", name="Search").fill("kinder")
    page.get_by_role("searchbox", name="Search").press("Enter")
    expect(page.get_by_role("heading", level=3)).to_have_text(["Kinder words"])
    page.get_by_role("button", name="Delete “Kinder words”").click()
    expect(page.get_by_role("status")).to_contain_text("“Kinder words” was deleted.")
    expect(page.get_by_role("heading", level=3)).to_have_count(3)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=3)).to_have_count(4)
    page.get_by_role("link", name="Conversations").click()
    ada.is_ready()


def test_a_collection_goes_out_and_comes_in_as_a_file(
    ada: Person, arrive: Arrive, tmp_path: Path
) -> None:
    page_of_templates(ada)
    with ada.page.expect_download() as download:
        ada.page.get_by_role("link", name="Export").click()
    assert download.value.suggested_filename == "prompt-templates.json"
    file = tmp_path / "prompt-templates.json"
    download.value.save_as(file)
    assert sorted(row["key"] for row in json.loads(file.read_text())) == sorted(
        row["key"] for row in THREE
    )
    bob = arrive(BOB)
    bob.page.goto("/prompt-templates/import/")
    bob.page.get_by_label("A file").set_input_files(file)
    bob.page.get_by_role("button", name="Import").click()
    expect(bob.page.get_by_role("status")).to_contain_text("3 templates were added.")
    bob.page.goto("/prompt-templates/import/")
    bob.page.get_by_label("A file").set_input_files(file)
    bob.page.get_by_role("button", name="Import").click()
    expect(bob.page.get_by_role("status")).to_contain_text(
        "0 templates were added, 3 were there already: “Summary at length”"
    )


def test_an_address_is_fetched_through_the_guard(
    ada: Person, carol: Person, upstream: ScriptedUpstream, complaints: Complaints
) -> None:
    """The guard refuses this machine to a member; an administrator may mean it, and shares what comes."""
    complaints.expect("422")
    address = f"http://127.0.0.1:{upstream.port}/prompts.json"
    ada.page.goto("/prompt-templates/import/")
    ada.page.get_by_label("An address").fill(address)
    ada.page.get_by_role("button", name="Import").click()
    expect(ada.page.get_by_text("This address lies in a private network")).to_be_visible()
    expect(ada.page.get_by_label("An address")).to_have_value(address)
    assert upstream.requests == []

    upstream.will(refuse(200, [{"act": "House style", "prompt": "Write plainly:"}]))
    carol.page.goto("/prompt-templates/import/")
    carol.page.get_by_label("An address").fill(address)
    carol.page.get_by_label("The address is in our own network, and meant").check()
    carol.page.get_by_label("For everybody").check()
    carol.page.get_by_role("button", name="Import").click()
    expect(carol.page.get_by_role("status")).to_have_text(
        re.compile("1 template was added|already")
    )
    ada.opens()
    field(ada).press_sequentially("/house")
    expect(options(ada)).to_contain_text(["for everybody"])
    ada.page.keyboard.press("Enter")
    expect(field(ada)).to_have_value("Write plainly:")
