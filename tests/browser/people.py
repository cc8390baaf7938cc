"""Somebody at the portal's page in a browser: what they do there, and what they are shown."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, WebSocket, expect

from tests.portal_process import ROOT, PortalProcess

CAROL, ADA, BOB = "carol", "ada", "bob"
PASSWORD = "correct horse battery staple"
# As a rule from where browsers trust the portal least; the main way from this machine, too.
at_both_origins = pytest.mark.parametrize("origin", ["trusted", "untrusted"], indirect=True)

PATIENCE = 15.0  # seconds; what is awaited comes much sooner
MOVE_IN = """
import sys, django
django.setup()
from django.contrib.auth.hashers import make_password
from accounts.models import User
password = make_password(sys.argv[1])
for name in sys.argv[2:]:
    User.objects.create(username=name, password=password)
"""
# Keeps each text that the newest answer showed while it was being written.
KEEP_WHAT_IS_SHOWN = """
window.shown = [];
new MutationObserver(() => {
  const answer = [...document.querySelectorAll("chat-message[data-role=assistant]")].at(-1);
  if (!answer || !["pending", "streaming"].includes(answer.dataset.status)) return;
  const text = answer.querySelector(".message__text")?.textContent ?? "";
  if (text && text !== window.shown.at(-1)) window.shown.push(text);
}).observe(document, { subtree: true, childList: true, characterData: true });
"""


def move_in(portal: PortalProcess, *names: str) -> None:
    """Members of a portal that runs, with PASSWORD each."""
    environment = {
        **portal._environment(),
        "DJANGO_SETTINGS_MODULE": "chatportal.settings",
    }
    subprocess.run(
        [sys.executable, "-c", MOVE_IN, PASSWORD, *names], cwd=ROOT, env=environment, check=True
    )


class Person:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.heard: list[dict[str, Any]] = []  # by the page's WebSocket
        page.on("websocket", self._listen)
        page.add_init_script(KEEP_WHAT_IS_SHOWN)

    # --- What they do --------------------------------------------------------------------------------------------

    def opens(self, path: str = "/") -> None:
        self.page.goto(path)
        self.is_ready()

    def is_ready(self) -> None:
        """Before its script runs, a page would take Enter for a new line and buttons for a form's."""
        self.page.locator("chat-thread:defined").wait_for()
        self.page.locator("chat-page:defined").wait_for()
        self.until(
            lambda: self._has_joined or self.line in {"stream", "polling"},
            "the page did not join its conversation",
        )

    def until(self, condition: Callable[[], bool], otherwise: str) -> None:
        """Wait for what the page hears; what it shows is for `expect` to await."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, otherwise
            self.page.wait_for_timeout(10)  # lets Playwright hand over what has come

    def logs_in(self, name: str, password: str = PASSWORD) -> None:
        self.page.goto("/")
        self.fills_in_the_log_in(name, password)

    def fills_in_the_log_in(self, name: str, password: str = PASSWORD) -> None:
        self.page.get_by_label("Username or e-mail").fill(name)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Log in").click()
        self.page.get_by_label("Username or e-mail").wait_for(state="detached")

    def asks(self, text: str) -> None:
        """Types a message and sends it; it stands in its conversation when this returns."""
        before = self.questions.count()
        self.composer.fill(text)
        self.composer.press("Enter")
        expect(self.questions).to_have_count(before + 1)
        self.is_ready()

    def starts_a_conversation(self) -> None:
        self.page.get_by_role("button", name="New conversation").click()
        expect(
            self.page.get_by_role("heading", name="What would you like to know?")
        ).to_be_visible()
        self.is_ready()

    def presses(self, name: str) -> None:
        """A button of the newest answer."""
        self.answer.get_by_role("button", name=name).click()

    def chooses(self, title: str, item: str) -> None:
        """From the menu of a conversation in the sidebar."""
        self.row(title).hover()
        self.row(title).get_by_role("button", name="More").click()
        self.page.get_by_role("menuitem", name=item, exact=True).click()

    def chooses_for(self, message: Locator, item: str) -> None:
        """From the menu of a message."""
        message.hover()
        message.get_by_role("button", name="More").click()
        self.page.get_by_role("menuitem", name=item).click()

    # --- What they see -------------------------------------------------------------------------------------------

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message")

    @property
    def send(self) -> Locator:
        return self.page.get_by_role("button", name="Send")

    @property
    def stop(self) -> Locator:
        return self.page.get_by_role("button", name="Stop")

    @property
    def title(self) -> Locator:
        return self.page.locator("h1")

    @property
    def questions(self) -> Locator:
        return self.page.locator("chat-message[data-role=user]")

    @property
    def answers(self) -> Locator:
        return self.page.locator("chat-message[data-role=assistant]")

    @property
    def answer(self) -> Locator:
        return self.answers.last

    @property
    def text(self) -> Locator:
        """What the newest answer says."""
        return self.answer.locator(".message__text")

    @property
    def notice(self) -> Locator:
        return self.answer.locator(".message__notice")

    @property
    def line(self) -> str:
        """How the line to the portal stands, as the page says."""
        return self.page.locator("connection-status").get_attribute("data-state") or ""

    def is_live_by(self, way: str) -> None:
        status = self.page.locator("connection-status")
        expect(status).to_have_attribute("data-state", way, timeout=30_000)

    @property
    def toast(self) -> Locator:
        return self.page.locator(".toast")

    @property
    def rows(self) -> Locator:
        """The conversations in the sidebar."""
        return self.page.locator(".conversation-row")

    def row(self, title: str) -> Locator:
        return self.rows.filter(has=self.page.get_by_role("link", name=title))

    def sees_it(self, status: str, *, within: float = PATIENCE) -> None:
        """The newest answer has this status."""
        expect(self.answer).to_have_attribute("data-status", status, timeout=within * 1000)

    @property
    def shown(self) -> list[str]:
        """The texts that the newest answer showed, one after another, while it was being written."""
        texts: list[str] = self.page.evaluate("window.shown")
        return texts

    @property
    def deltas(self) -> list[dict[str, Any]]:
        return [event for event in self.heard if event["type"] == "delta"]

    @property
    def _has_joined(self) -> bool:
        """Its socket follows the conversation of its address; an empty page has none to follow."""
        here = re.search(r"/conversations/([0-9a-f-]{36})/", self.page.url)
        return any(
            event["type"] == ("joined" if here else "welcome")
            and (not here or event["conversation"] == here[1])
            for event in self.heard
        )

    def _listen(self, socket: WebSocket) -> None:
        self.heard = []
        socket.on("framereceived", lambda frame: self.heard.append(json.loads(frame)))
