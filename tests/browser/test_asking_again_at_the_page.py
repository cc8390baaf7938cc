"""Stop, Continue, Retry, Regenerate: the ways on that an answer offers."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.people import Person
from tests.upstreams.scripted import (
    DONE,
    FINISH,
    HEAD,
    Cut,
    Hold,
    ScriptedUpstream,
    delta,
    finish,
    refuse,
    stream,
)


def test_stop_keeps_what_was_written_and_continue_goes_on(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    upstream.will([HEAD, delta("Once "), delta("upon"), Hold()])
    upstream.will(stream(" a", " time."))
    ada.asks("Tell me a tale")
    expect(ada.text).to_have_text("Once upon")
    ada.stop.click()
    ada.sees_it("stopped")
    assert upstream.requests[0].hung_up.wait(5)
    expect(ada.text).to_have_text("Once upon")
    expect(ada.notice).to_contain_text("The answer was stopped.")
    expect(ada.send).to_be_visible()

    ada.presses("Continue")
    expect(ada.text).to_have_text("Once upon a time.")
    ada.sees_it("completed")
    expect(ada.answers).to_have_count(1)
    expect(ada.notice).to_be_hidden()
    ada.page.reload()
    expect(ada.text).to_have_text("Once upon a time.")


def test_an_answer_cut_at_its_greatest_length_goes_on(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    upstream.will([HEAD, delta("So long"), finish("length"), DONE])
    upstream.will(stream(" and thanks."))
    ada.asks("Say goodbye")
    expect(ada.notice).to_contain_text("The answer reached its greatest length.")
    ada.presses("Continue")
    expect(ada.text).to_have_text("So long and thanks.")


def test_a_broken_answer_is_kept_and_can_be_tried_again(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    shown = Hold()
    upstream.will([HEAD, delta("Half an ans"), shown, Cut])
    upstream.will(stream("A whole answer."))
    ada.asks("Whole or half?")
    expect(ada.text).to_have_text("Half an ans")
    shown.release()
    ada.sees_it("interrupted")
    expect(ada.text).to_have_text("Half an ans")
    expect(ada.notice).to_contain_text("The line to the model broke. What was written is kept.")
    expect(ada.answer.get_by_role("button", name="Continue")).to_be_visible()
    ada.presses("Retry")
    expect(ada.text).to_have_text("A whole answer.")
    ada.sees_it("completed")
    expect(ada.answers).to_have_count(1)


def test_a_refused_question_can_be_asked_again(ada: Person, upstream: ScriptedUpstream) -> None:
    upstream.will(refuse(400, {"error": {"message": "not so, sk-scripted"}}))
    ada.asks("May I ask?")
    ada.sees_it("failed")
    expect(ada.notice).to_contain_text("The model's service refused this request.")
    expect(ada.notice).not_to_contain_text("not so")
    expect(ada.answer.get_by_role("button", name="Continue")).to_be_hidden()
    ada.presses("Retry")
    expect(ada.text).to_have_text("Yes, indeed.")
    ada.sees_it("completed")


def test_regenerate_asks_the_same_again(ada: Person, upstream: ScriptedUpstream) -> None:
    hold = Hold()
    upstream.will(stream("Heads."))
    upstream.will([HEAD, delta("Tai"), hold, delta("ls."), FINISH, DONE])
    ada.asks("Heads or tails?")
    expect(ada.text).to_have_text("Heads.")
    ada.sees_it("completed")
    ada.presses("Regenerate")
    expect(ada.text).to_have_text("Tai")
    hold.release()
    expect(ada.text).to_have_text("Tails.")
    ada.sees_it("completed")
    expect(ada.answers).to_have_count(1)
    assert [request.body["messages"] for request in upstream.requests] == [
        [{"role": "user", "content": "Heads or tails?"}]
    ] * 2
    ada.page.reload()
    expect(ada.text).to_have_text("Tails.")


def test_a_question_during_an_answer_waits_in_the_composer(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    hold = Hold()
    upstream.will([HEAD, delta("Let me "), hold, delta("finish."), FINISH, DONE])
    ada.asks("First")
    expect(ada.text).to_have_text("Let me")
    ada.composer.fill("Second")
    ada.composer.press("Enter")
    expect(ada.page.get_by_role("alert")).to_contain_text("still being written")
    expect(ada.composer).to_have_value("Second")
    hold.release()
    ada.sees_it("completed")
    ada.composer.press("Enter")
    expect(ada.questions).to_have_count(2)
    expect(ada.composer).to_have_value("")
