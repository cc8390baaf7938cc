"""Proxies that let no WebSocket through, or keep what they are sent; a network that goes away, a page that sleeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.conftest import Arrive, Complaints
from tests.browser.people import ADA, Person
from tests.nginx import AS_IN_GUIDES, OURS, Nginx
from tests.portal_process import PortalProcess
from tests.upstreams.scripted import DONE, FINISH, HEAD, Hold, ScriptedUpstream, Wait, delta

NO_SOCKET = r"WebSocket connection to .* failed|status of 404|ERR_INCOMPLETE_CHUNKED_ENCODING"
CONFIGURATIONS = {path.stem: path for path in AS_IN_GUIDES.glob("*.conf")}
CONFIGURATIONS["ours"] = OURS / "plain.conf.template"
WORDS = [f"word{number} " for number in range(12)]


def slowly(words: list[str], *, after: Hold) -> list[object]:
    """Once the page listens; what came before would come to it in one piece."""
    spoken = [part for word in words for part in (delta(word), Wait(0.25))]
    return [HEAD, after, *spoken, FINISH, DONE]


@pytest.fixture
def behind(
    request: pytest.FixtureRequest, portal: PortalProcess, tmp_path: Path
) -> Iterator[Nginx]:
    """Before the portal, with one of the configurations that guides give, or with ours for an inner network."""
    configuration = CONFIGURATIONS[request.param]
    with Nginx(configuration, tmp_path / "nginx", portal_port=portal.port) as nginx:
        yield nginx


@pytest.mark.parametrize("behind", ["no_upgrade", "buffering"], indirect=True)
def test_a_proxy_as_guides_give_it(
    behind: Nginx, arrive: Arrive, upstream: ScriptedUpstream, complaints: Complaints
) -> None:
    complaints.expect(NO_SOCKET)
    ada = arrive(ADA, at=behind.url)
    ada.is_live_by("stream")
    expect(ada.page.get_by_text("Without WebSockets: over HTTP")).to_be_visible()
    start = Hold()
    upstream.will(slowly(WORDS, after=start))
    ada.asks("Do you hear me?")
    start.release()
    ada.sees_it("completed")
    assert len(ada.shown) >= 5, f"it came all at once: {ada.shown}"
    expect(ada.text).to_have_text("".join(WORDS).strip())
    # A second turn in the same page, and what another device asks.
    start = Hold()
    upstream.will(slowly(WORDS[:4], after=start))
    ada.asks("Still?")
    start.release()
    ada.sees_it("completed")
    expect(ada.answers).to_have_count(2)
    ada.page.get_by_text("Without WebSockets: over HTTP").click()
    expect(ada.page.get_by_text("lets no WebSocket through")).to_be_visible()


@pytest.mark.parametrize("behind", ["deaf"], indirect=True)
def test_a_proxy_that_keeps_all_it_is_sent(
    behind: Nginx, arrive: Arrive, upstream: ScriptedUpstream, complaints: Complaints
) -> None:
    complaints.expect(NO_SOCKET)
    hold = Hold()
    upstream.will([HEAD, delta("What was "), delta("said"), hold, delta(" so far."), FINISH, DONE])
    ada = arrive(ADA, at=behind.url)
    ada.is_live_by("polling")
    ada.asks("Do you hear me?")
    expect(ada.text).to_have_text("What was said")
    expect(ada.page.get_by_text("asking every few seconds")).to_be_visible()
    hold.release()
    ada.sees_it("completed")
    expect(ada.text).to_have_text("What was said so far.")


def test_a_browser_whose_sockets_are_cut_off(
    ada: Person, upstream: ScriptedUpstream, complaints: Complaints
) -> None:
    """As by an extension, or a firewall that ends them once they are open."""
    complaints.expect(NO_SOCKET)

    def cut(route: WebSocketRoute) -> None:
        route.close(code=1011)

    ada.page.route_web_socket("**/ws/", cut)
    ada.page.reload()
    ada.is_live_by("stream")
    start = Hold()
    upstream.will(slowly(WORDS, after=start))
    ada.asks("Do you hear me?")
    start.release()
    ada.sees_it("completed")
    assert len(ada.shown) >= 5


def test_a_second_page_over_http_follows_what_the_first_asks(
    ada: Person, arrive: Arrive, upstream: ScriptedUpstream, complaints: Complaints
) -> None:
    complaints.expect(NO_SOCKET)
    ada.asks("First")
    ada.sees_it("completed")
    other = arrive(ADA)
    other.page.route_web_socket("**/ws/", lambda route: route.close(code=1011))
    other.page.goto(ada.page.url)
    other.is_live_by("stream")
    start = Hold()
    upstream.will(slowly(WORDS, after=start))
    ada.asks("Second")
    expect(other.questions).to_have_count(2)
    start.release()
    other.sees_it("completed")
    expect(other.text).to_have_text("".join(WORDS).strip())
    assert len(other.shown) >= 5


@pytest.mark.parametrize("behind", ["ours", "no_upgrade"], indirect=True)
def test_the_way_is_cut_and_comes_back_in_mid_answer(
    behind: Nginx, arrive: Arrive, upstream: ScriptedUpstream, complaints: Complaints
) -> None:
    complaints.expect(NO_SOCKET + "|ERR_CONNECTION_RE(FUSED|SET)|ERR_EMPTY_RESPONSE")
    ada = arrive(ADA, at=behind.url)
    hold = Hold()
    upstream.will([HEAD, *map(delta, WORDS[:3]), hold, *map(delta, WORDS[3:]), FINISH, DONE])
    ada.asks("Are you there?")
    expect(ada.text).to_have_text("".join(WORDS[:3]).strip())
    ada.composer.fill("What I was about to say")
    ada.page.evaluate("document.querySelector('chat-thread').dataset.before = 'kept'")
    behind.__exit__()
    ada.is_live_by("away")
    expect(ada.page.get_by_text("The line to the portal is down.")).to_be_visible()
    hold.release()
    ada.page.wait_for_timeout(300)
    behind.__enter__()
    ada.sees_it("completed", within=30)
    expect(ada.text).to_have_text("".join(WORDS).strip())
    expect(ada.page.get_by_text("The line to the portal is down.")).to_be_hidden()
    assert ada.page.evaluate("document.querySelector('chat-thread').dataset.before") == "kept"
    expect(ada.composer).to_have_value("What I was about to say")


def test_a_browser_without_a_network_says_so(ada: Person, complaints: Complaints) -> None:
    complaints.expect(NO_SOCKET + "|ERR_INTERNET_DISCONNECTED")
    lines: list[WebSocketRoute] = []

    def line(route: WebSocketRoute) -> None:
        lines.append(route)
        route.connect_to_server()

    ada.page.route_web_socket("**/ws/", line)
    ada.page.reload()
    ada.is_live_by("socket")
    ada.page.context.set_offline(True)
    ada.page.route_web_socket("**/ws/", lambda route: route.close(code=1011))
    lines[-1].close(code=1011)
    expect(ada.page.get_by_text("You are offline. What you write is kept.")).to_be_visible()
    ada.page.unroute_all()
    ada.page.route_web_socket("**/ws/", line)
    ada.page.context.set_offline(False)
    ada.is_live_by("socket")


def test_the_lid_is_closed_and_opened_again(
    ada: Person, arrive: Arrive, upstream: ScriptedUpstream, complaints: Complaints
) -> None:
    """Asleep a page runs no timers and its socket dies without a word; awake it asks at once what it missed."""
    complaints.expect(NO_SOCKET)
    page = ada.page
    lines: list[WebSocketRoute] = []
    is_asleep = False

    def line(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        lines.append(route)
        route.on_message(server.send)
        server.on_message(lambda said: None if is_asleep else route.send(said))

    page.route_web_socket("**/ws/", line)
    page.clock.install()
    page.goto("/")
    ada.is_live_by("socket")
    hold = Hold()
    upstream.will([HEAD, delta("Before."), hold, delta(" Meanwhile."), FINISH, DONE])
    ada.composer.fill("Tell me")
    ada.composer.press("Enter")
    expect(ada.text).to_have_text("Before.")
    ada.composer.fill("What I was about to say")
    page.evaluate("document.querySelector('chat-thread').dataset.before = 'kept'")
    before = len(lines)
    is_asleep = True
    hold.release()
    page.wait_for_timeout(1000)
    expect(ada.text).to_have_text("Before.")
    is_asleep = False
    page.clock.fast_forward(3600_000)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    ada.sees_it("completed")
    expect(ada.text).to_have_text("Before. Meanwhile.")
    assert len(lines) > before
    assert page.evaluate("document.querySelector('chat-thread').dataset.before") == "kept"
    expect(ada.composer).to_have_value("What I was about to say")
