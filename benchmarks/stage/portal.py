"""The portal as a benchmark runs it: `manage.py serve` on data of its own, with one member and one model."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from benchmarks.stage.processes import ROOT, free_port, start, wait_for_port

MEMBER, PASSWORD = "bench", "bench-password-of-one-run"
SET_UP = """
import django, sys
django.setup()
from accounts.models import User
from upstream.models import Credential, LanguageModel, Provider
User.objects.create_user("bench", password=sys.argv[2])
provider = Provider.objects.create(title="Bench", base_url=sys.argv[1], own_host_may_be_private=True)
Credential.objects.create(provider=provider, secret="bench")
LanguageModel.objects.create(provider=provider, name="bench-1")
"""


@dataclass
class Portal:
    environment: dict[str, str]
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start_again(self) -> None:
        self.process = start("manage.py", "serve", environment=self.environment)
        wait_for_port(self.port, self.process)

    def log_in(self) -> Member:
        return Member(self.url)


class Member:
    """A logged-in member, over HTTP."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(
            base_url=url, headers={"Referer": url}, follow_redirects=True, timeout=30
        )
        page = self.http.get("/accounts/login/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, page[:500]
        form = {"login": MEMBER, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
        assert self.http.post("/accounts/login/", data=form).status_code == 200
        self.http.headers.update(
            {"X-Requested-With": "fetch", "X-CSRFToken": self.http.cookies["portal_csrf"]}
        )

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())

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
def served_portal(upstream_url: str) -> Iterator[Portal]:
    """Serve a new portal whose one model is at `upstream_url`. DATABASE_URL decides on the database."""
    with tempfile.TemporaryDirectory(
        prefix="chatportal-bench-", ignore_cleanup_errors=True
    ) as folder:
        port = free_port()
        environment = {
            "DJANGO_SETTINGS_MODULE": "chatportal.settings",
            "PORTAL_DATA_DIR": folder,
            "PORTAL_DEMO_MODEL": "off",
            "PORTAL_ADMIN_PASSWORD": PASSWORD,
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
        subprocess.run([sys.executable, "-c", SET_UP, f"{upstream_url}/v1", PASSWORD], **run)
        portal = Portal(environment, port, start("manage.py", "serve", environment=environment))
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
