"""What a browser fetches to show a conversation for the first time: every byte until the network rests.

Headless Chromium with a cold cache opens a conversation that holds code. `value` is what went over the wire, headers
included; `baseline` is what the same files hold, uncompressed.

    .venv/bin/python benchmarks/first_load.py [SCREENSHOT.png]
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.stage.browser import launched
from benchmarks.stage.portal import Portal, print_figure, served_portal
from benchmarks.stage.processes import ROOT

QUESTION = "Why does the answer arrive all at once behind nginx, and how do I get it word by word?"
ANSWER = """nginx collects what the upstream sends before it passes it on, so that a stream looks like one block.
Switch the buffer off for the location that serves the portal:

```nginx
location / {
    proxy_pass http://127.0.0.1:8000;
    proxy_buffering off;
}
```

Then look at it with a script that prints each piece as it comes:

```python
import httpx

with httpx.stream("GET", "http://127.0.0.1:8000/") as response:
    for piece in response.iter_text():
        print(piece, end="", flush=True)
```
"""
FOLLOW_UP, SECOND = (
    "用中文再说一遍，简短一点。",
    "nginx 默认会先缓存上游的响应，所以文字会一次性出现。关闭缓冲即可恢复逐字显示。",
)
SET_UP = """
import django, sys
django.setup()
from accounts.models import User
from conversations.models import Conversation, Generation, Message
owner = User.objects.get(username="member-0")
owner.first_name = "Ada"
owner.save()
title = "Proxy buffering and streaming"
conversation = Conversation.objects.create(owner=owner, title=title)
leaf = None
for number, text in enumerate(sys.argv[1:]):
    role, name = (("assistant", "Team model") if number % 2 else ("user", ""))
    leaf = Message.objects.create(conversation=conversation, parent=leaf, role=role, text=text, model_title=name)
    if number % 2:
        Generation.objects.create(conversation=conversation, message=leaf, status="completed")
conversation.current_leaf = leaf
conversation.save()
for title in ("迁移 PostgreSQL 的步骤", "Release notes for 0.4", "Regex for ISO dates"):
    Conversation.objects.create(owner=owner, title=title)
print(conversation.pk)
"""


def run(screenshot: str = "") -> None:
    with served_portal("http://127.0.0.1:9") as portal, sync_playwright() as playwright:
        path = f"/conversations/{_conversation(portal)}/"
        browser = launched(playwright)
        context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
        context.add_cookies(
            [{"name": "portal_session", "value": portal.sessions[0], "url": portal.url}]
        )
        page = context.new_page()
        files = _watch(page)
        page.goto(portal.url + path)
        page.wait_for_load_state("networkidle")
        page.locator(
            "pre .hljs-keyword"
        ).first.wait_for()  # the highlighter comes when there is code
        page.wait_for_load_state("networkidle")
        if screenshot:
            page.screenshot(path=screenshot)
        browser.close()
    _print(files)


def _conversation(portal: Portal) -> str:
    command = [sys.executable, "-c", SET_UP, QUESTION, ANSWER, FOLLOW_UP, SECOND]
    environment = {**os.environ, **portal.environment}
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout.strip()


def _watch(page: Page) -> dict[str, dict[str, Any]]:
    """Keep what the network reports of each request: address, bytes on the wire, bytes they hold."""
    files: dict[str, dict[str, Any]] = {}
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def of(event: dict[str, Any]) -> dict[str, Any]:
        return files.setdefault(event["requestId"], {"url": "", "wire": 0, "held": 0})

    session.on(
        "Network.requestWillBeSent", lambda event: of(event).update(url=event["request"]["url"])
    )
    session.on(
        "Network.loadingFinished", lambda event: of(event).update(wire=event["encodedDataLength"])
    )
    session.on(
        "Network.dataReceived",
        lambda event: of(event).update(held=of(event)["held"] + event["dataLength"]),
    )
    return files


def _print(files: dict[str, dict[str, Any]]) -> None:
    wire, held = (sum(file[kind] for file in files.values()) / 1000 for kind in ("wire", "held"))
    biggest = sorted(files.values(), key=lambda file: -file["wire"])[:5]
    print_figure(
        "first_load_kb",
        value=round(wire, 1),
        baseline=round(held, 1),
        ratio=round(wire / held, 3),
        unit="kB over the wire; the baseline is uncompressed",
        requests=len(files),
        biggest={file["url"].rpartition("/")[2] or "the page": file["wire"] for file in biggest},
    )


if __name__ == "__main__":
    run(*sys.argv[1:2])
