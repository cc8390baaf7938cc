"""The first run: a one-time password opens one page, and a portal without a model says what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.people import PASSWORD, Person
from tests.portal_process import PortalProcess


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[PortalProcess]:
    portal = PortalProcess(tmp_path / "data")
    del portal.environment["PORTAL_ADMIN_PASSWORD"]
    yield portal.start()
    portal.kill()


def test_a_one_time_password_is_changed_before_anything_else(
    arrive: Arrive, portal: PortalProcess
) -> None:
    name = _said(portal, "Administrator")
    one_time = _said(portal, "One-time password")
    admin = arrive()
    admin.logs_in(name, one_time)
    heading = admin.page.get_by_role("heading", name="Change password")
    expect(heading).to_be_visible()
    admin.page.goto("/")
    expect(heading).to_be_visible()

    _changes_password(admin, one_time, "short")
    expect(heading).to_be_visible()
    _changes_password(admin, one_time, PASSWORD)
    admin.is_ready()
    expect(admin.toast).to_have_text("Password successfully changed.")
    expect(admin.page.get_by_role("heading", name="No model is set up yet")).to_be_visible()
    expect(admin.composer).to_be_disabled()
    admin.page.get_by_role("link", name="Add a provider").click()
    expect(admin.page).to_have_title(re.compile("Add provider"))

    again = arrive()
    again.logs_in(name, PASSWORD)
    again.is_ready()


def test_a_wrong_password_is_refused_with_a_sentence(arrive: Arrive, portal: PortalProcess) -> None:
    stranger = arrive()
    stranger.page.goto("/")
    stranger.page.get_by_label("Username or e-mail").fill("admin")
    stranger.page.get_by_label("Password", exact=True).fill("guess")
    stranger.page.get_by_role("button", name="Log in").click()
    expect(stranger.page.get_by_role("alert")).to_contain_text("not correct")


def _said(portal: PortalProcess, what: str) -> str:
    found = re.search(rf"{what}: +(\S+)", portal.said)
    assert found, portal.said
    return found[1]


def _changes_password(person: Person, old: str, new: str) -> None:
    person.page.locator("input[name=oldpassword]").fill(old)
    person.page.locator("input[name=password1]").fill(new)
    person.page.locator("input[name=password2]").fill(new)
    person.page.get_by_role("button", name="Change password").click()
    person.page.wait_for_load_state()
