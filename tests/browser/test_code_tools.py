"""What one can do with a block of code."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.people import Person
from tests.upstreams.scripted import DONE, FINISH, HEAD, Hold, ScriptedUpstream, delta, stream

CODE = "def greet():\n    return '你好' + " + " + ".join(["'long'"] * 60)


@pytest.fixture
def with_code(ada: Person, upstream: ScriptedUpstream) -> Person:
    upstream.will(stream(f"```python\n{CODE}\n```\n\n```Dockerfile\nFROM scratch\n```\n"))
    ada.asks("Code, please")
    ada.sees_it("completed")
    return ada


def test_a_block_is_downloaded_under_a_name_that_fits(with_code: Person) -> None:
    for number, (name, text) in enumerate([("code.py", CODE), ("Dockerfile", "FROM scratch")]):
        with with_code.page.expect_download() as download:
            with_code.text.locator(".code").nth(number).get_by_role(
                "button", name="Download"
            ).click()
        assert download.value.suggested_filename == name
        assert Path(download.value.path()).read_text() == text + "\n"


def test_long_lines_are_wrapped_when_asked(with_code: Person) -> None:
    block = with_code.text.locator(".code").first
    overflows = "(pre) => pre.scrollWidth > pre.clientWidth"
    assert block.locator("pre").evaluate(overflows)
    wrap = block.get_by_role("button", name="Wrap lines")
    wrap.click()
    expect(wrap).to_have_attribute("aria-pressed", "true")
    assert not block.locator("pre").evaluate(overflows)
    wrap.click()
    assert block.locator("pre").evaluate(overflows)


def test_a_block_that_is_being_written_is_added_to(ada: Person, upstream: ScriptedUpstream) -> None:
    """The reader's selection in it stays, through its end."""
    more, end = Hold(), Hold()
    upstream.will(
        [
            *(HEAD, delta("```python\nfirst = 1\n"), more, delta("second = 2\n"), end),
            *(delta("```"), delta("\n\nThat is all."), FINISH, DONE),
        ]
    )
    ada.asks("Code, please")
    code = ada.text.locator("code")
    expect(code).to_have_text("first = 1\n", use_inner_text=True)
    ada.page.evaluate(
        "getSelection().selectAllChildren(document.querySelector('.message__text code'))"
    )
    handle = code.element_handle()
    assert handle
    more.release()
    expect(code).to_contain_text("second = 2")
    end.release()
    ada.sees_it("completed")
    assert handle.evaluate("(code) => code.isConnected"), "the block was put in anew"
    expect(ada.text.locator(".hljs-number").first).to_be_attached()


@pytest.mark.parametrize("shape", ["one line of code", "a table", "one line of text"])
def test_ten_thousand_columns_do_not_hold_the_page_up(
    ada: Person, upstream: ScriptedUpstream, shape: str
) -> None:
    answers = {
        "one line of code": "```js\n" + "x+" * 5_000 + "\n```",
        "a table": "|" + "a|" * 2_000 + "\n|" + "-|" * 2_000 + "\n|" + "b|" * 2_000,
        "one line of text": "word " * 2_000,
    }
    upstream.will(stream(answers[shape]))
    ada.asks("Wide")
    ada.sees_it("completed")
    assert ada.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def test_two_megabytes_do_not_hang_the_page(ada: Person, upstream: ScriptedUpstream) -> None:
    words = "Some *words* of a paragraph, with `code` in it. " * 12
    part = f"## Part\n\n{words}\n\n- one\n- two\n\n```python\nx = 1\n```\n\n"
    answer = part * (2_000_000 // len(part)) + "The end."
    upstream.will(stream(*(answer[i : i + 100_000] for i in range(0, len(answer), 100_000))))
    ada.asks("Everything")
    ada.sees_it("completed", within=60)
    ada.page.reload()
    ada.is_ready()
    # It is put in piece by piece, and one can write meanwhile.
    ada.composer.fill("Still alive")
    expect(ada.composer).to_have_value("Still alive")
    expect(ada.text.locator("p").last).to_have_text("The end.", timeout=60_000)
