"""The main way as a screen reader has it: off the accessibility tree, and what the page says of itself meanwhile."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.people import ADA, PASSWORD, Person
from tests.upstreams.scripted import HEAD, Hold, ScriptedUpstream, delta, refuse, stream

# Everything that came into the page's live regions, in the order in which it came.
LISTEN = """() => {
  window.heard = [];
  const live = "[role=status], [role=alert], [role=log]:not([aria-live=off]), [aria-live]:not([aria-live=off])";
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      const element = target.nodeType === 1 ? target : target.parentElement;
      if (!element?.closest(live)) continue;
      for (const node of addedNodes) if (node.textContent.trim()) window.heard.push(node.textContent.trim());
      if (!addedNodes.length && element.textContent.trim()) window.heard.push(element.textContent.trim());
    }
  }).observe(document, { subtree: true, childList: true, characterData: true });
}"""


def test_the_main_way_off_the_accessibility_tree(
    arrive: Arrive, upstream: ScriptedUpstream
) -> None:
    ada = arrive()
    page = ada.page
    page.goto("/")
    expect(page.locator("main")).to_match_aria_snapshot(
        """
        - main:
          - heading "Log in" [level=1]
          - textbox "Username or e-mail"
          - textbox "Password"
          - button "Log in"
        """
    )
    ada.page.get_by_label("Username or e-mail").fill(ADA)
    ada.page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    ada.is_ready()
    expect(page.locator("body")).to_match_aria_snapshot(
        """
        - link "Skip to the messages"
        - navigation "Conversations":
          - button "New conversation"
          - search:
            - searchbox "Search"
        - main:
          - heading "New conversation" [level=1]
          - combobox "Model"
          - button "Context"
          - log "Messages":
            - region "What would you like to know?"
          - textbox "Message"
          - button "Insert a prompt template"
          - button "Send"
        """
    )
    upstream.will(
        stream(
            "# A plan\n\nFirst **this**.\n\n```python\nprint(1)\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |"
        )
    )
    ada.asks("What is the plan?")
    ada.sees_it("completed")
    ada.text.locator("pre").scroll_into_view_if_needed()
    expect(page.get_by_role("log", name="Messages")).to_match_aria_snapshot(
        """
        - log "Messages":
          - article "You": What is the plan?
          - article "scripted-large":
            - heading "A plan" [level=1]
            - paragraph:
              - strong: this
            - code: print(1)
            - table:
              - rowgroup:
                - row "a b":
                  - columnheader "a"
                  - columnheader "b"
              - rowgroup:
                - row "1 2":
                  - cell "1"
                  - cell "2"
            - button "Copy"
            - button "Regenerate"
        """
    )
    names = page.evaluate(
        """() => [...document.querySelectorAll("button, a[href], input, select, textarea, summary")]
          .filter((each) => each.checkVisibility() && !(each.ariaLabel || each.innerText.trim() || each.labels?.length
            || each.title || each.getAttribute("aria-labelledby")))
          .map((each) => each.outerHTML)"""
    )
    assert names == []


def test_an_answer_is_told_by_whole_sentences(ada: Person, upstream: ScriptedUpstream) -> None:
    ada.asks("Are you there?")
    ada.sees_it("completed")
    announcer = ada.page.locator("[data-announcer] p")

    def told(count: int) -> None:
        """So many sentences of answers; how the line stands is told, too, where it is slow."""
        ada.until(lambda: len(_of_answers(announcer.all_inner_texts())) == count, "told otherwise")

    told(2)
    ada.page.evaluate(LISTEN)
    pause, end = Hold(), Hold()
    pieces = [
        "It **beg",
        "ins here. It goes",
        " on",
        pause,
        " and ends. 然后",
        "。这",
        "样",
        end,
        "!",
    ]
    upstream.will(
        [
            HEAD,
            *(each if isinstance(each, Hold) else delta(each) for each in pieces),
            *stream("")[1:],
        ]
    )
    ada.asks("Slowly, please")
    expect(ada.text.last).to_contain_text("It goes on")
    told(3)
    pause.release()
    told(5)
    end.release()
    told(7)
    assert _of_answers(ada.page.evaluate("window.heard")) == [
        "It begins here.",
        "It goes on and ends.",
        "然后。",
        "这样!",
        "The answer is finished.",
    ]


def _of_answers(told: list[str]) -> list[str]:
    return [each for each in told if each != "Live" and "in line" not in each]


def test_the_first_answer_of_a_conversation_is_told_from_its_first_word(ada: Person) -> None:
    ada.asks("Hello?")
    ada.sees_it("completed")
    announcer = ada.page.locator("[data-announcer] p")
    expect(announcer).to_have_text(["Yes, indeed.", "The answer is finished."])
    ada.page.reload()
    ada.is_ready()
    expect(announcer).to_have_count(0)


def test_what_stood_there_before_is_not_told_again(ada: Person, upstream: ScriptedUpstream) -> None:
    pause = Hold()
    upstream.will([HEAD, delta("Said before. And"), pause, delta(" more."), *stream("")[1:]])
    ada.asks("Look away")
    expect(ada.text).to_contain_text("And")
    ada.page.reload()
    ada.is_ready()
    expect(ada.text).to_contain_text("And")
    pause.release()
    ada.sees_it("completed")
    announcer = ada.page.locator("[data-announcer] p")
    expect(announcer).to_have_text(["more.", "The answer is finished."])


def test_why_there_is_no_answer_is_told(ada: Person, upstream: ScriptedUpstream) -> None:
    upstream.will(refuse(400, {"error": {"message": "No."}}))
    ada.asks("Will you?")
    ada.sees_it("failed")
    expect(ada.page.locator("[data-announcer] p")).to_have_count(1)
    assert ada.page.locator("[data-announcer]").inner_text() in ada.answer.inner_text()
