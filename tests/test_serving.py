"""`manage.py serve`, from the first line to the last: what it says, and that it leaves nothing behind."""

from __future__ import annotations

import signal
import socket
import sqlite3
import stat
import time
import uuid

import httpx
import pytest

from tests.portal_process import PASSWORD, PortalProcess, wait_until
from tests.upstreams.scripted import HEAD, Hold, ScriptedUpstream, delta, refuse

pytestmark = pytest.mark.once
CSRF = "portal_csrf"


def test_it_says_where_it_is_and_serves_there(portal_process: PortalProcess) -> None:
    portal_process.start()
    page = httpx.get(portal_process.url, follow_redirects=True)
    assert page.status_code == 200
    assert "Log in" in page.text


def test_the_first_run_shows_a_one_time_password_and_the_second_does_not(
    portal_process: PortalProcess,
) -> None:
    portal_process.environment.pop("PORTAL_ADMIN_PASSWORD")
    portal_process.start()
    assert "One-time password" in portal_process.said
    portal_process.stop()
    portal_process.start()
    assert "One-time password" not in portal_process.said


def test_a_given_password_is_not_repeated(portal_process: PortalProcess) -> None:
    portal_process.start()
    assert portal_process.environment["PORTAL_ADMIN_PASSWORD"] not in portal_process.said


def test_secrets_are_for_their_owner_only(portal_process: PortalProcess) -> None:
    portal_process.start()
    for name in ("secret_key", "field_encryption_keys"):
        assert stat.S_IMODE((portal_process.data / name).stat().st_mode) == 0o600


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.demo_model
def test_ending_it_ends_all_that_it_started(
    portal_process: PortalProcess, by: signal.Signals
) -> None:
    portal_process.environment["PORTAL_DEMO_MODEL"] = "on"
    portal_process.start()
    assert len(portal_process.demo_models()) == 1
    assert portal_process.stop(by) == 0
    assert portal_process.demo_models() == []


def test_a_second_time_ends_it_at_once_and_keeps_what_was_written(
    portal_process: PortalProcess, upstream: ScriptedUpstream
) -> None:
    upstream.will(refuse(200, {"data": [{"id": "m"}]}))
    upstream.will([HEAD, delta("Half an answer"), Hold()])
    portal_process.environment |= {
        "OPENAI_API_KEY": "sk-scripted",
        "OPENAI_API_BASE_URL": upstream.base_url,
    }
    portal_process.start()
    with httpx.Client(base_url=portal_process.url, follow_redirects=True) as admin:
        conversation = _ask(admin)
        wait_until(lambda: "Half an answer" in admin.get(conversation).text)
    assert portal_process.process
    portal_process.process.send_signal(signal.SIGINT)
    wait_until(lambda: "Ctrl-C again ends at once" in portal_process.said)
    time.sleep(1)  # it drains by now
    assert portal_process.is_running()
    assert portal_process.stop(seconds=8) == 0
    with sqlite3.connect(portal_process.data / "db.sqlite3") as database:
        (status,) = database.execute("SELECT status FROM conversations_generation").fetchone()
    assert status == "interrupted"


def _ask(admin: httpx.Client) -> str:
    """A question by the administrator; the address of its conversation."""
    form = {"login": "admin", "password": PASSWORD}
    admin.get("/accounts/login/")
    admin.post("/accounts/login/", data={**form, "csrfmiddlewaretoken": admin.cookies[CSRF]})
    question = {"text": "Well?", "client_id": str(uuid.uuid4())}
    headers = {"X-CSRFToken": admin.cookies[CSRF], "X-Requested-With": "fetch"}
    answer = admin.post("/conversations/new/", data=question, headers=headers)
    return f"/conversations/{answer.json()['conversation']}/"


@pytest.mark.demo_model
def test_a_sudden_death_leaves_no_model_behind(portal_process: PortalProcess) -> None:
    portal_process.environment["PORTAL_DEMO_MODEL"] = "on"
    portal_process.start()
    assert len(portal_process.demo_models()) == 1
    portal_process.kill()
    wait_until(lambda: portal_process.demo_models() == [])


def test_a_taken_port_is_said_with_a_way_out(portal_process: PortalProcess) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        portal_process.port = other.getsockname()[1]
        portal_process.spawn()
        assert portal_process.process
        assert portal_process.process.wait(30) == 1
    assert f"PORT={portal_process.port + 1} make run" in portal_process.said
    assert "Traceback" not in portal_process.said
