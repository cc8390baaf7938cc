"""The model picker decides who answers, now and in this conversation from then on."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import MODELS
from tests.browser.people import Person
from tests.upstreams.scripted import ScriptedUpstream


def test_the_chosen_model_answers_and_stays_chosen(ada: Person, upstream: ScriptedUpstream) -> None:
    picker = ada.page.get_by_role("combobox", name="Model")
    first, second = MODELS
    assert sorted(picker.locator("option").all_inner_texts()) == sorted([first, second])
    picker.select_option(label=second)
    ada.asks("Who are you?")
    ada.sees_it("completed")
    expect(ada.answer.locator(".message__name")).to_have_text(second)
    expect(picker.locator("option:checked")).to_have_text(second)

    picker.select_option(label=first)
    ada.presses("Regenerate")
    expect(ada.answer.locator(".message__name")).to_have_text(first)
    ada.sees_it("completed")
    ada.asks("And now?")
    ada.sees_it("completed")
    assert [request.body["model"] for request in upstream.requests] == [
        second,
        first,
        first,
    ]
    ada.page.reload()
    ada.is_ready()
    expect(picker.locator("option:checked")).to_have_text(first)
