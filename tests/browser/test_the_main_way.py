"""Log in, ask, watch the answer arrive, find it again: with the real demo model, from both kinds of origin."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.people import Person, at_both_origins
from tests.portal_process import PortalProcess

pytestmark = at_both_origins

ANSWERED_WITHIN = 60  # seconds; so long a small model may write on a busy machine


@pytest.fixture
def portal(demo_portal: PortalProcess) -> PortalProcess:
    return demo_portal


def test_a_question_is_answered_word_by_word_and_stays(ada: Person) -> None:
    ada.starts_a_conversation()
    ada.asks("Explain in two sentences why the sky is blue.")
    ada.sees_it("completed", within=ANSWERED_WITHIN)
    answer = ada.text.inner_text()
    assert len(set(ada.shown)) >= 2, "the text came all at once"
    assert len(ada.deltas) >= 2, "the text did not come over the WebSocket"
    assert len(ada.shown[0]) < len(answer)

    title = "Explain in two sentences why the sky is blue."
    expect(ada.title).to_have_text(title)
    expect(ada.rows.first).to_contain_text(title)
    ada.page.reload()
    ada.is_ready()
    expect(ada.questions).to_have_text(title)
    expect(ada.text).to_have_text(answer, use_inner_text=True)
    expect(ada.row(title).first.get_by_role("link")).to_have_attribute("aria-current", "page")


def test_a_second_question_is_answered_below_the_first(ada: Person) -> None:
    ada.asks("What is the capital of France?")
    ada.sees_it("completed", within=ANSWERED_WITHIN)
    expect(ada.text).to_contain_text("Paris")
    ada.asks("And the capital of Italy?")
    ada.sees_it("completed", within=ANSWERED_WITHIN)
    expect(ada.answers).to_have_count(2)
    expect(ada.answers.first).to_contain_text("Paris")
    assert len(set(ada.shown)) >= 2


def test_the_page_says_that_a_demo_model_answers(ada: Person) -> None:
    expect(ada.page.get_by_text("A small built-in demo model answers here.")).to_be_visible()
