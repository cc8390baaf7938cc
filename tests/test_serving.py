"""`manage.py serve`, from the first line to the last: what it says, and that it leaves nothing behind."""

from __future__ import annotations

import signal
import socket
import stat

import httpx
import pytest

from tests.portal_process import PortalProcess, wait_until

pytestmark = pytest.mark.once


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
