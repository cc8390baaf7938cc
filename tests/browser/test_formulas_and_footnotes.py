"""What models write beside plain Markdown: formulas, footnotes, task lists; and prices, which are no formulas."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.people import Person
from tests.upstreams.scripted import DONE, FINISH, HEAD, Hold, ScriptedUpstream, delta, stream

FORMULAS = r"""One $a^2$, two \(b_1\); it costs $5 and $10, or US$3.

$$
\int_0^1 x\,dx = \frac{1}{2}
$$

\[
\begin{aligned} c &= d \\ e &= f \end{aligned}
\]

`$code$` and $\nosuchcommand{x}$
"""
NOTES = """First[^one], second[^2] and first again[^one].

[^one]: The **first** note.
[^2]: The second.
"""


def test_formulas_in_all_four_forms(ada: Person, upstream: ScriptedUpstream) -> None:
    upstream.will(stream(*re.findall(r"(?s).{1,7}", FORMULAS)))
    ada.asks("Formulas, please")
    ada.sees_it("completed")
    expect(ada.text.locator("math")).to_have_count(4)
    expect(ada.text.locator("math[display=block]")).to_have_count(2)
    expect(ada.text.locator("p").first).to_contain_text("it costs $5 and $10, or US$3.")
    expect(ada.text.locator("code")).to_have_text("$code$")
    expect(ada.text.locator(".formula:not(.formula--set)")).to_have_text(r"\nosuchcommand{x}")
    box = ada.text.locator("mfrac").bounding_box()
    assert box is not None
    assert box["height"] > 20, "a fraction has one number over the other"


def test_the_typesetter_comes_with_the_first_formula(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    fetched: list[str] = []
    ada.page.on("request", lambda request: fetched.append(request.url))
    upstream.will(stream("It costs $5 and $10."))
    ada.asks("How much?")
    ada.sees_it("completed")
    assert not any("temml" in url or "mermaid" in url for url in fetched)
    upstream.will(stream("That is $x$."))
    ada.asks("And as a formula?")
    expect(ada.text.locator("math")).to_have_count(1)
    assert any("temml" in url for url in fetched)


def test_a_formula_that_is_not_closed_yet_is_calm(ada: Person, upstream: ScriptedUpstream) -> None:
    middle, end = Hold(), Hold()
    upstream.will(
        [HEAD, delta("So:\n\n$$\nx_1 * y"), middle, delta("_2\n$$\n\nThat"), end, FINISH, DONE]
    )
    ada.asks("Slowly")
    expect(ada.text.locator(".formula--open")).to_have_text("$$\nx_1 * y", use_inner_text=True)
    assert ada.text.locator("em, hr").count() == 0
    middle.release()
    expect(ada.text.locator("math")).to_have_count(1)
    end.release()
    ada.sees_it("completed")


def test_footnotes_lead_there_and_back_within_their_own_message(
    ada: Person, upstream: ScriptedUpstream
) -> None:
    for question in ("Notes, please", "And again"):
        upstream.will(stream(*re.findall(r"(?s).{1,9}", NOTES)))
        ada.asks(question)
        ada.sees_it("completed")
    expect(ada.text.locator(".footnotes li")).to_have_count(2)
    ada.text.get_by_role("link", name="Footnote 2").click()
    expect(ada.text.locator(".footnotes li").nth(1)).to_be_focused()
    ada.text.get_by_role("link", name="Back to the text").first.press("Enter")
    expect(ada.text.get_by_role("link", name="Footnote 1").first).to_be_focused()
    assert ada.page.locator(".message__text [id]").count() == 0
    assert "#" not in ada.page.url


def test_tasks_are_boxes_that_cannot_be_ticked(ada: Person, upstream: ScriptedUpstream) -> None:
    upstream.will(stream("- [ ] open\n- [x] done\n"))
    ada.asks("What is left?")
    ada.sees_it("completed")
    assert ada.text.locator("li").all_inner_texts() == ["☐︎ open", "☑︎ done"]
    expect(ada.text.locator("input")).to_have_count(0)


def test_each_block_runs_in_its_own_direction(ada: Person, upstream: ScriptedUpstream) -> None:
    upstream.will(
        stream("مرحبا بكم\n\nHello\n\n- שלום\n- hello\n\n| الاسم | b |\n|---|---|\n| c | d |\n")
    )
    ada.asks("שלום\nHello")
    ada.sees_it("completed")
    direction = "(elements) => elements.map((element) => getComputedStyle(element).direction)"
    assert ada.text.locator("p").evaluate_all(direction) == ["rtl", "ltr"]
    assert ada.text.locator("li").evaluate_all(direction) == ["rtl", "ltr"]
    assert ada.text.locator("table, td").evaluate_all(direction) == ["rtl", "ltr", "ltr"]
    own = ada.questions.last.locator(".message__text")
    assert own.evaluate("(text) => getComputedStyle(text).unicodeBidi") == "plaintext"
