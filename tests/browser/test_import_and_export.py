"""Bringing conversations along and taking them away, on the page."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.people import Person
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
    """A picture for whoever wants to look: SHOTS names the folder."""
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


def takes_much_away(person: Person, tmp_path: Path) -> None:
    """As much as is made ahead."""
    path = tmp_path / "much.json"
    said = [node("q", None, "user", "Long?"), node("a", "q", "assistant", "Long. " * 60_000)]
    path.write_text(json.dumps([conversation("much", said, "a", title="Much")]))
    brings(person, path)
    opens_the_page(person)
    person.page.get_by_role("button", name="Export your conversation").click()


def test_a_large_export_is_made_while_one_looks_on(bob: Person, tmp_path: Path) -> None:
    page = bob.page
    takes_much_away(bob, tmp_path)
    page.evaluate("window.stays = true")
    expect(page.get_by_text("it is being made")).to_be_visible()
    shows(bob, "export-pending")
    link = page.get_by_role("link", name="Download", exact=True)
    link.wait_for()
    assert page.evaluate("window.stays"), "no reload"
    shows(bob, "export-ready")
    with page.expect_download() as download:
        link.click()
    value = json.loads(Path(download.value.path()).read_text())
    assert [each["title"] for each in value["conversations"]] == ["Much"]
    exports = page.get_by_role("region", name="Your exports")
    exports.get_by_role("button", name="Delete").click()
    expect(exports).to_have_count(0)


def test_the_pages_fit(bob: Person, tmp_path: Path) -> None:
    path = tmp_path / ("a-very-long-name-" * 8 + ".json")
    path.write_text(
        json.dumps([branching("w") | {"title": "long" * 45}, {"weather": 1}, branching("v")])
    )
    takes_much_away(bob, tmp_path)
    bob.page.get_by_role("link", name="Download", exact=True).wait_for()
    fits(bob, "exports")
    bob.page.get_by_role("button", name="Delete").click()
    opens_the_page(bob)
    bob.page.get_by_text("Where each system has its export").click()
    fits(bob, "home")
    bob.page.get_by_label("Files: JSON or ZIP").set_input_files(str(path))
    bob.page.get_by_role("button", name="Look into them").click()
    button = bob.page.get_by_role("button", name="Import", exact=True)
    button.wait_for()
    fits(bob, "choice")
    button.click()
    bob.page.get_by_text("Finished.").wait_for()
    fits(bob, "done")


def fits(person: Person, what: str) -> None:
    """The page that is open, at each width and in each scheme."""
    for scheme in ("light", "dark"):
        person.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width in (1280, 768, 390):
            person.page.set_viewport_size({"width": width, "height": 844})
            beyond = person.page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
            assert beyond <= 0, f"{what} at {width} px, {scheme}"
            shows(person, f"{what}-{width}-{scheme}")


def test_pictures_come_along_and_are_in_the_image_of_the_conversation(
    bob: Person, tmp_path: Path
) -> None:
    fuchsia = io.BytesIO()
    Image.new("RGB", (300, 200), "#ff00ff").save(fuchsia, "PNG")
    part = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-Abc123456"}
    sent = {"content_type": "multimodal_text", "parts": [part, "See this"]}
    said = [conversation("p", [node("q", None, content=sent)], "q", title="With a picture")]
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("conversations.json", json.dumps(said))
        packed.writestr("file-Abc123456-see.png", fuchsia.getvalue())
    brings(bob, path)
    bob.page.get_by_role("link", name="With a picture").first.click()
    picture = bob.page.locator(".message__picture img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 300
    bob.page.locator("header").get_by_label("More").click()
    bob.page.get_by_role("button", name="Save as image").click()
    with bob.page.expect_download() as download:
        bob.page.get_by_role("button", name="Save image").click()
    with Image.open(download.value.path()) as saved:
        colours = {each: count for count, each in saved.convert("RGB").getcolors(2**24)}
    assert colours[(255, 0, 255)] > 100_000
