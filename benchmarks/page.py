"""What the conversation page costs a browser: bytes, main-thread time, nodes, paints and shifts, in headless Chromium.

    .venv/bin/python benchmarks/page.py [FIGURE…]

- `first_load_kb`: every byte until the network rests, cold cache (benchmarks/first_load.py).
- `main_thread_share`: main-thread time while an answer of 2,000 tokens with ten code blocks and three tables streams at
  100 tokens a second, as a share of the time that takes; beside it the same for half the answer, the sum of layout
  shifts meanwhile (the cursor's own moves apart), and whether the final DOM equals that of the page loaded anew.
- `nodes_300`: elements in the thread with 300 messages shown.
- `largest_paint_ms`: LCP with a CPU slowed down four times, against the same page without.
- `open_10000_ms`: from the request for a conversation of 10,000 messages to its end in sight, against one of 10.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import first_load
from benchmarks.stage.browser import launched
from benchmarks.stage.portal import Portal, print_figure, served_portal
from benchmarks.stage.processes import ROOT
from benchmarks.stage.speaker import Speaker, speaking, tokens_of

TOKENS_A_SECOND = 100
TOKENS = 2_000
PARAGRAPH = (
    "The portal keeps each answer as it **comes**, so that nothing is lost when a line breaks; what "
    "you see has been `saved` before, and a second tab [follows](https://example.org/docs) it.\n\n"
)
CODE = (
    "```python\ndef total(rows: list[dict[str, int]], key: str) -> int:\n"
    '    """Sum up one column, where it is there."""\n'
    "    return sum(row[key] for row in rows if key in row)\n```\n\n"
)
TABLE = "| name | model | tokens |\n|---|---|---:|\n" + "".join(
    f"| member {number} | large | {number * 1234} |\n" for number in range(6)
)
TALK = """
import django, sys
django.setup()
from accounts.models import User
from conversations.models import Conversation, Generation, Message
owner = User.objects.get(username="member-0")
texts = sys.argv[2:]
conversation = Conversation.objects.create(owner=owner, title=f"{sys.argv[1]} messages")
messages = []
for number in range(int(sys.argv[1])):
    parent = messages[-1].pk if messages else None
    role = ("user", "assistant")[number % 2]
    text = f"{number}. {texts[number % len(texts)]}"
    messages.append(Message(
        conversation=conversation, parent_id=parent, role=role, text=text, model_title="Team model"))
Message.objects.bulk_create(messages)
Generation.objects.bulk_create(
    Generation(conversation=conversation, message=message, status="completed")
    for message in messages if message.role == "assistant")
