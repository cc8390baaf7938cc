"""How long a member waits for another language or another theme, in headless Chromium.

    .venv/bin/python benchmarks/switching.py

- `switch_language_ms`: from pressing Save on the profile to the first paint of the page in the other language; the
  baseline is pressing Save with nothing changed. Of all the languages in turn, the median; the slowest beside it.
- `switch_theme_ms`: from choosing a theme to the frame that shows it; the baseline is a frame in which nothing changes.
  Of a page with an answer of 2,000 tokens, code and tables in it.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.page import SAID, answer_of, opened, talk
from benchmarks.stage.browser import launched
from benchmarks.stage.portal import Portal, print_figure, served_portal
from benchmarks.stage.speaker import speaking

ROUNDS = 3
LANGUAGES = ("zh-hans", "zh-hant", "ja", "ko", "es", "ru", "vi", "ar", "en")
THEMES = ("dark", "contrast", "light")
# From the press, kept over the navigation, to the first paint of what came.
PRESS = """() => {
  sessionStorage.pressed = performance.timeOrigin + performance.now();
  document.querySelector(".page__save button").click();
}"""
SHOWN = """() => new Promise((done) => {
  const told = (paints) => {
    const paint = paints.find(({ name }) => name === "first-contentful-paint");
    if (paint) done(performance.timeOrigin + paint.startTime - Number(sessionStorage.pressed));
  };
  new PerformanceObserver((list) => told(list.getEntries())).observe({ type: "paint", buffered: true });
})"""
# A frame begins with its callbacks; by the second, the first has been laid out and painted.
FRAME = """(theme) => new Promise((done) => {
  const began = performance.now();
  if (theme) document.documentElement.dataset.theme = theme;
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
})"""


def measure_languages(browser: Browser, portal: Portal) -> None:
    took: dict[str, list[float]] = {"same": []}
    with opened(browser, portal, "/profile/") as page:
        for _ in range(ROUNDS):
            for language in LANGUAGES:
                took.setdefault(language, []).append(_save(page, language))
                took["same"].append(_save(page, language))
    baseline = statistics.median(took.pop("same"))
    each = {language: statistics.median(times) for language, times in took.items()}
    value = statistics.median(each.values())
    print_figure(
        "switch_language_ms",
        value=round(value),
        baseline=round(baseline),
        ratio=round(value / baseline, 2),
        unit="ms from Save to the first paint; the baseline is saving with nothing changed",
        slowest={max(each, key=lambda language: each[language]): round(max(each.values()))},
    )


def _save(page: Page, language: str) -> float:
    page.locator("select[name=locale]").select_option(language)
    with page.expect_navigation(wait_until="load"):
        page.evaluate(PRESS)
    assert page.locator("html").get_attribute("lang") == language
    return float(page.evaluate(SHOWN))


def measure_themes(browser: Browser, portal: Portal) -> None:
    took: list[float] = []
    still: list[float] = []
    with opened(browser, portal, talk(portal, 20, answer_of(2_000), *SAID)) as page:
        page.locator("chat-message .message__text[data-rendered]").last.wait_for()
        page.wait_for_timeout(1000)
        for _ in range(ROUNDS * 3):
            for theme in THEMES:
                took.append(float(page.evaluate(FRAME, theme)))
                still.append(float(page.evaluate(FRAME, "")))
    value, baseline = statistics.median(took), statistics.median(still)
    print_figure(
        "switch_theme_ms",
        value=round(value, 1),
        baseline=round(baseline, 1),
        ratio=round(value / baseline, 2),
        unit="ms from the choice to the second frame after it; the baseline is two frames",
        slowest=round(max(took), 1),
    )


def run() -> None:
    with (
        speaking(tokens_a_second=100) as speaker,
        served_portal(speaker.url) as portal,
        sync_playwright() as playwright,
    ):
        browser = launched(playwright)
        measure_languages(browser, portal)
        measure_themes(browser, portal)
        browser.close()


if __name__ == "__main__":
    run()
