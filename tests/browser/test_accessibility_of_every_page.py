"""Every page of a portal with something of everything in it, in every theme: axe finds nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Response

from tests.browser.axe import violations
from tests.browser.people import CAROL
from tests.nginx import free_port
from tests.portal_process import ROOT, PortalProcess

# Where pages lie, the longest that fits; each with the least number of pages that are known to be there.
AREAS = {
    "/": 18,
    "/accounts/": 25,
    "/admin/": 12,
    "/admin/accounts/": 30,
    "/admin/upstream/": 30,
}


class EveryPage:
    """The pages of a portal that has been filled, and the cookies of who may see them."""

    def __init__(self, portal: PortalProcess) -> None:
        self.portal = portal
        environment = {**os.environ, **portal._environment(), "PYTHONPATH": str(ROOT)}
        environment["DJANGO_SETTINGS_MODULE"] = "chatportal.settings"
        told = subprocess.run(
            [sys.executable, "tests/browser/every_page.py"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            check=True,
            text=True,
        )
        self.cookies, self.pages = json.loads(told.stdout).values()

    def within(self, area: str) -> list[tuple[str, str]]:
        return [(who, address) for who, address in self.pages if area_of(address) == area]


def is_page(answer: Response) -> bool:
    return answer.text().lstrip().lower().startswith("<!doctype html")


def area_of(address: str) -> str:
    return max((area for area in AREAS if address.startswith(area)), key=len)


@pytest.fixture(scope="module")
def every_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EveryPage]:
    port = free_port()
    portal = PortalProcess(
        tmp_path_factory.mktemp("filled") / "data",
        PORTAL_ADMIN_USERNAME=CAROL,
        # A portal without mail has no page to ask for a new password.
        EMAIL_URL="smtp://127.0.0.1:9",
        PORTAL_URL=f"http://127.0.0.1:{port}",
    )
    portal.port = port
    try:
        yield EveryPage(portal.with_tables().start())
        portal.stop()
    finally:
        portal.kill()


@pytest.fixture
def looks(chromium: Browser, every_page: EveryPage) -> Iterator[dict[str, Any]]:
    """An open tab for nobody, and one for each who has a cookie."""
    url = every_page.portal.url
    contexts = {}
    for who in ("nobody", *every_page.cookies):
        contexts[who] = chromium.new_context(base_url=url, bypass_csp=True, reduced_motion="reduce")
        if who in every_page.cookies:
            cookie = {"name": "portal_session", "value": every_page.cookies[who], "url": url}
            contexts[who].add_cookies([cookie])  # type: ignore[list-item]
    yield {who: context.new_page() for who, context in contexts.items()}
    for context in contexts.values():
        context.close()


@pytest.mark.parametrize("area", AREAS)
def test_every_page_in_every_theme(looks: dict[str, Any], every_page: EveryPage, area: str) -> None:
    found = []
    looked = 0
    for who, address in every_page.within(area):
        # Neither a part of a page nor a bare refusal.
        if is_page(looks[who].goto(address)):
            looked += 1
            found += violations(looks[who])
    assert "\n".join(found) == ""
    assert looked >= AREAS[area]
