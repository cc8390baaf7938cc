"""The list of conversations: renamed and deleted where they stand, with a way back."""

from __future__ import annotations

import uuid

from playwright.sync_api import expect

from tests.browser.conftest import Complaints
from tests.browser.people import Person
from tests.upstreams.scripted import DONE, FINISH, HEAD, Hold, ScriptedUpstream, delta


def test_renaming_shows_everywhere_and_stays(ada: Person) -> None:
    title = _asked(ada)
    other = Person(ada.page.context.new_page())
    other.opens(ada.page.url)
    ada.chooses(title, "Rename")
    field = ada.page.get_by_role("textbox", name="Title").last
    expect(field).to_have_value(title)
    field.fill(f"{title}, renamed")
    field.press("Enter")
    for tab in (ada, other):
        expect(tab.row(f"{title}, renamed")).to_be_visible()
        expect(tab.title).to_have_text(f"{title}, renamed")
        expect(tab.page).to_have_title(f"{title}, renamed · Chat Portal")
    ada.page.reload()
    expect(ada.title).to_have_text(f"{title}, renamed")


def test_escape_leaves_a_name_as_it_was(ada: Person) -> None:
    title = _asked(ada)
    ada.chooses(title, "Rename")
    ada.page.get_by_role("textbox", name="Title").last.fill("Never mind")
    ada.page.keyboard.press("Escape")
    expect(ada.row(title)).to_be_visible()
    expect(ada.title).to_have_text(title)


def test_the_menu_of_a_conversation_renames_it_too(ada: Person) -> None:
    title = _asked(ada)
    ada.page.locator(".bar").get_by_label("More").click()
    ada.page.locator("#title-field").fill(f"{title} by menu")
    ada.page.locator(".bar").get_by_role("button", name="Rename", exact=True).click()
    expect(ada.title).to_have_text(f"{title} by menu")
    expect(ada.row(f"{title} by menu")).to_be_visible()


def test_deleting_another_conversation_can_be_undone(ada: Person) -> None:
    gone = _asked(ada)
    ada.starts_a_conversation()
    here = _asked(ada)
    ada.chooses(gone, "Delete")
    expect(ada.toast).to_contain_text(f"“{gone}” was deleted.")
    expect(ada.row(gone)).to_have_count(0)
    ada.toast.get_by_role("button", name="Undo").click()
    expect(ada.row(gone)).to_be_visible()
    expect(ada.title).to_have_text(here)


