"""Without a line, what was opened lately can still be read; it says so, and leaves nothing behind at log-out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import provided_by, ready_to_list, served
from tests.browser.people import ADA, BOB, PASSWORD
from tests.portal_process import PortalProcess
from tests.upstreams.scripted import ScriptedUpstream, stream

KEPT = """async () => {
  const kept = [];
  for (const name of await caches.keys()) {
    for (const { url } of await (await caches.open(name)).keys()) kept.push(new URL(url).pathname);
  }
  return kept;
}"""


@pytest.fixture
def own_portal(upstream: ScriptedUpstream, tmp_path: Path) -> Iterator[PortalProcess]:
    """One that a test may stop."""
    ready_to_list(upstream)
    yield from served(tmp_path / "data", **provided_by(upstream))


@pytest.fixture
def page(chromium: Any, own_portal: PortalProcess) -> Iterator[Page]:
    context = chromium.new_context(base_url=own_portal.url, locale="en-GB")
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(ADA)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.locator("chat-page:defined").wait_for()
    page.evaluate("() => navigator.serviceWorker.ready")
    yield page
    context.close()


def asks(page: Page, upstream: ScriptedUpstream, text: str, answer: str) -> str:
    upstream.will(stream(answer))
    page.get_by_role("textbox", name="Message").fill(text)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("chat-message[data-status=completed]")).to_contain_text(answer)
    return page.url


def test_what_was_opened_can_be_read_and_is_said_to_be_old(
    page: Page, own_portal: PortalProcess, upstream: ScriptedUpstream
) -> None:
    address = asks(page, upstream, "What is kept?", "This answer is.")
    page.goto("/")
    page.goto(address)  # by the service worker now
    expect(page.locator("chat-message[data-status=completed]")).to_contain_text("This answer is.")
    own_portal.stop()
    page.goto("/")
    expect(page.get_by_text("You are offline. This is what the portal had")).to_be_visible()
    page.goto(address)
    expect(page.locator("chat-message").last).to_contain_text("This answer is.")
    expect(page.get_by_text("You are offline. This is what the portal had")).to_be_visible()
    page.goto("/settings/")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    own_portal.start()
    page.goto(address)
    expect(page.locator("chat-message").last).to_contain_text("This answer is.")
    expect(page.locator("offline-banner")).to_be_hidden()


def test_who_logs_out_leaves_nothing(
    page: Page, own_portal: PortalProcess, upstream: ScriptedUpstream
) -> None:
    address = asks(page, upstream, "A secret?", "The secret is 4711.")
    page.goto("/")
    page.goto(address)
    assert any("/conversations/" in each for each in page.evaluate(KEPT))
    page.locator(".sidebar .menu--up > summary").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/accounts/login/**")
    assert not [each for each in page.evaluate(KEPT) if "/conversations/" in each or each == "/"]
    own_portal.stop()
    page.goto(address)
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    own_portal.start()


def test_another_person_who_comes_through_no_door_is_shown_nothing_of_the_one_before(
    page: Page, own_portal: PortalProcess, upstream: ScriptedUpstream
) -> None:
    """As where a proxy says who asks."""
    address = asks(page, upstream, "A secret?", "The secret is 4711.")
    page.goto("/")
    page.goto(address)
    assert any("/conversations/" in each for each in page.evaluate(KEPT))
    other = page.context.browser.new_context(base_url=own_portal.url, locale="en-GB").new_page()
    other.goto("/accounts/login/")
    other.get_by_label("Username").fill(BOB)
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Log in").click()
    other.locator("chat-page:defined").wait_for()
    page.context.clear_cookies()
    page.context.add_cookies(other.context.cookies())
    other.context.close()
    page.goto("/")
    expect(page.locator("chat-page")).to_be_visible()
    page.wait_for_function(
        "async (path) => !(await caches.match(path))", arg=urlsplit(address).path
    )
    own_portal.stop()
    page.goto(address)
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()


def test_a_restart_of_the_same_version_keeps_what_was_kept(
    page: Page, own_portal: PortalProcess, upstream: ScriptedUpstream
) -> None:
    asks(page, upstream, "Before", "As it was.")
    names = page.evaluate("() => caches.keys()")
    own_portal.stop()
    own_portal.start()
    page.reload()
    assert page.evaluate("() => caches.keys()") == names


def test_another_version_waits_until_no_page_of_the_one_before_is_open(page: Page) -> None:
    """So no page ever runs with files of another version: nothing makes a new one take over."""
    text = page.evaluate(
        """async () => {
          const { worker } = document.querySelector("link[rel=manifest]").dataset;
          return (await fetch(worker)).text();
        }"""
    )
    assert "skipWaiting" not in text
    assert "clients.claim" not in text


def test_it_can_be_installed_or_says_why_not(page: Page, own_portal: PortalProcess) -> None:
    page.goto("/settings/")
    expect(page.get_by_text("The portal can be installed like an app")).to_be_visible()
    told = page.evaluate(
        "async () => (await fetch(document.querySelector('link[rel=manifest]').href)).json()"
    )
    assert told["name"] == "Chat Portal"
    assert told["shortcuts"][0]["name"] == "New conversation"
    assert told["edge_side_panel"] == {"preferred_width": 400}
    for icon in told["icons"]:
        assert page.evaluate("async (src) => (await fetch(src)).status", icon["src"]) == 200


def test_over_plain_http_it_says_why_not(ada: Any) -> None:
    ada.page.goto("/settings/")
    expect(ada.page.get_by_text("It cannot be installed from here")).to_be_visible()
