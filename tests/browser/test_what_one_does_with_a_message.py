"""Edit, turn between versions, leave out, forget, delete, copy, look into: all from the message itself."""

from __future__ import annotations

import re

from playwright.sync_api import WebSocketRoute, expect

from tests.browser.conftest import Complaints
from tests.browser.people import Person
from tests.upstreams.scripted import DONE, FINISH, HEAD, Hold, ScriptedUpstream, delta, stream


def test_an_edited_question_and_its_old_self_are_two_versions(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    upstream.will(stream("Four."))
    upstream.will(stream("Six."))
    ada.asks("Two and two?")
    ada.sees_it("completed")
    ada.questions.first.hover()
    ada.questions.first.get_by_role("button", name="Edit").click()
    field = ada.page.get_by_role("textbox", name="Edit the message")
    expect(field).to_be_focused()
    field.press("Escape")
    expect(field).to_have_count(0)
    ada.questions.first.get_by_role("button", name="Edit").click()
    field.fill("Three and three?")
    ada.page.get_by_role("button", name="Save and ask").click()
    expect(ada.text).to_have_text("Six.")
    expect(ada.questions.first).to_contain_text("Three and three?")
    expect(ada.questions.first).to_contain_text("2/2")
    ada.sees_it("completed")
    ada.questions.first.get_by_role("button", name="Previous version").click()
    expect(ada.text).to_have_text("Four.")
    expect(ada.questions.first).to_contain_text("Two and two?")
    ada.page.reload()
    expect(ada.text).to_have_text("Four.")
    expect(ada.questions.first).to_contain_text("1/2")


def test_an_answer_in_the_middle_can_be_given_once_more(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    for text in ("One.", "Two.", "One, otherwise."):
        upstream.will(stream(text))
    for question in ("First?", "Second?"):
        ada.asks(question)
        ada.sees_it("completed")
    ada.answers.first.hover()
    ada.answers.first.get_by_role("button", name="Regenerate").click()
    expect(ada.answers).to_have_count(1)
    expect(ada.text).to_have_text("One, otherwise.")
    ada.sees_it("completed")
    ada.answer.get_by_role("button", name="Previous version").click()
    expect(ada.answers).to_have_count(2)
    expect(ada.text).to_have_text("Two.")


def test_marks_are_shown_and_taken_away(ada: Person, upstream: ScriptedUpstream) -> None:
    ada.asks("A secret")
    ada.sees_it("completed")
    ada.chooses_for(ada.questions.first, "Leave out of the context")
    expect(ada.questions.first).to_contain_text("Left out of the context")
    ada.chooses_for(ada.answer, "Forget all down to here")
    expect(ada.answer).to_contain_text("Everything above this line is forgotten")
    ada.asks("What do you know?")
    ada.sees_it("completed")
    assert upstream.requests[-1].body["messages"] == [
        {"role": "user", "content": "What do you know?"}
    ]
    ada.chooses_for(ada.answers.first, "Remember what is above")
    expect(ada.answers.first).not_to_contain_text("forgotten")
    ada.chooses_for(ada.questions.first, "Send it again")
    expect(ada.questions.first).not_to_contain_text("Left out")


def test_a_deleted_message_comes_back(ada: Person, upstream: ScriptedUpstream) -> None:
    ada.asks("Delete me")
    ada.sees_it("completed")
    ada.chooses_for(ada.questions.first, "Delete")
    expect(ada.questions).to_have_count(0)
    expect(ada.toast).to_contain_text("The message was deleted.")
    ada.toast.get_by_role("button", name="Undo").click()
    expect(ada.questions.first).to_contain_text("Delete me")
    expect(ada.answers).to_have_count(1)


def test_undo_that_comes_at_a_bad_moment_is_offered_again(
    ada: Person, upstream: ScriptedUpstream, complaints: Complaints
) -> None:
    complaints.expect("409")
    ada.asks("Delete me")
    ada.sees_it("completed")
    ada.chooses_for(ada.questions.first, "Delete")
    undo = ada.toast.get_by_role("button", name="Undo")
    undo.hover()
    hold = Hold()
    upstream.will([HEAD, delta("Here"), hold, FINISH, DONE])
    ada.composer.fill("Meanwhile?")
    ada.composer.press("Enter")
    expect(ada.text).to_contain_text("Here")
    undo.click()
    expect(ada.toast).to_contain_text("An answer is being written here.")
    hold.release()
    ada.sees_it("completed")
    undo.click()
    expect(ada.questions.first).to_contain_text("Delete me")


def test_a_conversation_is_copied_down_to_a_message(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    for question in ("To be kept", "To be left"):
        ada.asks(question)
        ada.sees_it("completed")
    before = ada.page.url
    ada.chooses_for(ada.answers.first, "Copy from here")
    ada.page.wait_for_url(lambda url: url != before)
    ada.is_ready()
    expect(ada.title).to_have_text("Copy of To be kept")
    expect(ada.questions).to_have_count(1)
    expect(ada.answer.get_by_role("button", name="Regenerate")).to_be_visible()


def test_details_tell_how_it_came_about_and_what_was_sent(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    ada.page.get_by_role("button", name="Context").click()
    ada.page.get_by_label("System prompt").fill("Answer in one word.")
    ada.page.get_by_role("button", name="Done").click()
    ada.asks("Is it so?")
    ada.sees_it("completed")
    ada.chooses_for(ada.answer, "Details")
    dialog = ada.page.get_by_role("dialog", name="Details of the message")
    expect(dialog).to_contain_text("scripted-large")
    expect(dialog).to_contain_text("7 tokens")
    expect(dialog).to_contain_text("Answer in one word.")
    expect(dialog).to_contain_text("Is it so?")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def test_settings_that_are_refused_stay_in_their_fields(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    ada.asks("Hello")
    ada.sees_it("completed")
    ada.page.get_by_role("button", name="Context").click()
    ada.page.get_by_label("System prompt").fill("Be brief.")
    ada.page.get_by_label("Send earlier messages").uncheck()
    ada.page.get_by_role("button", name="Save", exact=True).click()
    expect(ada.page.get_by_role("dialog")).to_be_hidden()
    ada.asks("And now?")
    ada.sees_it("completed")
    contents = [each["content"] for each in upstream.requests[-1].body["messages"]]
    assert contents == ["Be brief.", "And now?"]
    ada.page.reload()
    ada.page.get_by_role("button", name="Context").click()
    expect(ada.page.get_by_label("System prompt")).to_have_value("Be brief.")


def test_the_gauge_counts_while_one_writes(ada: Person, upstream: ScriptedUpstream) -> None:
    gauge = ada.page.locator("context-gauge")
    expect(gauge).to_be_hidden()
    ada.composer.fill("word " * 400)
    expect(gauge).to_have_text(re.compile(r"≈ 50\d tokens"))
    ada.composer.fill("")
    expect(gauge).to_be_hidden()


def test_what_changed_while_the_line_was_away_is_shown_when_it_is_back(
    ada: Person, complaints: Complaints
) -> None:
    complaints.expect("WebSocket|ERR_INTERNET_DISCONNECTED|ERR_FAILED")
    ada.asks("Which one goes?")
    ada.sees_it("completed")
    lines: list[WebSocketRoute] = []

    def line(route: WebSocketRoute) -> None:
        lines.append(route)
        route.connect_to_server()

    ada.page.route_web_socket("**/ws/", line)
    ada.page.reload()
    ada.is_live_by("socket")
    elsewhere = Person(ada.page.context.browser.new_context().new_page())
    cookies = ada.page.context.cookies()
    elsewhere.page.context.add_cookies(cookies)
    address = ada.page.url
    ada.page.context.set_offline(True)
    ada.page.route_web_socket("**/ws/", lambda route: route.close(code=1011))
    lines[-1].close(code=1011)
    ada.is_live_by("away")
    elsewhere.opens(address)
    elsewhere.chooses_for(elsewhere.questions.first, "Delete")
    expect(elsewhere.questions).to_have_count(0)
    expect(ada.questions).to_have_count(1)
    ada.page.unroute_all()
    ada.page.route_web_socket("**/ws/", line)
    ada.page.context.set_offline(False)
    expect(ada.questions).to_have_count(0)
    elsewhere.page.context.close()


def test_an_edit_is_not_replaced_and_is_answered_by_the_model_chosen_last(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    ada.asks("First?")
    ada.sees_it("completed")
    ada.questions.first.get_by_role("button", name="Edit").click()
    field = ada.page.locator(".edit textarea")
    field.fill("First, but better?")
    ada.presses("Regenerate")
    expect(ada.toast).to_contain_text("Save or cancel what you are editing first.")
    expect(field).to_have_value("First, but better?")


def test_search_opens_at_the_message_with_the_words_lit(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    upstream.will(stream("With **flour**, 面粉 and water."))
    ada.asks("How do I bake?")
    ada.sees_it("completed")
    ada.starts_a_conversation()
    ada.page.get_by_role("searchbox", name="Search").fill("面粉")
    hit = ada.page.locator(".conversation-row").filter(has_text="面粉").first
    expect(hit.locator("mark")).to_have_text("面粉")
    hit.get_by_role("link").click()
    expect(ada.text).to_contain_text("面粉")
    lit = "[...(CSS.highlights.get('lit') ?? [])].map((range) => range.toString())"
    ada.until(lambda: ada.page.evaluate(lit) == ["面粉"], "the word is not lit")
    ada.page.get_by_role("searchbox", name="Search").fill("nothing like it")
    expect(ada.page.locator("conversation-list")).to_contain_text("Nothing was found.")
    ada.page.get_by_role("searchbox", name="Search").press("Escape")
    expect(ada.row("How do I bake?").first).to_be_visible()


def test_places_of_a_conversation(ada: Person, upstream: ScriptedUpstream) -> None:
    for title in ("Stays here", "Goes away"):
        ada.starts_a_conversation()
        ada.asks(title)
        ada.sees_it("completed")
    ada.chooses("Stays here", "Pin")
    expect(ada.page.get_by_role("heading", name="Pinned")).to_be_visible()
    expect(ada.rows.first).to_contain_text("Stays here")
    ada.chooses("Stays here", "Archive")
    expect(ada.row("Stays here")).to_have_count(0)
    ada.page.get_by_role("link", name="Archive").click()
    expect(ada.row("Stays here")).to_be_visible()
    ada.chooses("Stays here", "Delete")
    expect(ada.row("Stays here")).to_have_count(0)
    ada.page.get_by_role("link", name="Trash").click()
    gone = ada.rows.filter(has_text="Stays here")
    gone.first.get_by_role("button", name="Restore").click()
    expect(gone).to_have_count(0)
    ada.page.get_by_role("link", name="All conversations").click()
    expect(ada.row("Goes away").first).to_be_visible()


def test_what_is_written_in_a_message_outlives_what_another_tab_does(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    ada.asks("A question")
    ada.sees_it("completed")
    other = Person(ada.page.context.new_page())
    other.opens(ada.page.url)
    ada.questions.first.hover()
    ada.questions.first.get_by_role("button", name="Edit").click()
    field = ada.page.get_by_role("textbox", name="Edit the message")
    field.fill("Half of a better que")
    other.chooses_for(other.questions.first, "Leave out of the context")
    other.presses("Regenerate")
    expect(other.answer).to_contain_text("2/2")
    ada.until(lambda: any(event["type"] == "branch" for event in ada.heard), "nothing was heard")
    ada.page.wait_for_timeout(300)
    expect(field).to_have_value("Half of a better que")
    expect(field).to_be_focused()
    field.press("Escape")
    expect(ada.questions.first).to_contain_text("Left out of the context")
    expect(ada.answer).to_contain_text("2/2")
