"""Our configurations before a portal, at a browser: over TLS with a WebSocket, and below a path."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive, Complaints, provided_by, ready_to_list, served
from tests.browser.people import ADA, CAROL
from tests.nginx import OURS, Nginx, free_port
from tests.portal_process import PortalProcess
from tests.upstreams.scripted import DONE, FINISH, HEAD, Hold, ScriptedUpstream, Wait, delta

PATHS = {"tls": "", "sub-path": "/chat"}
WORDS = [f"word{number} " for number in range(12)]


@pytest.fixture(params=PATHS)
def nginx(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Nginx]:
    configuration = OURS / f"{request.param}.conf.template"
    with Nginx(configuration, tmp_path / "nginx", portal_port=free_port()) as nginx:
        nginx.path = PATHS[request.param]
        yield nginx


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as scripted:
        yield scripted


@pytest.fixture
def portal(tmp_path: Path, nginx: Nginx, upstream: ScriptedUpstream) -> Iterator[PortalProcess]:
    ready_to_list(upstream)
    yield from served(
        tmp_path / "data",
        port=nginx.portal_port,
        PORTAL_URL=nginx.url + nginx.path,
        PORTAL_TRUSTED_PROXIES="127.0.0.1",
        **provided_by(upstream),
    )


@pytest.fixture
def origin(nginx: Nginx, portal: PortalProcess) -> str:
    return f"{nginx.url}{nginx.path}/"


def test_a_conversation_and_the_administration(
    arrive: Arrive,
    nginx: Nginx,
    origin: str,
    upstream: ScriptedUpstream,
    complaints: Complaints,
) -> None:
    complaints.expect(
        "SSL certificate error|fetching the script"
    )  # no browser knows who made ours: no worker
    complaints.expect("status of 401")  # what the page asks while its log-in ends
    asked: list[str] = []
    ada = arrive("", ignore_https_errors=True)
    ada.page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    ada.page.goto(origin)
    ada.fills_in_the_log_in(ADA)
    ada.is_ready()
    ada.is_live_by("socket")
    start = Hold()
    words = [part for word in WORDS for part in (delta(word), Wait(0.25))]
    upstream.will([HEAD, start, *words, FINISH, DONE])
    ada.asks("Do you hear me?")
    start.release()
    ada.sees_it("completed")
    assert len(ada.shown) >= 5, f"it came all at once: {ada.shown}"
    assert urlsplit(ada.page.url).path.startswith(f"{nginx.path}/conversations/")
    ada.page.reload()
    ada.is_ready()
    expect(ada.text).to_have_text("".join(WORDS).strip())
    ada.page.get_by_label("Settings").click()
    ada.page.get_by_role("button", name="Log out").click()
    expect(ada.page.get_by_label("Username or e-mail")).to_be_visible()
    ada.fills_in_the_log_in(CAROL)
    ada.is_ready()
    ada.page.goto(f"{origin}admin/")
    expect(ada.page.get_by_role("link", name="Providers", exact=True).first).to_be_visible()
    ada.page.goto(f"{origin}admin/upstream/provider/")
    outside = {path for path in asked if not path.startswith(f"{nginx.path}/")}
    assert outside == set()
