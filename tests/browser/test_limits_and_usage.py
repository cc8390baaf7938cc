"""Ada runs into the limit that the environment set; Carol sees why, gives her group more, and looks at the usage."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import MODELS, Complaints, provided_by, served
from tests.browser.people import Person
from tests.portal_process import PortalProcess
from tests.upstreams.scripted import ScriptedUpstream, refuse


@pytest.fixture
def portal(tmp_path: Path, upstream: ScriptedUpstream) -> Iterator[PortalProcess]:
    """With room for two messages an hour, of which some is left."""
    if (left := 3600 - time.time() % 3600) < 90:
        time.sleep(left + 1)
    upstream.will(refuse(200, {"data": [{"id": name} for name in MODELS]}))
    yield from served(tmp_path / "data", MAX_REQUEST_PER_HOUR="2", **provided_by(upstream))


def test_from_the_limit_to_more_room(carol: Person, ada: Person, complaints: Complaints) -> None:
    complaints.expect("429")
    note = ada.page.locator("allowance-note")
    expect(note).to_contain_text("2 messages left until")
    ada.asks("The first?")
    ada.sees_it("completed")
    expect(note).to_contain_text("1 message left until")
    ada.asks("The second?")
    ada.sees_it("completed")
    expect(note).to_contain_text("0 messages left until")
    ada.composer.fill("The third, which took me long?")
    ada.composer.press("Enter")
    expect(ada.page.locator(".composer__error")).to_contain_text("You may send 2 messages an hour")
    expect(ada.composer).to_have_value("The third, which took me long?")

    # Carol asks why, from Ada's page, and is led to where it is changed.
    carol.page.goto("/admin/accounts/user/")
    carol.page.get_by_role("link", name="ada", exact=True).click()
    carol.page.get_by_role("link", name="Which models, and why").click()
    carol.page.get_by_role("link", name=MODELS[0]).click()
    step = carol.page.get_by_role("row", name=re.compile("Messages left this hour"))
    expect(step).to_contain_text("0 of 2 left; it is the limit for everybody that counts.")
    step.get_by_role("link").click()
    carol.page.get_by_label("Messages an hour").fill("50")
    carol.page.get_by_role("button", name="Save", exact=True).click()
    expect(carol.page.locator(".success")).to_be_visible()

    ada.composer.press("Enter")
    expect(ada.questions).to_have_count(3)
    ada.sees_it("completed")
    expect(note).to_be_hidden()

    # Ada looks at what she has used, Carol at everybody.
    ada.page.get_by_label("Settings").click()
    ada.page.get_by_role("link", name="Usage").click()
    expect(ada.page.get_by_role("heading", name="Usage", exact=True)).to_be_visible()
    expect(ada.page.locator(".figures").first).to_contain_text("47 of 50")
    expect(ada.page.get_by_role("img", name="Tokens over time, as in the table")).to_be_visible()
    carol.page.goto("/admin/")
    carol.page.get_by_role("link", name="Usage", exact=True).click()
    expect(carol.page.get_by_role("row", name=re.compile("ada"))).to_contain_text("3")
    with carol.page.expect_download() as download:
        carol.page.get_by_role("link", name="Export as CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert text.startswith("day,member,model,")
    assert ",ada," in text