def test_deleting_the_conversation_one_looks_at_can_be_undone(
    ada: Person, complaints: Complaints
) -> None:
    complaints.expect("404")  # what the page was still asking of it
    title = _asked(ada)
    ada.page.locator(".bar").get_by_label("More").click()
    ada.page.locator(".bar").get_by_role("button", name="Delete").click()
    expect(ada.page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
    expect(ada.row(title)).to_have_count(0)
    expect(ada.toast).to_contain_text(f"“{title}” was deleted.")
    ada.toast.get_by_role("button", name="Undo").click()
    expect(ada.title).to_have_text(title)
    expect(ada.text).to_have_text("Yes, indeed.")


def test_another_tab_is_told_that_its_conversation_is_gone(ada: Person) -> None:
    title = _asked(ada)
    other = Person(ada.page.context.new_page())
    other.opens(ada.page.url)
    ada.starts_a_conversation()
    ada.chooses(title, "Delete")
    expect(other.page.get_by_role("alert")).to_contain_text("This conversation was deleted")
    expect(other.row(title)).to_have_count(0)
    ada.toast.get_by_role("button", name="Undo").click()
    expect(other.row(title)).to_be_visible()


def test_news_of_the_list_leave_an_open_menu_and_the_focus_where_they_are(ada: Person) -> None:
    first = _asked(ada)
    ada.starts_a_conversation()
    _asked(ada)
    more = ada.row(first).get_by_role("button", name="More")
    more.focus()
    _has_news(ada)
    expect(more).to_be_focused()
    ada.page.keyboard.press("Enter")
    rename = ada.page.get_by_role("menuitem", name="Rename")
    expect(rename).to_be_visible()
    ada.page.evaluate("() => { document.querySelector('conversation-list').refresh() }")
    ada.page.wait_for_timeout(500)
    rename.click()
    field = ada.page.get_by_role("textbox", name="Title").last
    field.fill(f"{first} anew")
    field.press("Enter")
    expect(ada.row(f"{first} anew")).to_be_visible()


def test_what_could_not_be_archived_is_not_said_to_be_and_a_pin_comes_back(
    ada: Person, complaints: Complaints
) -> None:
    complaints.expect("ERR_FAILED")
    title = _asked(ada)
    ada.page.route("**/archive/", lambda route: route.abort())
    ada.chooses(title, "Archive")
    expect(ada.toast).to_contain_text("The portal cannot be reached.")
    expect(ada.page.get_by_text("It is in the archive now.")).to_have_count(0)
    ada.page.unroute("**/archive/")
    ada.chooses(title, "Pin")
    expect(ada.row(title)).to_have_attribute("data-pinned", "")
    ada.chooses(title, "Archive")
    expect(ada.row(title)).to_have_count(0)
    ada.toast.filter(has_text="in the archive").get_by_role("button", name="Undo").click()
    expect(ada.row(title)).to_have_attribute("data-pinned", "")
    ada.chooses(title, "Unpin")
    expect(ada.row(title)).not_to_have_attribute("data-pinned", "")


def test_a_place_that_cannot_be_reached_is_told(ada: Person, complaints: Complaints) -> None:
    complaints.expect("ERR_FAILED")
    title = _asked(ada)
    ada.page.route("**/conversations/?state=deleted", lambda route: route.abort())
    ada.page.get_by_role("link", name="Trash").click()
    expect(ada.toast).to_contain_text("The portal cannot be reached.")
    expect(ada.row(title)).to_be_visible()


def test_the_trash_is_walked_by_keyboard_and_the_focus_goes_on(ada: Person) -> None:
    titles = []
    for _ in range(3):
        ada.starts_a_conversation()
        titles.append(_asked(ada))
    for title in titles[:2]:
        ada.chooses(title, "Delete")
        expect(ada.row(title)).to_have_count(0)
    ada.page.get_by_role("link", name="Trash").click()
    first, second = ada.rows.nth(0), ada.rows.nth(1)
    expect(second).to_contain_text(titles[0])
    first.get_by_role("button", name="Restore").focus()
    ada.page.keyboard.press("ArrowDown")
    expect(second.get_by_role("button", name="Restore")).to_be_focused()
    ada.page.keyboard.press("ArrowUp")
    ada.page.keyboard.press("Enter")
    expect(first).to_contain_text(titles[0])
    expect(first.get_by_role("button", name="Restore")).to_be_focused()


def test_a_search_by_an_input_method_is_made_when_the_composition_ends(ada: Person) -> None:
    title = _asked(ada)
    ada.starts_a_conversation()
    other = _asked(ada)
    ada.page.get_by_role("searchbox", name="Search").focus()
    keyboard = ada.page.context.new_cdp_session(ada.page)
    keyboard.send(
        "Input.imeSetComposition", {"text": title, "selectionStart": 13, "selectionEnd": 13}
    )
    ada.page.wait_for_timeout(400)
    expect(ada.row(other)).to_be_visible()
    keyboard.send("Input.insertText", {"text": title})
    expect(ada.row(other)).to_have_count(0)
    expect(ada.row(title)).to_be_visible()


def _has_news(ada: Person) -> None:
    """The list is fetched and put in anew."""
    ada.page.evaluate(
        """async () => {
          const list = document.querySelector("conversation-list");
          const before = list.firstElementChild;
          while (list.contains(before)) {
            await list.refresh();
            await new Promise((done) => setTimeout(done, 50));
          }
        }"""
    )


def _asked(ada: Person) -> str:
    """A conversation of its own; returns its title."""
    title = f"Talk {uuid.uuid4().hex[:8]}"
    ada.asks(title)
    ada.sees_it("completed")
    expect(ada.row(title)).to_be_visible()
    return title


def test_the_list_folds_away_and_stays_so(ada: Person) -> None:
    conversations = ada.page.get_by_role("navigation", name="Conversations")
    expect(conversations).to_be_visible()
    ada.page.get_by_role("button", name="Hide the list").click()
    expect(conversations).to_be_hidden()
    ada.page.reload()
    ada.is_ready()
    expect(conversations).to_be_hidden()
    ada.page.get_by_role("button", name="Conversations").click()
    expect(conversations).to_be_visible()
    ada.page.reload()
    expect(conversations).to_be_visible()


def test_an_answer_that_ends_out_of_sight_is_marked(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    hold = Hold()
    upstream.will([HEAD, delta("Late"), hold, FINISH, DONE])
    slow = f"Slow {uuid.uuid4().hex[:8]}"
    ada.asks(slow)
    there = ada.page.url
    ada.starts_a_conversation()
    hold.release()
    expect(ada.row(slow)).to_have_attribute("data-unseen", "")
    ada.opens(there)
    expect(ada.row(slow)).not_to_have_attribute("data-unseen", "")


def test_the_title_of_a_tab_in_the_background_tells_that_an_answer_has_ended(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    hold = Hold()
    upstream.will([HEAD, delta("Late"), hold, FINISH, DONE])
    title = f"Slow {uuid.uuid4().hex[:8]}"
    ada.asks(title)
    ada.page.evaluate(SHOWS, "hidden")
    hold.release()
    expect(ada.page).to_have_title(f"● {title} · Chat Portal")
    ada.page.evaluate(SHOWS, "visible")
    expect(ada.page).to_have_title(f"{title} · Chat Portal")


# Headless Chromium has no background: the page is told what a browser would tell it.
SHOWS = """(state) => {
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  Object.defineProperty(document, "hidden", { value: state === "hidden", configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
