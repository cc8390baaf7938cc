"""Bringing conversations along and taking them away, on the page."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.people import BOB, Person
from tests.foreign.chatgpt import branching, conversation, node
from tests.foreign.every import SAMPLES

DROP = """
async ([selector, name, text]) => {
  const files = new DataTransfer();
  files.items.add(new File([text], name, { type: "application/json" }));
  const target = document.querySelector(selector);
  for (const kind of ["dragover", "drop"]) {
    target.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: files }));
  }
}
"""


@pytest.fixture(autouse=True)
def afterwards(bob: Person) -> Any:
    """What Bob brought does not stay for other tests."""
    yield
    bob.page.goto("/settings/")
    bob.page.get_by_role("button", name="Move all to the trash").click()
    bob.page.goto("/?state=deleted")
    bob.page.once("dialog", lambda dialog: dialog.accept())
    empty = bob.page.get_by_role("button", name="Empty the trash")
    if empty.count():
        empty.click()
        expect(empty).to_have_count(0)


def opens_the_page(person: Person) -> None:
    person.page.goto("/import/")
    person.page.locator("import-drop:defined").wait_for()


def brings(person: Person, *paths: Path) -> None:
    opens_the_page(person)
    person.page.get_by_label("Files: JSON or ZIP").set_input_files([str(path) for path in paths])
    person.page.get_by_role("button", name="Look into them").click()
    button = person.page.get_by_role("button", name="Import", exact=True)
    button.wait_for()
    button.click()
    person.page.get_by_text("Finished.").wait_for()


def shows(person: Person, what: str) -> None:
    """A picture for whoever wants to look: PORTAL_SHOTS names the folder."""
    if folder := os.environ.get("SHOTS"):
        person.page.screenshot(path=f"{folder}/{what}.png", full_page=True)


def count(person: Person, name: str) -> str:
    return person.page.locator(".counts div", has_text=name).locator("dd").inner_text()


@pytest.mark.parametrize("name", list(SAMPLES))
def test_each_format_is_brought_in_and_read(bob: Person, tmp_path: Path, name: str) -> None:
    sample, path = SAMPLES[name], tmp_path / f"{name}.json"
    path.write_text(json.dumps(sample.whole(2)))
    brings(bob, path)
    assert (count(bob, "Imported"), count(bob, "Failed")) == ("2", "0")
    shows(bob, f"report-{name}")
    bob.page.locator("[data-outcome=imported] a").first.click()
    bob.is_ready()
    expect(bob.page.locator("chat-message").last).to_contain_text(sample.leaf)
    if len({parent for _role, parent in sample.tree.values()}) < len(sample.tree):
        expect(bob.page.get_by_text("2/2").first).to_be_attached()


def test_dropped_chosen_reported_and_undone(bob: Person) -> None:
    page = bob.page
    opens_the_page(bob)
    shows(bob, "page")
    values = [branching(f"d{at}") | {"title": f"Dropped {at}"} for at in range(3)]
    text = json.dumps([*values, {"weather": "fine"}])
    page.evaluate(DROP, ["import-drop", "dropped.json", text])
    page.get_by_label("Dropped 1").wait_for()
    shows(bob, "choice")
    page.get_by_label("Dropped 1").uncheck()
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("Finished.").wait_for()
    assert [count(bob, name) for name in ("Imported", "Skipped", "Failed")] == ["2", "1", "1"]
    with page.expect_download() as download:
        page.get_by_role("link", name="Report as CSV").click()
    report = Path(download.value.path()).read_text()
    assert "Dropped 2" in report and "not a conversation" in report
    page.reload()
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_text("This import was undone.")).to_be_visible()
    bob.opens()
    expect(bob.row("Dropped 2")).to_have_count(0)


def test_nothing_in_it_says_so(bob: Person, tmp_path: Path) -> None:
    path = tmp_path / "empty.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    opens_the_page(bob)
    bob.page.get_by_label("Files: JSON or ZIP").set_input_files(str(path))
    bob.page.get_by_role("button", name="Look into them").click()
    expect(bob.page.get_by_text("Nothing was imported.")).to_be_visible()
    expect(bob.page.get_by_text("There is no conversations.json in this ZIP")).to_be_visible()
    shows(bob, "nothing")


def test_what_came_beside_the_text_is_shown_as_what_it_is(bob: Person, tmp_path: Path) -> None:
    code = {"content_type": "code", "language": "python", "text": "1+1"}
    output = {"content_type": "execution_output", "text": "2"}
    cited = [{"metadata": {"url": "https://a.example", "title": "A book"}}]
    nodes = [
        node("s", None, "system", "Be kind.", weight=0),
        node("q", "s", "user", "See?", metadata={"attachments": [{"name": "plan.pdf", "size": 3}]}),
        node("c", "q", "assistant", content=code, recipient="python"),
        node("t", "c", "tool", content=output, name="python"),
        node("h", "t", "assistant", content={"content_type": "hologram", "beam": 3}),
        node("a", "h", "assistant", "It is **two**.", metadata={"citations": cited}),
    ]
    path = tmp_path / "c.json"
    path.write_text(json.dumps([conversation("parts", nodes, "a", title="All kinds")]))
    brings(bob, path)
    expect(bob.page.get_by_text("1 file or picture was not brought along")).to_be_visible()
    bob.page.get_by_role("link", name="All kinds").click()
    bob.is_ready()
    page = bob.page
    expect(page.get_by_text("plan.pdf")).to_be_visible()
    expect(page.get_by_role("link", name="A book")).to_be_visible()
    expect(page.get_by_text("Be kind.")).to_be_hidden()
    page.locator("summary", has_text="System").click()
    expect(page.get_by_text("Be kind.")).to_be_visible()
    page.get_by_text("Asked the tool python").click()
    expect(page.get_by_text("1+1")).to_be_visible()
    page.get_by_text("A part that cannot be shown here").click()
    expect(page.get_by_text('"beam": 3')).to_be_visible()
    expect(page.locator("strong", has_text="two")).to_be_visible()
    shows(bob, "parts")


def test_out_and_in_again(bob: Person, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text(json.dumps([branching("out") | {"title": "There and back"}]))
    brings(bob, path)
    opens_the_page(bob)
    with bob.page.expect_download() as download:
        bob.page.get_by_role("button", name="Export your conversation").click()
    value = json.loads(Path(download.value.path()).read_text())
    assert [each["title"] for each in value["conversations"]] == ["There and back"]
    bob.opens()
    bob.row("There and back").get_by_role("link").click()
    bob.is_ready()
    bob.page.locator(".bar").get_by_label("More").click()
    with bob.page.expect_download() as download:
        bob.page.get_by_role("link", name="Save as Markdown").click()
    assert "To Oslo." in Path(download.value.path()).read_text()


@pytest.mark.parametrize("width", [1280, 768, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_fit(arrive: Arrive, width: int, scheme: str, tmp_path: Path) -> None:
    person = arrive(BOB, viewport={"width": width, "height": 844}, color_scheme=scheme)
    path = tmp_path / ("a-very-long-name-" * 8 + ".json")
    path.write_text(
        json.dumps([branching("w") | {"title": "long" * 45}, {"weather": 1}, branching("v")])
    )
    opens_the_page(person)
    person.page.get_by_text("Where each system has its export").click()
    pages = ["home"]
    shows(person, f"home-{width}-{scheme}")
    person.page.get_by_label("Files: JSON or ZIP").set_input_files(str(path))
    person.page.get_by_role("button", name="Look into them").click()
    button = person.page.get_by_role("button", name="Import", exact=True)
    button.wait_for()
    beyond = "document.scrollingElement.scrollWidth - innerWidth"
    assert person.page.evaluate(beyond) <= 0, pages
    shows(person, f"choice-{width}-{scheme}")
    button.click()
    person.page.get_by_text("Finished.").wait_for()
    assert person.page.evaluate(beyond) <= 0
    shows(person, f"done-{width}-{scheme}")
