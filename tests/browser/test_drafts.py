"""What was typed is there after a reload and at another device, until it is sent."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive, Complaints
from tests.browser.people import ADA, Person
from tests.upstreams.scripted import ScriptedUpstream

SAVED = "**/draft/"


@pytest.fixture
def ada(ada: Person) -> Person:
    """In a conversation of her own, for the new one's draft is shared by all tests."""
    ada.asks("First of all")
    ada.sees_it("completed")
    return ada


def test_a_draft_is_there_at_another_device(ada: Person, arrive: Arrive) -> None:
    with ada.page.expect_response(SAVED):
        ada.composer.press_sequentially("Begun at the desk")
    phone = arrive(ADA, viewport={"width": 390, "height": 800})
    phone.opens(ada.page.url)
    expect(phone.composer).to_have_value("Begun at the desk")
    with phone.page.expect_response(SAVED):
        phone.composer.press("End")
        phone.composer.press_sequentially(", ended on the phone")
    ada.page.reload()
    ada.is_ready()
    expect(ada.composer).to_have_value("Begun at the desk, ended on the phone")


def test_what_is_typed_at_the_last_moment_comes_along(ada: Person, arrive: Arrive) -> None:
    address = ada.page.url
    ada.composer.press_sequentially("Quick")
    ada.starts_a_conversation()  # at once, without a pause to save in
    second = arrive(ADA)
    second.opens(address)
    expect(second.composer).to_have_value("Quick")


def test_what_was_sent_is_at_no_device(
    ada: Person, arrive: Arrive, upstream: ScriptedUpstream
) -> None:
    with ada.page.expect_response(SAVED):
        ada.composer.press_sequentially("Only once")
    second = arrive(ADA)
    second.opens(ada.page.url)
    expect(second.composer).to_have_value("Only once")
    ada.composer.press("Enter")
    expect(ada.questions).to_have_count(2)
    ada.sees_it("completed")
    second.page.reload()
    second.is_ready()
    expect(second.composer).to_have_value("")
    ada.page.reload()
    ada.is_ready()
    expect(ada.composer).to_have_value("")


def test_what_is_typed_here_is_not_replaced_by_what_was_saved_there(
    ada: Person, arrive: Arrive, complaints: Complaints
) -> None:
    complaints.expect("ERR_FAILED")
    ada.page.route(SAVED, lambda route: route.abort())
    ada.composer.press_sequentially("Typed on a train")
    second = arrive(ADA)
    second.opens(ada.page.url)
    with second.page.expect_response(SAVED):
        second.composer.press_sequentially("Older")
    ada.page.unroute(SAVED)
    with ada.page.expect_response(SAVED):
        ada.page.reload()
        ada.is_ready()
    expect(ada.composer).to_have_value("Typed on a train")
    second.page.reload()
    second.is_ready()
    expect(second.composer).to_have_value("Typed on a train")


def test_the_composer_grows_to_eight_rows_and_then_scrolls(ada: Person, arrive: Arrive) -> None:
    phone = arrive(ADA, viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    for person, most in ((ada, 8), (phone, 4)):
        rows = []
        for lines in (1, 2, most, most + 1, 40):
            person.composer.fill("\n".join(["line"] * lines))
            rows.append(
                person.composer.evaluate(
                    """(field) => Math.round(
                      (field.clientHeight - parseFloat(getComputedStyle(field).paddingTop) * 2) /
                      parseFloat(getComputedStyle(field).lineHeight))"""
                )
            )
        assert rows == [1, 2, most, most, most]
        assert person.composer.evaluate("(field) => field.scrollHeight > field.clientHeight")
        person.composer.fill("")
