"""Log in, ask, watch the answer arrive, find it again: with the real demo model, from both kinds of origin."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def test_a_question_is_answered_and_stays(page: Page, complaints: list[str]) -> None:
    page.get_by_role("textbox", name="Message").fill("What is the capital of France?")
    page.keyboard.press("Enter")
    answer = page.locator("chat-message[data-role=assistant]").last
    expect(answer).to_have_attribute("data-status", "completed", timeout=60_000)
    expect(answer).to_contain_text("Paris")
    page.reload()
    expect(page.locator("chat-message[data-role=assistant]").last).to_contain_text("Paris")
    assert complaints == []
