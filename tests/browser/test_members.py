"""Carol lets somebody in, and nobody sees what is not theirs."""

from __future__ import annotations

import uuid

from playwright.sync_api import expect

from tests.browser.conftest import Arrive, Complaints
from tests.browser.people import PASSWORD, Person

FIRST_PASSWORD = "handed over on a slip of paper"


def test_carol_makes_an_account_and_its_owner_chooses_a_password(
    arrive: Arrive, carol: Person
) -> None:
    name = f"dora-{uuid.uuid4().hex[:8]}"
    carol.page.get_by_label("Settings").click()
    carol.page.get_by_role("link", name="Administration").click()
    carol.page.get_by_role("link", name="Members", exact=True).click()
    carol.page.locator(".object-tools .addlink").click()
    carol.page.locator("input[name=username]").fill(name)
    carol.page.locator("input[name=password1]").fill(FIRST_PASSWORD)
    carol.page.locator("input[name=password2]").fill(FIRST_PASSWORD)
    carol.page.get_by_role("button", name="Save", exact=True).click()
    expect(carol.page.locator(".success")).to_contain_text(name)

    dora = arrive()
    dora.logs_in(name, FIRST_PASSWORD)
    dora.page.locator("input[name=oldpassword]").fill(FIRST_PASSWORD)
    dora.page.locator("input[name=password1]").fill(PASSWORD)
    dora.page.locator("input[name=password2]").fill(PASSWORD)
    dora.page.get_by_role("button", name="Change password").click()
    dora.is_ready()
    dora.asks("May I?")
    dora.sees_it("completed")
    expect(dora.rows).to_have_count(1)


def test_a_strangers_address_leads_nowhere(
    ada: Person, bob: Person, complaints: Complaints
) -> None:
    ada.asks("My secret plan")
    ada.sees_it("completed")
    complaints.expect("status of 404")
    for address in (ada.page.url, ada.page.url.replace(ada.page.url[-6:], "00000/")):
        answer = bob.page.goto(address)
        assert answer
        assert answer.status == 404
        expect(bob.page.get_by_role("heading")).to_have_text("There is nothing here")
        assert "secret" not in bob.page.content()
    bob.page.get_by_role("link", name="Back to the conversations").click()
    bob.is_ready()
    expect(bob.rows.filter(has_text="My secret plan")).to_have_count(0)


def test_who_logs_out_is_out(arrive: Arrive, complaints: Complaints) -> None:
    complaints.expect("status of 401")  # what the page asks while its log-in ends
    ada = arrive()
    ada.logs_in("ada")
    ada.is_ready()
    ada.asks("Before I go")
    address = ada.page.url
    ada.page.get_by_label("Settings").click()
    ada.page.get_by_role("button", name="Log out").click()
    ada.page.get_by_role("heading", name="Log in").wait_for()
    ada.page.goto(address)
    expect(ada.page.get_by_role("heading")).to_have_text("Log in")
    assert "Before I go" not in ada.page.content()
