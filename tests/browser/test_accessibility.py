"""A conversation, in every theme and accent, by the rules that a machine can check (WCAG 2.2 AA)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.axe import violations
from tests.browser.conftest import Arrive
from tests.browser.people import ADA, Person
from tests.upstreams.scripted import ScriptedUpstream, stream

ACCENTS = ("blue", "teal", "green", "orange", "red", "pink", "violet")
ANSWER = """# Heading

Text with `code`, a [link](https://example.com), **bold** and $x^2$.

```python
def f(x: int) -> str:
    return f"{x}"  # a comment
```

| a | b |
|---|---|
| 1 | 2 |

- [x] done
- [ ] not yet

> quoted[^1]

[^1]: A footnote.
"""


@pytest.fixture
def ada(arrive: Arrive) -> Person:
    """The checker's own styles want a page that allows them."""
    return arrive(ADA, bypass_csp=True)


@pytest.fixture
def conversation(ada: Person, upstream: ScriptedUpstream) -> Iterator[Person]:
    upstream.will(stream(ANSWER))
    ada.asks("Show me everything")
    ada.sees_it("completed")
    ada.page.locator(".message__text[data-rendered] pre").first.wait_for()
    yield ada


def test_a_conversation_in_every_theme_and_accent(conversation: Person) -> None:
    found = violations(conversation.page, accents=ACCENTS)
    assert "\n".join(found) == ""


def test_its_menus_and_dialogs(conversation: Person) -> None:
    page = conversation.page
    page.locator("header").get_by_label("More").click()
    assert violations(page) == []
    page.get_by_role("button", name="Save as image").click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Context", exact=True).first.click()
    assert violations(page) == []


def test_a_phone(conversation: Person) -> None:
    conversation.page.set_viewport_size({"width": 390, "height": 844})
    assert violations(conversation.page) == []
    conversation.page.get_by_role("button", name="Conversations").first.click()
    assert violations(conversation.page) == []
