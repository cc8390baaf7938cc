"""`make screenshots`: the pictures of the documentation, of a portal that is started and filled for them.

Wants Chromium (CHROMIUM, or what is on the path). They land in docs/screenshots.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.stage.browser import launched  # noqa: E402
from tests.browser.conftest import provided_by, served  # noqa: E402
from tests.browser.people import ADA, CAROL, PASSWORD  # noqa: E402
from tests.portal_process import PortalProcess  # noqa: E402
from tests.upstreams.scripted import ScriptedUpstream, refuse, stream  # noqa: E402

TARGET = ROOT / "docs" / "screenshots"
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
MODELS = ("gpt-4o", "gpt-4o-mini")
ANSWER = """Sort by the *key* first, and by the time where keys are equal. Python's sort is stable, so two passes do:

```python
from operator import itemgetter

def newest_first(rows):
    \"\"\"Rows of each key together, the newest of them first.\"\"\"
    rows = sorted(rows, key=itemgetter("at"), reverse=True)
    return sorted(rows, key=itemgetter("key"))
```

| approach | passes | reads well |
|---|---|---|
| two stable sorts | 2 | yes |
| one key that is a tuple | 1 | where both run the same way |
| `functools.cmp_to_key` | 1 | no |

Both cost $O(n \\log n)$. For a million rows the second is about a third quicker."""
OTHERS = (
    "Plan the offsite in Lisbon",
    "Why is our build slow?",
    "Draft the release notes",
    "把这段说明翻译成英文",
    "Regex for ISO dates",
)
QUESTION = "How do I sort rows by key, and within a key the newest first?"


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        ScriptedUpstream() as upstream,
        sync_playwright() as playwright,
    ):
        upstream.will(refuse(200, {"data": [{"id": name} for name in MODELS]}))
        browser = launched(playwright)
        for portal in served(Path(folder) / "data", **provided_by(upstream)):
            _take_all(browser, portal, upstream)
        browser.close()


def _take_all(browser: Browser, portal: PortalProcess, upstream: ScriptedUpstream) -> None:
    with _logged_in(browser, portal, ADA) as page:
        for title in OTHERS:
            upstream.will(stream("Gladly."))
            _asks(page, title)
            page.goto("/")
        upstream.will(stream(ANSWER))
        _asks(page, QUESTION)
        address = page.url
        _take(page, "conversation")
        page.goto("/import/")
        _take(page, "import")
    for name, options in {
        "conversation-dark": {"color_scheme": "dark"},
        "conversation-phone": {"viewport": PHONE, "device_scale_factor": 2},
    }.items():
        with _logged_in(browser, portal, ADA, **options) as page:
            page.goto(address)
            _take(page, name)
    with _logged_in(browser, portal, CAROL) as page:
        page.goto("/admin/")
        _take(page, "administration")
        page.goto("/admin/upstream/credential/pool/")
        _take(page, "pool")


@contextmanager
def _logged_in(
    browser: Browser, portal: PortalProcess, name: str, **options: object
) -> Iterator[Page]:
    made = {"viewport": DESK, "base_url": portal.url, "locale": "en-GB", **options}
    context = browser.new_context(**made)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/")
    yield page
    context.close()


def _asks(page: Page, text: str) -> None:
    page.locator("chat-page:defined").wait_for()
    page.get_by_role("textbox", name="Message").fill(text)
    page.get_by_role("button", name="Send").click()
    page.locator("chat-message[data-status=completed]").last.wait_for()
    page.wait_for_timeout(1500)  # the typewriter comes to its end


def _take(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    page.screenshot(path=TARGET / f"{name}.png")
    print(TARGET / f"{name}.png")


if __name__ == "__main__":
    main()
