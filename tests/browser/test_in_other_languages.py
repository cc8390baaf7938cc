"""The main way in Chinese and in Arabic: log in, ask, watch, ask again, settings, log out."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import polib
import pytest
from playwright.sync_api import Page, expect

from scripts.catalogues import DOMAINS, path_of
from tests.browser.people import ADA, PASSWORD
from tests.upstreams.scripted import ScriptedUpstream, stream


@pytest.fixture(params=[("zh-CN", "zh_Hans", "ltr"), ("ar", "ar", "rtl")], ids=["zh", "ar"])
def language(request: pytest.FixtureRequest) -> tuple[str, str, str]:
    chosen: tuple[str, str, str] = request.param
    return chosen


@pytest.fixture
def said(language: tuple[str, str, str]) -> Callable[[str], str]:
    known = {}
    for domain in DOMAINS:
        for entry in polib.pofile(str(path_of(language[1], domain))):
            known.setdefault(entry.msgid, entry.msgstr)
    return lambda text: known[text]


def test_the_main_way(
    chromium: Any,
    origin: str,
    upstream: ScriptedUpstream,
    language: tuple[str, str, str],
    said: Callable[[str], str],
) -> None:
    asked, _name, direction = language
    context = chromium.new_context(
        base_url=origin, locale=asked, viewport={"width": 1280, "height": 800}
    )
    page: Page = context.new_page()
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("dir", direction)
    page.locator("input[name=login]").fill(ADA)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name=said("Log in"), exact=True).click()
    page.locator("chat-page:defined").wait_for()

    upstream.will(stream("第一个回答 الأول"))
    box = page.get_by_role("textbox", name=said("Message"))
    box.fill("你好 مرحبا?")
    page.get_by_role("button", name=said("Send"), exact=True).click()
    answer = page.locator("chat-message[data-role=assistant]")
    expect(answer).to_contain_text("第一个回答")
    expect(answer).to_have_attribute("data-status", "completed")
    upstream.will(stream("第二个回答 الثاني"))
    answer.get_by_role("button", name=said("Regenerate")).first.click()
    expect(answer).to_contain_text("第二个回答")
    expect(page.get_by_text("2/2").first).to_be_visible()
    assert _mirrored(page) == (direction == "rtl")
    _no_english(page)

    page.goto("/profile/")
    page.get_by_label(said("Theme")).select_option("dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name=said("Save"), exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_label(said("Theme")).select_option("")
    page.get_by_role("button", name=said("Save"), exact=True).click()
    for path in ("/settings/", "/import/", "/usage/", "/prompt-templates/"):
        page.goto(path)
        expect(page.locator("html")).to_have_attribute("dir", direction)
        _no_english(page)
    context.close()


def _mirrored(page: Page) -> bool:
    """Whether the list stands on the right."""
    box = page.locator(".sidebar").bounding_box()
    assert box
    return box["x"] > 600


def _no_english(page: Page) -> None:
    """Sentences, that is: names and abbreviations are the same everywhere."""
    said = page.evaluate(
        """() => {
          const copy = document.body.cloneNode(true);
          for (const own of copy.querySelectorAll("[dir=auto], textarea, script, style")) own.remove();
          return copy.innerText;
        }"""
    )
    for text in said.splitlines():
        assert not re.search(r"\b(?:the|and|your|you|of|is|to)\b", text), text
