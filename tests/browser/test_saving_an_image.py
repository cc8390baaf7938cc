"""Messages are saved as images: complete, in the theme one chooses, and as pages in a ZIP where they are long."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Download, expect

from tests.browser.people import Person
from tests.upstreams.scripted import ScriptedUpstream, stream

FUCHSIA, LIME = 0xFFFF00FF, 0xFF00FF00  # as a canvas keeps them: ABGR
READS_A_PNG = """async ([data, wanted]) => {
  const image = new Image();
  image.src = `data:image/png;base64,${data}`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const points = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer);
  const colours = new Set();
  const found = [0, 0];
  for (let i = 0; i < points.length; i += 1) {
    if (i % 97 === 0) colours.add(points[i]);
    if (points[i] === wanted[0]) found[0] += 1;
    else if (points[i] === wanted[1]) found[1] += 1;
  }
  return { width: image.width, height: image.height, colours: colours.size, corner: points[0] & 255, found };
}"""


def marked(colour: str) -> str:
    """A diagram in a colour that stands nowhere else."""
    return f"```mermaid\nflowchart LR\n  A[Here]\n  style A fill:{colour}\n```\n"


def _looks_at(ada: Person, png: bytes) -> dict[str, Any]:
    seen: dict[str, Any] = ada.page.evaluate(
        READS_A_PNG, [base64.b64encode(png).decode(), [FUCHSIA, LIME]]
    )
    return seen


def _opens_the_dialog(ada: Person) -> None:
    ada.page.locator("header").get_by_label("More").click()
    ada.page.get_by_role("button", name="Save as image").click()


def _saves(ada: Person, theme: str = "Light") -> Download:
    dialog = ada.page.get_by_role("dialog", name="Save as image")
    dialog.get_by_label(theme).check()
    with ada.page.expect_download() as download:
        dialog.get_by_role("button", name="Save image").click()
    expect(dialog).to_be_hidden()
    return download.value


def _bytes(download: Download) -> bytes:
    return Path(download.path()).read_bytes()


def test_a_conversation_as_one_image_light_and_dark(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    text = (
        "你好 😀 $\\frac{a}{b}$\n\n```python\nx = 1"
        + " + 1" * 200
        + "\n```\n\n"
        + marked("#ff00ff")
    )
    upstream.will(stream(text))
    ada.asks("A picture / of: this?")
    ada.sees_it("completed")
    pictures = {}
    for theme in ("Light", "Dark"):
        _opens_the_dialog(ada)
        download = _saves(ada, theme)
        assert download.suggested_filename == "A picture of this.png"
        pictures[theme] = _looks_at(ada, _bytes(download))
    light, dark = pictures["Light"], pictures["Dark"]
    assert light["corner"] > 240
    assert dark["corner"] < 60
    for seen in pictures.values():
        assert seen["width"] >= 1400
        assert seen["height"] > 1000
        assert seen["colours"] > 20
        assert seen["found"][0] > 1000, "the diagram is in it"


def test_chosen_messages_alone(ada: Person, upstream: ScriptedUpstream) -> None:
    for colour in ("#ff00ff", "#00ff00"):
        upstream.will(stream(marked(colour)))
        ada.asks("Draw")
        ada.sees_it("completed")
    _opens_the_dialog(ada)
    ada.page.get_by_label("Chosen messages").first.check()
    boxes = ada.page.get_by_role("dialog").get_by_role("checkbox")
    expect(boxes).to_have_count(4)
    ada.page.get_by_role("button", name="Save image").click()
    expect(ada.page.get_by_text("Choose at least one message.")).to_be_visible()
    boxes.nth(3).check()
    fuchsia, lime = _looks_at(ada, _bytes(_saves(ada)))["found"]
    assert fuchsia == 0
    assert lime > 1000


def test_one_message_by_its_own_word(ada: Person, upstream: ScriptedUpstream) -> None:
    upstream.will(stream(marked("#00ff00")))
    ada.asks("Draw")
    ada.sees_it("completed")
    ada.answer.evaluate(
        "(message) => message.dispatchEvent("
        "new CustomEvent('save-picture', { bubbles: true, detail: { messages: [message] } }))"
    )
    expect(ada.page.get_by_label("Chosen messages").first).to_be_hidden()
    assert _looks_at(ada, _bytes(_saves(ada)))["found"][1] > 1000


def test_thirty_screens_become_pages_and_nothing_is_missing(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    part = "Some words that fill a line or two of the page, for it is to become long. " * 3
    middle = "\n\n".join(f"{n}. {part}" for n in range(350))
    upstream.will(stream(marked("#00ff00") + middle + "\n\n" + marked("#ff00ff")))
    ada.asks("At length")
    ada.sees_it("completed")
    screens = ada.answer.evaluate("(message) => message.offsetHeight / innerHeight")
    assert screens > 30
    _opens_the_dialog(ada)
    download = _saves(ada)
    assert download.suggested_filename == "At length.zip"
    with zipfile.ZipFile(io.BytesIO(_bytes(download))) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        pages = [_looks_at(ada, archive.read(name)) for name in names]
    assert names == [f"At length {n}.png" for n in range(1, len(names) + 1)]
    assert len(pages) >= 4
    assert pages[0]["found"][1] > 1000
    assert pages[-1]["found"][0] > 1000
    heights = sum(page["height"] for page in pages) / 2
    assert heights > 0.9 * screens * 800
    assert all(page["height"] <= 16_000 and page["colours"] > 10 for page in pages)


@pytest.mark.parametrize("width", [320, 1280])
def test_the_dialog_fits(ada: Person, upstream: ScriptedUpstream, width: int) -> None:
    ada.asks("Hello")
    ada.sees_it("completed")
    ada.page.set_viewport_size({"width": width, "height": 640})
    _opens_the_dialog(ada)
    box = ada.page.get_by_role("dialog").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    ada.page.keyboard.press("Escape")
    expect(ada.page.get_by_role("dialog")).to_be_hidden()
