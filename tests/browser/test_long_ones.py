"""A long conversation at the page: it opens at its end, loads what one scrolls to, and never grows without bound."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Arrive, Complaints
from tests.browser.people import ADA, Person
from tests.portal_process import ROOT, PortalProcess
from tests.upstreams.scripted import HEAD, Hold, ScriptedUpstream, delta

LENGTH = 1_000
TALK = """
import sys, django
django.setup()
from accounts.models import User
from conversations.models import Conversation, Message
talk = Conversation.objects.create(owner=User.objects.get(username=sys.argv[1]), title="Long")
parent, messages = None, []
for number in range(int(sys.argv[2])):
    role = ("user", "assistant")[number % 2]
    messages.append(Message(conversation=talk, parent_id=parent, role=role, text=f"Message {number}"))
    parent = messages[-1].pk
Message.objects.bulk_create(messages)
talk.current_leaf_id = parent
talk.save()
print(talk.pk)
"""


@pytest.fixture
def long(arrive: Arrive, portal: PortalProcess) -> str:
    """The path of a long conversation of Ada's."""
    environment = {**portal._environment(), "DJANGO_SETTINGS_MODULE": "chatportal.settings"}
    made = subprocess.run(
        [sys.executable, "-c", TALK, ADA, str(LENGTH)],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return f"/conversations/{made.stdout.strip()}/"


def goes_up_until(ada: Person, reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < deadline, "nothing more came"
        ada.page.locator("chat-thread").evaluate("(thread) => thread.scrollTo(0, 0)")
        ada.page.wait_for_timeout(60)


def goes_far_up(ada: Person) -> None:
    """So far that the end is let go."""
    goes_up_until(ada, lambda: ada.page.locator("[data-later]").count() == 1)


def test_it_opens_at_its_end_and_loads_what_one_scrolls_to(ada: Person, long: str) -> None:
    ada.opens(long)
    messages = ada.page.locator("chat-message")
    expect(messages.last).to_contain_text(f"Message {LENGTH - 1}")
    expect(messages.last).to_be_in_viewport()
    assert messages.count() <= 100
    goes_up_until(ada, lambda: messages.first.inner_text().startswith("Message 0"))
    assert messages.count() <= 300
    numbers = messages.locator(".message__text").evaluate_all(
        "(texts) => texts.map((text) => Number(text.textContent.match(/[0-9]+/)[0]))"
    )
    assert numbers == list(range(len(numbers)))

    ada.page.get_by_role("button", name="Jump to latest").click()
    expect(messages.last).to_contain_text(f"Message {LENGTH - 1}")
    expect(messages.last).to_be_in_viewport()


def test_who_asks_twice_for_earlier_messages_gets_them_once(ada: Person, long: str) -> None:
    """On a slow line: by scrolling, and by the link that stands there meanwhile."""
    ada.opens(long)
    held: list[Route] = []
    ada.page.route("**/branch/?before=*", lambda route: held.append(route))
    way = ada.page.locator("[data-earlier] a")
    way.evaluate("(link) => { link.click(); link.click(); }")
    ada.until(lambda: bool(held), "nobody asked")
    ada.page.wait_for_timeout(300)
    assert len(held) == 1
    messages = ada.page.locator("chat-message")
    before = messages.count()
    held[0].continue_()
    ada.until(lambda: messages.count() > before, "no earlier messages came")
    ada.page.wait_for_timeout(300)
    ids = messages.evaluate_all("(all) => all.map(({ dataset }) => dataset.messageId)")
    assert len(ids) == len(set(ids))
    ada.page.unroute_all(behavior="ignoreErrors")


def test_what_one_reads_stays_in_its_place_while_earlier_messages_come(
    ada: Person, long: str
) -> None:
    ada.opens(long)
    messages = ada.page.locator("chat-message")
    before = messages.count()
    place = ada.page.evaluate(
        """() => new Promise((done) => {
          const thread = document.querySelector("chat-thread");
          thread.scrollTop = 400;
          const watched = [...document.querySelectorAll("chat-message")].find(
            (message) => message.getBoundingClientRect().top > 100);
          window.watched = watched;
          requestAnimationFrame(() => done(watched.getBoundingClientRect().top));
        })"""
    )
    ada.until(lambda: messages.count() > before, "no earlier messages came")
    now = ada.page.evaluate("window.watched.getBoundingClientRect().top")
    assert abs(now - place) <= 2


def test_a_question_asked_from_far_up_is_answered_at_the_end(
    ada: Person, long: str, upstream: ScriptedUpstream
) -> None:
    ada.opens(f"{long}?around=x")
    goes_far_up(ada)
    messages = ada.page.locator("chat-message")
    hold = Hold()
    upstream.will([HEAD, delta("Here I "), hold, delta("am.")])
    ada.composer.fill("Where are you?")
    ada.composer.press("Enter")
    expect(messages.last).to_contain_text("Here I")
    expect(messages.last).to_be_in_viewport()
    hold.release()
    expect(messages.last).to_contain_text("Here I am.")


def test_who_wants_the_whole_of_it_gets_each_message_once(ada: Person, long: str) -> None:
    """As an image of the conversation does; the page itself keeps its bounds."""
    ada.opens(long)
    numbers = ada.page.evaluate(
        """async () => {
          const whole = document.querySelector("chat-thread").wholeBranch();
          const messages = await whole.collect();
          const said = messages.map(({ text }) => Number(text.match(/[0-9]+/)[0]));
          whole.release();
          return said;
        }"""
    )
    assert numbers == list(range(LENGTH))
    assert ada.page.locator("chat-message").count() <= 100


def test_who_marks_a_message_far_up_stays_there(ada: Person, long: str) -> None:
    """Every page of a conversation is told that a mark was set, the one that set it, too."""
    ada.opens(long)
    goes_far_up(ada)
    messages = ada.page.locator("chat-message")
    middle = messages.nth(messages.count() // 2).get_attribute("data-message-id")
    marked = ada.page.locator(f"chat-message[data-message-id='{middle}']")  # more may come above it
    marked.scroll_into_view_if_needed()
    said = marked.locator(".message__text").inner_text()
    heard = len(ada.heard)
    ada.chooses_for(marked, "Leave out of the context")
    expect(marked).to_contain_text("Left out of the context")
    ada.until(
        lambda: any(event["type"] == "branch" for event in ada.heard[heard:]), "nothing was told"
    )
    ada.page.wait_for_timeout(500)
    assert said in messages.locator(".message__text").all_inner_texts()
    expect(ada.page.get_by_text(said, exact=True)).to_be_in_viewport()


def test_who_scrolls_on_in_a_branch_that_is_no_longer_shown_is_taken_to_the_end(
    ada: Person, long: str, complaints: Complaints
) -> None:
    complaints.expect("409")
    ada.opens(long)
    goes_far_up(ada)
    # As another tab does.
    ada.page.evaluate(
        """() => {
          const { url } = document.querySelectorAll("chat-message[data-role=user]")[5].dataset;
          const token = document.querySelector("meta[name=csrf-token]").content;
          const headers = { "X-CSRFToken": token, "X-Requested-With": "fetch" };
          const body = new URLSearchParams({
            text: "Otherwise?", client_id: "6f0c8a5e-1d2b-4c3d-8e4f-5a6b7c8d9e0f" });
          return fetch(`${url}edit/`, { method: "POST", headers, body });
        }"""
    )
    ada.page.locator("chat-thread").evaluate("(thread) => thread.scrollTo(0, 1e6)")
    expect(ada.questions.last).to_contain_text("Otherwise?")
    expect(ada.page.locator("[data-later]")).to_have_count(0)
    expect(ada.toast).to_contain_text("gone on elsewhere")