conversation.current_leaf = messages[-1]
conversation.save()
print(conversation.pk)
"""
SAID = (
    "How do I get the answer word by word behind a proxy?",
    "Switch the buffer of the location off; then each piece is passed on as it comes, and nothing waits for the end.",
    "And what of a phone on a slow line?",
    "It gets the same pieces, only later. What was missed is sent once more when the line is back.",
)
WATCH = """
window.shifts = 0; window.paint = 0;
new PerformanceObserver((list) => {
  const isMore = ({ currentRect: { width } }) => width > 12; // than the cursor's own move, in a block of code
  for (const { hadRecentInput, sources, value } of list.getEntries())
    if (!hadRecentInput && sources.some(isMore)) window.shifts += value;
}).observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((list) => {
  for (const paint of list.getEntries()) window.paint = paint.startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
"""

# In milliseconds from the request on: when the last message stands there rendered.
SHOWN = """
new MutationObserver((_, watching) => {
  const last = [...document.querySelectorAll("chat-message .message__text")].at(-1);
  if (!last?.hasAttribute("data-rendered")) return;
  watching.disconnect();
  window.shown = performance.now();
}).observe(document, { subtree: true, attributeFilter: ["data-rendered"] });
"""

# Asking again and again would be main-thread time, too.
COMPLETED = """(message) => new Promise((done) => {
  const look = () => message.dataset.status === "completed" && done();
  new MutationObserver(look).observe(message, { attributeFilter: ["data-status"] });
  look();
})"""


def answer_of(tokens: int) -> str:
    """An answer of so many tokens, with ten code blocks and three tables a 2,000 tokens, evenly spread."""
    text, blocks = "", 0
    while len(tokens_of(text)) < tokens:
        share = len(tokens_of(text)) / TOKENS
        text += PARAGRAPH
        if blocks < 10 and share >= blocks / 10:
            text += CODE
            blocks += 1
            if blocks in {3, 6, 9}:
                text += TABLE + "\n"
    return "".join(tokens_of(text)[:tokens])


def measure_streaming(browser: Browser, portal: Portal, speaker: Speaker) -> None:
    half, whole = (_stream(browser, portal, speaker, tokens) for tokens in (TOKENS // 2, TOKENS))
    print_figure(
        "main_thread_share",
        value=round(whole["busy"], 2),
        baseline=round(whole["took"], 2),
        ratio=round(whole["busy"] / whole["took"], 3),
        unit="s of main-thread time; the baseline is how long the answer streamed",
        half_ratio=round(half["busy"] / half["took"], 3),
        growth=round(whole["busy"] / half["busy"], 2),
        layout_shift=round(whole["shifts"], 4),
        same_as_one_shot=whole["same"],
    )


def _stream(browser: Browser, portal: Portal, speaker: Speaker, tokens: int) -> dict[str, Any]:
    speaker.text = answer_of(tokens)
    with opened(browser, portal, "/") as page:
        page.locator("chat-composer:defined").wait_for()
        page.get_by_role("textbox", name="Message").fill("Tell me all about it.")
        page.keyboard.press("Enter")
        answer = page.locator("chat-message[data-role=assistant]").last
        page.locator(".message__text[data-rendered] > *").first.wait_for(state="attached")
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        page.evaluate("window.shifts = 0")
        before, began = _task_seconds(session), time.monotonic()
        answer.evaluate(COMPLETED)
        took, busy = time.monotonic() - began, _task_seconds(session) - before
        shifts = page.evaluate("window.shifts")
        streamed = _settled_html(page)
        page.reload()
        return {
            "took": took,
            "busy": busy,
            "shifts": shifts,
            "same": streamed == _settled_html(page),
        }


def _settled_html(page: Page) -> str:
    """What the answer holds, once its code has its colours."""
    page.locator(".message__text[data-rendered]").last.wait_for()
    page.evaluate(
        """async () => {
          const thread = document.querySelector("chat-thread");
          for (let top = thread.scrollHeight; top >= 0; top -= 400) {
            thread.scrollTop = top;
            await new Promise((done) => setTimeout(done, 30));
          }
        }"""
    )
    page.wait_for_timeout(500)
    html: str = page.locator(".message__text").last.evaluate("(text) => text.innerHTML")
    return html


def _task_seconds(session: Any) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


def measure_nodes(browser: Browser, portal: Portal) -> None:
    with opened(browser, portal, talk(portal, 400)) as page:
        page.locator("chat-message").last.wait_for()
        messages = 0
        for _ in range(100):
            page.evaluate("document.querySelector('chat-thread').scrollBy(0, -6000)")
            page.wait_for_timeout(60)
            messages = page.locator("chat-message").count()
            if messages >= 300:
                break
        nodes = page.evaluate("document.querySelectorAll('*').length")
        print_figure(
            "nodes_300",
            value=nodes,
            baseline=messages,
            ratio=round(nodes / messages, 1),
            unit="elements on the page; the baseline is the messages shown",
        )


def measure_paint(browser: Browser, portal: Portal) -> None:
    path = talk(portal, 20)
    slow, fast = (_largest_paint(browser, portal, path, slowed=rate) for rate in (4, 1))
    print_figure(
        "largest_paint_ms",
        value=round(slow),
        baseline=round(fast),
        ratio=round(slow / fast, 2),
        unit="ms with a CPU slowed down 4 times; the baseline is without",
    )


def _largest_paint(browser: Browser, portal: Portal, path: str, *, slowed: int) -> float:
    found = []
    for _ in range(5):
        with opened(browser, portal, None) as page:
            session = page.context.new_cdp_session(page)
            session.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
            page.goto(portal.url + path)
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(500)
            found.append(float(page.evaluate("window.paint")))
    return statistics.median(found)


def measure_opening(browser: Browser, portal: Portal) -> None:
    short, long = talk(portal, 10), talk(portal, 10_000)
    took: dict[str, list[float]] = {short: [], long: []}
    for _ in range(5):
        for path, times in took.items():
            times.append(_open(browser, portal, path))
    value, baseline = (statistics.median(times) for times in (took[long], took[short]))
    print_figure(
        "open_10000_ms",
        value=round(value),
        baseline=round(baseline),
        ratio=round(value / baseline, 2),
        unit="ms to the last message rendered in sight; the baseline is a conversation of 10",
        server_ms=round(_server_ms(portal, long)),
    )


def _open(browser: Browser, portal: Portal, path: str) -> float:
    with opened(browser, portal, None) as page:
        page.add_init_script(SHOWN)
        # Twice before, so that scripts are in the cache, also for a page that its service worker looks after.
        for _ in range(3):
            page.goto(portal.url + path)
            page.wait_for_function("window.shown")
            page.wait_for_load_state("networkidle")
        return float(page.evaluate("window.shown"))


def _server_ms(portal: Portal, path: str) -> float:
    member, times = portal.member(0), []
    for _ in range(7):
        began = time.monotonic()
        member.http.get(path).raise_for_status()
        times.append((time.monotonic() - began) * 1000)
    return statistics.median(times)


def talk(portal: Portal, length: int, *said: str) -> str:
    """The path of a conversation of so many messages, which say these texts in turn."""
    command = [sys.executable, "-c", TALK, str(length), *(said or SAID)]
    environment = {**os.environ, **portal.environment}
    made = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return f"/conversations/{made.stdout.strip()}/"


@contextlib.contextmanager
def opened(browser: Browser, portal: Portal, path: str | None) -> Iterator[Page]:
    """A page of its own, of a member who is logged in, with what WATCH keeps."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_cookies(
        [{"name": "portal_session", "value": portal.sessions[0], "url": portal.url}]
    )
    page = context.new_page()
    page.add_init_script(WATCH)
    if path is not None:
        page.goto(portal.url + path)
    yield page
    context.close()


def run(*wanted: str) -> None:
    if not wanted or "first_load_kb" in wanted:
        first_load.run()
    with (
        speaking(tokens_a_second=TOKENS_A_SECOND) as speaker,
        served_portal(speaker.url) as portal,
        sync_playwright() as playwright,
    ):
        browser = launched(playwright)
        measures: dict[str, Callable[[], None]] = {
            "main_thread_share": lambda: measure_streaming(browser, portal, speaker),
            "nodes_300": lambda: measure_nodes(browser, portal),
            "largest_paint_ms": lambda: measure_paint(browser, portal),
            "open_10000_ms": lambda: measure_opening(browser, portal),
        }
        for name, measure in measures.items():
            if not wanted or name in wanted:
                measure()
        browser.close()


if __name__ == "__main__":
    run(*sys.argv[1:])
