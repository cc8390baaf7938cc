"""An administrator lends an account by its access token; it runs out in mid-use and is replaced, without a restart."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import served
from tests.browser.people import Person
from tests.portal_process import PortalProcess
from tests.test_pasted_secrets import jwt
from tests.upstreams.chatgpt_emulator import ChatGPTEmulator

OWNER = {"https://api.openai.com/profile": {"email": "owner@example.com"}}
FIRST = jwt(exp=int(time.time()) + 2 * 86400, first=True, **OWNER)
SECOND = jwt(exp=int(time.time()) + 30 * 86400, **OWNER)


@pytest.fixture
def gateway() -> Iterator[ChatGPTEmulator]:
    with ChatGPTEmulator(tokens=(FIRST,), one_at_a_time=True) as emulator:
        yield emulator


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[PortalProcess]:
    """An empty one."""
    yield from served(tmp_path / "data")


def test_from_the_first_token_to_the_second(
    carol: Person, ada: Person, gateway: ChatGPTEmulator, portal: PortalProcess
) -> None:
    expect(ada.page.get_by_role("heading", name="No model is set up yet")).to_be_visible()

    # Carol adds the provider, step by step as the forms lead her.
    admin = carol.page
    admin.get_by_role("link", name="Add a provider").click()
    admin.get_by_role("link", name="ChatGPT (access token)").click()
    expect(admin.get_by_text("There is no default address.")).to_be_visible()
    admin.get_by_label("Base URL").fill(gateway.url)
    admin.get_by_role("button", name="Save", exact=True).click()
    expect(admin.get_by_text("Confirm that you know who that is")).to_be_visible()
    admin.get_by_label("I know who operates this address").check()
    admin.get_by_label("May be on a private network", exact=True).check()
    admin.get_by_role("button", name="Save", exact=True).click()
    session = f'{{"user": {{"email": "owner@example.com"}}, "accessToken": "{FIRST}"}}'
    admin.get_by_label("Secret").fill(session)
    admin.get_by_role("button", name="Save", exact=True).click()
    expect(admin.get_by_text("Have a new one ready.")).to_be_visible()
    admin.get_by_role("button", name="Fetch the list of models").click()
    expect(admin.get_by_text("2 models were added")).to_be_visible()
    admin.get_by_role("button", name="Test now").click()
    expect(admin.get_by_text("ChatGPT answers.")).to_be_visible()

    # Ada chats for three turns, and is told whose account it is.
    ada.opens()
    for text in ("One", "Two", "Three"):
        ada.asks(text)
        ada.sees_it("completed")
        expect(ada.text).to_have_text(f"You said: {text}")
    expect(
        ada.page.get_by_text("its owner can read the conversation on the vendor's page")
    ).to_be_visible()
    kept = [each for each in gateway.conversations.values() if each.visible]
    assert len(kept) == 1

    # The token runs out.
    gateway.tokens = {SECOND}
    ada.asks("Four")
    ada.sees_it("failed")
    expect(ada.notice).to_contain_text("The portal's access to this model no longer works.")
    expect(ada.notice).not_to_contain_text("expired")

    # Carol pastes another, and Ada's Retry works.
    admin.goto("/admin/upstream/credential/")
    admin.locator("#result_list tbody th a").first.click()
    admin.get_by_label("Secret").fill(f"Bearer {SECOND[:60]}\n{SECOND[60:]}")
    admin.get_by_role("button", name="Save", exact=True).click()
    expect(admin.locator(".success")).to_be_visible()
    ada.presses("Retry")
    ada.sees_it("completed")
    expect(ada.text).to_contain_text("Four")

    logs = "".join(path.read_text() for path in portal.data.rglob("*.log"))
    assert "The portal is at" in logs
    for secret in (FIRST, SECOND):
        assert secret not in logs
        assert secret[-20:] not in logs
