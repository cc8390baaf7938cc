"""Everything on the main way can be done without a pointer."""

from __future__ import annotations

import pytest
from playwright.sync_api import APIResponse, Locator, Route, expect

from tests.browser.conftest import Arrive, Complaints
from tests.browser.people import ADA, PASSWORD, Person
from tests.upstreams.scripted import HEAD, Hold, ScriptedUpstream, delta, stream

FURTHEST = 25  # presses of Tab; more, and nobody would find it


def test_log_in_ask_and_stop(arrive: Arrive, upstream: ScriptedUpstream) -> None:
    ada = arrive()
    ada.page.goto("/")
    _tabs_to(ada, ada.page.get_by_label("Username or e-mail"))
    ada.page.keyboard.type(ADA)
    _tabs_to(ada, ada.page.get_by_label("Password", exact=True))
    ada.page.keyboard.type(PASSWORD)
    ada.page.keyboard.press("Enter")
    ada.is_ready()
    expect(ada.composer).to_be_focused()

    upstream.will([HEAD, delta("I begin"), Hold()])
    ada.page.keyboard.type("Begin, please")
    ada.page.keyboard.press("Enter")
    expect(ada.text).to_have_text("I begin")
    ada.is_ready()
    _tabs_to(ada, ada.stop)
    ada.page.keyboard.press("Enter")
    ada.sees_it("stopped")
    expect(ada.composer).to_be_focused()

    _tabs_to(ada, ada.answer.get_by_role("button", name="Retry"), by="Shift+Tab")
    ada.page.keyboard.press("Enter")
    expect(ada.text).to_have_text("Yes, indeed.")
    ada.sees_it("completed")


def test_rename_delete_and_undo(ada: Person, complaints: Complaints) -> None:
    complaints.expect("404")  # what the page was still asking of what it deleted
    ada.asks("By hand")
    ada.sees_it("completed")
    row = ada.rows.first
    _tabs_to(ada, row.get_by_role("button", name="More"), by="Shift+Tab")
    ada.page.keyboard.press("Enter")
    expect(ada.page.get_by_role("menuitem", name="Pin", exact=True)).to_be_focused()
    ada.page.keyboard.press("ArrowDown")
    ada.page.keyboard.press("Enter")
    ada.page.keyboard.type("By keyboard")
    ada.page.keyboard.press("Enter")
    expect(ada.title).to_have_text("By keyboard")
    expect(row.get_by_role("link")).to_be_focused()

    _tabs_to(ada, row.get_by_role("button", name="More"))
    ada.page.keyboard.press("Enter")
    ada.page.keyboard.press("ArrowUp")
    expect(ada.page.get_by_role("menuitem", name="Delete")).to_be_focused()
    ada.page.keyboard.press("Enter")
    expect(ada.toast).to_contain_text("was deleted")
    _tabs_to(ada, ada.toast.get_by_role("button", name="Undo"))
    ada.page.keyboard.press("Enter")
    expect(ada.title).to_have_text("By keyboard")


def test_escape_closes_a_menu_and_gives_the_focus_back(ada: Person) -> None:
    settings = ada.page.get_by_label("Settings")
    _tabs_to(ada, settings)
    ada.page.keyboard.press("Enter")
    expect(ada.page.get_by_role("link", name="Change password")).to_be_visible()
    ada.page.keyboard.press("Escape")
    expect(ada.page.get_by_role("link", name="Change password")).to_be_hidden()
    expect(settings).to_be_focused()


def test_arrows_move_through_the_list_which_is_one_stop_for_tab(ada: Person) -> None:
    for text in ("First of three", "Second of three", "Third of three"):
        ada.starts_a_conversation()
        ada.asks(text)
        ada.sees_it("completed")
    _tabs_to(ada, ada.row("Third of three").get_by_role("link"), by="Shift+Tab")
    for key, title in (("ArrowDown", "Second"), ("ArrowDown", "First"), ("Home", "Third")):
        ada.page.keyboard.press(key)
        expect(ada.row(f"{title} of three").get_by_role("link")).to_be_focused()
    ada.page.keyboard.press("ArrowDown")
    _tabs_to(ada, ada.page.get_by_label("Settings"), within=6)


def test_what_is_done_with_a_message_leaves_the_focus_there(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    """Its tools go with it when the page draws it anew; the next Tab would begin at the top of the page."""
    ada.asks("Which version?")
    ada.sees_it("completed")
    upstream.will(stream("Another one."))
    ada.presses("Regenerate")
    expect(ada.text).to_contain_text("Another one.")
    ada.sees_it("completed")
    previous = ada.answer.get_by_role("button", name="Previous version")
    following = ada.answer.get_by_role("button", name="Next version")
    previous.focus()
    ada.page.keyboard.press("Enter")
    expect(following).to_be_focused()
    ada.page.keyboard.press("Enter")
    expect(previous).to_be_focused()

    ada.answer.get_by_role("button", name="More").focus()
    ada.page.keyboard.press("Enter")
    ada.page.get_by_role("menuitem", name="Leave out").focus()
    ada.page.keyboard.press("Enter")
    expect(ada.answer).to_contain_text("Left out of the context")
    expect(ada.answer.get_by_role("button", name="More")).to_be_focused()

    edit = ada.questions.first.get_by_role("button", name="Edit")
    edit.focus()
    ada.page.keyboard.press("Enter")
    ada.page.keyboard.press("Escape")
    expect(edit).to_be_focused()

    ada.questions.first.get_by_role("button", name="More").focus()
    ada.page.keyboard.press("Enter")
    ada.page.get_by_role("menuitem", name="Delete").focus()
    ada.page.keyboard.press("Enter")
    expect(ada.questions).to_have_count(0)
    expect(ada.page.get_by_role("log", name="Messages")).to_be_focused()


@pytest.mark.parametrize("origin", ["trusted"], indirect=True)  # the held request goes by its name
def test_news_of_a_deletion_that_outrun_its_reply_leave_the_focus_in_the_thread(
    ada: Person,
) -> None:
    ada.asks("What goes?")
    ada.sees_it("completed")
    replies: list[tuple[Route, APIResponse]] = []
    ada.page.route("**/delete/", lambda route: replies.append((route, route.fetch())))
    ada.questions.first.get_by_role("button", name="More").focus()
    ada.page.keyboard.press("Enter")
    ada.page.get_by_role("menuitem", name="Delete").focus()
    ada.page.keyboard.press("Enter")

    thread = ada.page.get_by_role("log", name="Messages")
    expect(ada.questions).to_have_count(0)  # by the socket: the reply is held back
    expect(thread).to_be_focused()
    ada.until(lambda: len(replies) == 1, "no reply came")
    [(route, reply)] = replies
    route.fulfill(response=reply)
    expect(ada.toast).to_contain_text("was deleted")
    expect(thread).to_be_focused()


def _tabs_to(person: Person, wanted: Locator, *, by: str = "Tab", within: int = FURTHEST) -> None:
    for _ in range(within):
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
        person.page.keyboard.press(by)
    raise AssertionError(f"{by} does not lead to {wanted}")
