"""The model dies, the portal dies: the page says so, loses nothing, and goes on."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Complaints, provided_by, served
from tests.browser.people import Person
from tests.portal_process import PortalProcess
from tests.upstreams.scripted import (
    DONE,
    FINISH,
    HEAD,
    Hold,
    ScriptedUpstream,
    delta,
    stream,
)

DRAIN = 5  # seconds
UNREACHABLE = "The model cannot be reached just now. Try again in a moment."


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    """One that may be killed."""
    with ScriptedUpstream() as scripted:
        yield scripted


@pytest.fixture
def portal(
    request: pytest.FixtureRequest, tmp_path: Path, upstream: ScriptedUpstream
) -> Iterator[PortalProcess]:
    """One that may be killed."""
    if request.node.get_closest_marker("demo_model"):
        yield from served(tmp_path / "data", PORTAL_DEMO_MODEL="on")
    else:
        environment = provided_by(upstream) | {
            "OPENAI_API_MODEL": "scripted-1",
            "PORTAL_DRAIN_SECONDS": str(DRAIN),
        }
        yield from served(tmp_path / "data", **environment)


def test_a_model_that_nobody_serves_any_more(ada: Person, upstream: ScriptedUpstream) -> None:
    upstream.close_port()
    ada.asks("Are you there?")
    ada.sees_it("failed")
    expect(ada.notice).to_contain_text(UNREACHABLE)
    expect(ada.answer.get_by_role("button", name="Retry")).to_be_visible()
    expect(ada.questions).to_have_text("Are you there?")
    ada.page.reload()
    ada.is_ready()
    expect(ada.notice).to_contain_text(UNREACHABLE)
    ada.presses("Retry")
    ada.sees_it("failed")
    expect(ada.notice).to_contain_text(UNREACHABLE)


@pytest.mark.demo_model
def test_the_demo_model_is_killed(ada: Person, portal: PortalProcess) -> None:
    for process in portal.demo_models():
        os.kill(process, signal.SIGKILL)
    ada.asks("Are you there?")
    ada.sees_it("failed")
    expect(ada.notice).to_contain_text(UNREACHABLE)
    expect(ada.answer.get_by_role("button", name="Retry")).to_be_visible()


def test_kill_nine_in_mid_answer(
    ada: Person, portal: PortalProcess, upstream: ScriptedUpstream, complaints: Complaints
) -> None:
    complaints.expect("WebSocket connection to .* failed")
    complaints.expect("ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE")
    hold = Hold()
    upstream.will([HEAD, delta("What was "), delta("shown, "), hold, delta("never sent"), FINISH])
    ada.asks("What is kept?")
    expect(ada.text).to_have_text("What was shown,")
    portal.kill()
    assert upstream.requests[0].hung_up.wait(10)
    expect(ada.page.get_by_text("The line to the portal is down.")).to_be_visible()
    expect(ada.text).to_have_text("What was shown,")

    portal.start()
    ada.sees_it("interrupted", within=30)
    expect(ada.page.get_by_text("The line to the portal is down.")).to_be_hidden()
    expect(ada.text).to_have_text("What was shown,")
    expect(ada.send).to_be_visible()

    upstream.will(stream("is ", "kept."))
    ada.presses("Continue")
    expect(ada.text).to_have_text("What was shown, is kept.")
    ada.sees_it("completed")
    ada.page.reload()
    ada.is_ready()
    expect(ada.text).to_have_text("What was shown, is kept.")
    expect(ada.answers).to_have_count(1)
    asked = upstream.requests[1].body["messages"]
    assert asked[1] == {"role": "assistant", "content": "What was shown, "}


def test_a_message_sent_to_a_dead_portal_is_kept_and_sent_once(
    ada: Person, portal: PortalProcess, upstream: ScriptedUpstream, complaints: Complaints
) -> None:
    complaints.expect("WebSocket connection to .* failed")
    complaints.expect("ERR_CONNECTION_RE(FUSED|SET)|ERR_EMPTY_RESPONSE")
    ada.asks("First")
    ada.sees_it("completed")
    portal.kill()
    ada.composer.fill("Second")
    ada.composer.press("Enter")
    expect(ada.page.get_by_role("alert")).to_contain_text("The portal cannot be reached.")
    expect(ada.composer).to_have_value("Second")
    portal.start()
    ada.composer.press("Enter")
    expect(ada.questions).to_have_count(2)
    ada.sees_it("completed")
    expect(ada.composer).to_have_value("")


@pytest.mark.parametrize("way", ["socket", "stream"])
def test_a_restart_in_mid_answer(
    ada: Person,
    portal: PortalProcess,
    upstream: ScriptedUpstream,
    complaints: Complaints,
    way: str,
) -> None:
    """What can be finished in time is; what cannot is kept, and goes on by Continue. The page is never reloaded."""
    complaints.expect("WebSocket connection to .* failed")
    complaints.expect("ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE")
    page = ada.page
    if way == "stream":
        page.route_web_socket("**/ws/", lambda route: route.close(code=1011))
        page.reload()
    ada.is_live_by(way)
    hold = Hold()
    upstream.will([HEAD, delta("This is "), hold, delta("finished."), FINISH, DONE])
    ada.asks("In time?")
    expect(ada.text).to_have_text("This is")
    ada.composer.fill("What I was about to say")
    page.evaluate("document.querySelector('chat-thread').dataset.before = 'kept'")
    threading.Timer(1, hold.release).start()
    began = time.monotonic()
    assert portal.stop(signal.SIGTERM) == 0
    assert time.monotonic() - began < DRAIN, "it waited for the page's line"
    portal.start()
    ada.sees_it("completed", within=30)
    expect(ada.text).to_have_text("This is finished.")
    ada.is_live_by(way)

    upstream.will([HEAD, delta("This is "), Hold(), delta("never sent"), FINISH, DONE])
    ada.asks("Not in time?")
    expect(ada.text).to_have_text("This is")
    ada.composer.fill("What I was about to say")
    portal.stop(signal.SIGTERM)
    portal.start()
    ada.sees_it("interrupted", within=30)
    upstream.will(stream("continued."))
    ada.presses("Continue")
    ada.sees_it("completed")
    expect(ada.text).to_have_text("This is continued.")
    assert page.evaluate("document.querySelector('chat-thread').dataset.before") == "kept"
    expect(ada.composer).to_have_value("What I was about to say")
