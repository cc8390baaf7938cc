"""A real Chromium before a real portal. Runs in a pytest process of its own (see scripts/test.py)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.portal_process import ADMINISTRATOR, PASSWORD, PortalProcess

# A name that browsers do not trust, as an inner network has them: no secure context, so no crypto.randomUUID, no
# clipboard, no service worker there.
UNTRUSTED_HOST = "portal.team.test"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.skip("no Chromium: run the tests by make test")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[
                f"--host-resolver-rules=MAP {UNTRUSTED_HOST} 127.0.0.1",
                "--no-sandbox",  # CI runs as root, where Chromium's sandbox does not start
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    """One portal with the demo model for all browser tests; each starts conversations of its own."""
    portal = PortalProcess(
        tmp_path_factory.mktemp("portal") / "data", PORTAL_DEMO_MODEL="on"
    ).start()
    yield portal
    portal.stop()


@pytest.fixture(params=["trusted", "untrusted"])
def origin(request: pytest.FixtureRequest, portal: PortalProcess) -> str:
    """The portal's address: from this machine, and as other machines see it over plain HTTP."""
    return portal.url if request.param == "trusted" else f"http://{UNTRUSTED_HOST}:{portal.port}"


@pytest.fixture
def context(chromium: Browser, origin: str) -> Iterator[BrowserContext]:
    context = chromium.new_context(
        base_url=origin, locale="en-GB", viewport={"width": 1280, "height": 800}
    )
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def complaints(context: BrowserContext) -> list[str]:
    """What the browser complained about: script errors and refusals by the content security policy."""
    found: list[str] = []
    context.on("weberror", lambda error: found.append(str(error.error)))
    context.on("console", lambda line: found.append(line.text) if line.type == "error" else None)
    return found


@pytest.fixture
def page(context: BrowserContext, complaints: list[str]) -> Page:
    """A page on which the administrator has logged in."""
    page = context.new_page()
    page.goto("/")
    page.locator("input[name=login]").fill(ADMINISTRATOR)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.locator("chat-composer:defined").wait_for()  # before, Enter would only begin a new line
    return page
