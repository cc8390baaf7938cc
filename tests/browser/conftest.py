"""A real Chromium before a real portal. Runs in a pytest process of its own (see scripts/test.py)."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser.people import ADA, BOB, CAROL, PASSWORD, PATIENCE, Person, move_in
from tests.nginx import HOST
from tests.portal_process import PortalProcess
from tests.upstreams.scripted import ScriptedUpstream, refuse

# A name that browsers do not trust, as an inner network has them: no secure context, so no crypto.randomUUID, no
# clipboard, no service worker there.
UNTRUSTED_HOST = "portal.team.test"
MODELS = ["scripted-large", "scripted-small"]

expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.skip("no Chromium: run the tests by make test")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[
                f"--host-resolver-rules=MAP {UNTRUSTED_HOST} 127.0.0.1, MAP {HOST} 127.0.0.1",
                "--no-sandbox",  # CI runs as root, where Chromium's sandbox does not start
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()


# --- Portals ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def demo_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    """With the real demo model, for what depends on a real model."""
    yield from served(tmp_path_factory.mktemp("demo") / "data", PORTAL_DEMO_MODEL="on")


@pytest.fixture(scope="session")
def scripted_upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as scripted:
        yield scripted


@pytest.fixture(scope="session")
def scripted_portal(
    tmp_path_factory: pytest.TempPathFactory, scripted_upstream: ScriptedUpstream
) -> Iterator[PortalProcess]:
    """With an upstream that says what a test has it say."""
    ready_to_list(scripted_upstream)
    data = tmp_path_factory.mktemp("scripted") / "data"
    large = {"PORTAL_EXPORT_DIRECT_BYTES": "300000"}  # what is larger is made ahead
    yield from served(data, **provided_by(scripted_upstream), **large)


def ready_to_list(upstream: ScriptedUpstream) -> None:
    """It is asked for its models as a portal starts for the first time."""
    upstream.will(refuse(200, {"data": [{"id": name} for name in MODELS]}))


def provided_by(upstream: ScriptedUpstream) -> dict[str, str]:
    """The environment that makes it the portal's provider."""
    return {"OPENAI_API_KEY": "sk-scripted", "OPENAI_API_BASE_URL": upstream.base_url}


def served(data: Path, *, port: int = 0, **environment: str) -> Iterator[PortalProcess]:
    """On any free port where none is given."""
    portal = PortalProcess(
        data, PORTAL_ADMIN_USERNAME=CAROL, PORTAL_ADMIN_PASSWORD=PASSWORD, **environment
    )
    portal.port = port
    portal.with_tables().start()
    try:
        move_in(portal, ADA, BOB)
        yield portal
        portal.stop()
    finally:
        portal.kill()


@pytest.fixture
def upstream(scripted_upstream: ScriptedUpstream) -> Iterator[ScriptedUpstream]:
    scripted_upstream.forget()
    yield scripted_upstream
    scripted_upstream.forget()


@pytest.fixture
def portal(scripted_portal: PortalProcess, upstream: ScriptedUpstream) -> PortalProcess:
    """The portal of a test; a file that wants another one says so. Each starts conversations of its own."""
    return scripted_portal


@pytest.fixture(params=["untrusted"])
def origin(request: pytest.FixtureRequest, portal: PortalProcess) -> str:
    """The portal's address: as other machines see it over plain HTTP or, for tests `at_both_origins`, from this one."""
    return portal.url if request.param == "trusted" else untrusted(portal)


def untrusted(portal: PortalProcess) -> str:
    return f"http://{UNTRUSTED_HOST}:{portal.port}"


# --- People at their browsers ----------------------------------------------------------------------------------------


class Complaints:
    """What a browser complains about: script errors, refusals by the content security policy, other hosts asked."""

    def __init__(self) -> None:
        self._heard: list[str] = []
        self._expected: list[str] = []

    def hear_of(self, context: BrowserContext, origin: str) -> None:
        own = urlsplit(origin).netloc
        context.on("weberror", lambda error: self._heard.append(str(error.error)))
        context.on("console", lambda line: line.type == "error" and self._heard.append(line.text))
        context.on("request", lambda request: self._note_foreign(request.url, own))

    def expect(self, pattern: str) -> None:
        """This one belongs to the story."""
        self._expected.append(pattern)

    @property
    def unexpected(self) -> list[str]:
        return [
            line
            for line in self._heard
            if not any(re.search(pattern, line) for pattern in self._expected)
        ]

    def _note_foreign(self, url: str, own: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != own:
            self._heard.append(f"another host was asked: {url}")


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    complaints = Complaints()
    yield complaints
    assert complaints.unexpected == []


Arrive = Callable[..., Person]
_sessions: dict[tuple[str, str], Any] = {}  # who is logged in where


@pytest.fixture
def arrive(
    chromium: Browser, portal: PortalProcess, origin: str, complaints: Complaints
) -> Iterator[Arrive]:
    """Somebody opens a browser of their own; logged in, if they are named."""
    contexts = []

    def arrives(name: str = "", *, at: str = origin, **options: Any) -> Person:
        options = {"locale": "en-GB", "viewport": {"width": 1280, "height": 800}, **options}
        if (at, name) in _sessions:
            options["storage_state"] = _sessions[at, name]
        context = chromium.new_context(base_url=at, **options)
        context.set_default_timeout(PATIENCE * 1000)
        contexts.append(context)
        complaints.hear_of(context, at)
        person = Person(context.new_page())
        if name:
            person.page.goto("/")
            if (
                "/accounts/login/" in person.page.url
            ):  # the first time, or another test has ended the session
                person.logs_in(name)
                _sessions[at, name] = context.storage_state()
            person.is_ready()
        return person

    yield arrives
    for context in contexts:
        _forget_draft(context, portal)
        context.close()


def _forget_draft(context: BrowserContext, portal: PortalProcess) -> None:
    """What was not sent would be found by the next test: the portal keeps it for every device."""
    for page in context.pages:
        page.close()
    cookies = {cookie["name"]: cookie["value"] for cookie in context.cookies()}
    headers = {"X-CSRFToken": cookies.get("portal_csrf", ""), "X-Requested-With": "fetch"}
    with contextlib.suppress(
        httpx.TransportError
    ):  # the portal may be gone: that was the story then
        address = f"{portal.url}/conversations/new/draft/"
        httpx.post(address, headers=headers, cookies=cookies, timeout=5)


@pytest.fixture
def ada(arrive: Arrive) -> Person:
    return arrive(ADA)


@pytest.fixture
def bob(arrive: Arrive) -> Person:
    return arrive(BOB)


@pytest.fixture
def carol(arrive: Arrive) -> Person:
    return arrive(CAROL)
