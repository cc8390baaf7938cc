"""The portal as a benchmark runs it: `manage.py serve` on data of its own, with one member and one model."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from benchmarks.stage.processes import ROOT, free_port, start, wait_for_port

# Prints a session key for each of argv[2] members, so that a benchmark need not wait for their passwords.
SET_UP = """
import django, sys
django.setup()
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from accounts.models import User
from upstream.models import Credential, LanguageModel, Provider
provider = Provider.objects.create(
    title="Bench", kind=sys.argv[3], base_url=sys.argv[1], own_host_may_be_private=True
)
for secret in sys.argv[4].split(","):
    Credential.objects.create(provider=provider, secret=secret)
LanguageModel.objects.create(provider=provider, name="bench-1")
for number in range(int(sys.argv[2])):
    user = User.objects.create(username=f"member-{number}")
    user.set_unusable_password()
    user.save()
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    print(session.session_key)
"""


# Waits in a process of its own, beside the portal, until nothing is being written any more.
WAIT_AND_PRINT = """
import django, json, sys, time
django.setup()
from conversations.models import Generation
ids = json.load(sys.stdin)
deadline = time.monotonic() + float(sys.argv[1])
while Generation.objects.active().exists() and time.monotonic() < deadline:
    time.sleep(0.3)
found = {str(g.conversation_id): [g.status, g.message.text, g.error_code]
         for g in Generation.objects.select_related("message").order_by("created_at")}
print(json.dumps([found[pk] for pk in ids]))
"""

PATHS = {"openai_chat": "v1", "chatgpt_token": "api/conversation"}


@dataclass
class Portal:
    environment: dict[str, str]
    port: int
    process: subprocess.Popen[bytes]
    sessions: list[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start_again(self) -> None:
        self.process = start("manage.py", "serve", environment=self.environment)
        wait_for_port(self.port, self.process)

    def answers(self, conversations: Sequence[str], *, within: float) -> list[list[str]]:
        """Status, text and error code of each answer, once all have ended."""
        printed = subprocess.run(
            [sys.executable, "-c", WAIT_AND_PRINT, str(within)],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            check=True,
            input=json.dumps(list(conversations)),
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
        found: list[list[str]] = json.loads(printed)
        return found

    def member(self, number: int) -> Member:
        """A member at their browser; each number is another person."""
        return Member(self.url, self.sessions[number])


class Member:
    """A logged-in member, over HTTP."""

    def __init__(self, url: str, session: str) -> None:
        self.http = httpx.Client(base_url=url, cookies={"portal_session": session}, timeout=30)
        self.http.get("/").raise_for_status()
        token = self.http.cookies["portal_csrf"]
        self.http.headers.update({"X-Requested-With": "fetch", "X-CSRFToken": token})

    @property
    def cookie(self) -> str:
        # What was sent anew counts.
        held = {cookie.name: cookie.value for cookie in self.http.cookies.jar}
        return "; ".join(f"{name}={value}" for name, value in held.items())

    def start_conversation(self, text: str) -> str:
        """Ask `text` in a new conversation; returns its id."""
        form = {"text": text, "client_id": str(uuid.uuid4())}
        answer = self.http.post("/conversations/new/", data=form)
        answer.raise_for_status()
        conversation: str = answer.json()["conversation"]
        return conversation

    def get(self, path: str) -> Any:
        return self.http.get(path).raise_for_status().json()


@contextlib.contextmanager
def served_portal(
    upstream_url: str,
    *,
    members: int = 1,
    dialect: str = "openai_chat",
    secrets: Sequence[str] = ("bench",),
    settings: str = "chatportal.settings",
) -> Iterator[Portal]:
    """Serve a new portal whose one model is at `upstream_url`. DATABASE_URL decides on the database."""
    with tempfile.TemporaryDirectory(
        prefix="chatportal-bench-", ignore_cleanup_errors=True
    ) as folder:
        port = free_port()
        environment = {
            "DJANGO_SETTINGS_MODULE": settings,
            "PORTAL_DATA_DIR": folder,
            "PORTAL_DEMO_MODEL": "off",
            "HOST": "127.0.0.1",
            "PORT": str(port),
        }
        run = {
            "cwd": ROOT,
            "env": {**os.environ, **environment},
            "check": True,
            "stdout": subprocess.DEVNULL,
        }
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], **run)
        path = PATHS[dialect]
        address = (
            upstream_url if upstream_url.endswith("/conversation") else f"{upstream_url}/{path}"
        )
        set_up = [sys.executable, "-c", SET_UP, address, str(members), dialect, ",".join(secrets)]
        printed = subprocess.run(set_up, **{**run, "stdout": subprocess.PIPE}, text=True).stdout
        process = start("manage.py", "serve", environment=environment)
        portal = Portal(environment, port, process, printed.split())
        try:
            wait_for_port(port, portal.process)
            yield portal
        finally:
            portal.process.terminate()
            try:
                portal.process.wait(30)
            except subprocess.TimeoutExpired:
                portal.process.kill()
                portal.process.wait()


def print_figure(name: str, **figures: Any) -> None:
    """One JSON line a figure."""
    print(json.dumps({"name": name, **figures}), flush=True)
