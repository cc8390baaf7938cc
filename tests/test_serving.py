"""`manage.py serve`, from the first line to the last: what it says, and that it leaves nothing behind."""

from __future__ import annotations

import signal
import socket
import stat

import httpx
import pytest

from tests.portal import Portal, wait_until

pytestmark = pytest.mark.once


def test_it_says_where_it_is_and_serves_there(portal: Portal) -> None:
    portal.start()
    page = httpx.get(portal.url, follow_redirects=True)
    assert page.status_code == 200
    assert "Log in" in page.text


def test_the_first_run_shows_a_one_time_password_and_the_second_does_not(portal: Portal) -> None:
    portal.environment.pop("PORTAL_ADMIN_PASSWORD")
    portal.start()
    assert "One-time password" in portal.said
    portal.stop()
    portal.start()
    assert "One-time password" not in portal.said


def test_a_given_password_is_not_repeated(portal: Portal) -> None:
    portal.start()
    assert portal.environment["PORTAL_ADMIN_PASSWORD"] not in portal.said


def test_secrets_are_for_their_owner_only(portal: Portal) -> None:
    portal.start()
    for name in ("secret_key", "field_encryption_keys"):
        assert stat.S_IMODE((portal.data / name).stat().st_mode) == 0o600


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.demo_model
def test_ending_it_ends_all_that_it_started(portal: Portal, by: signal.Signals) -> None:
    portal.environment["PORTAL_DEMO_MODEL"] = "on"
    portal.start()
    assert len(portal.demo_models()) == 1
    assert portal.stop(by) == 0
    assert portal.demo_models() == []


@pytest.mark.demo_model
def test_a_sudden_death_leaves_no_model_behind(portal: Portal) -> None:
    portal.environment["PORTAL_DEMO_MODEL"] = "on"
    portal.start()
    assert len(portal.demo_models()) == 1
    portal.kill()
    wait_until(lambda: portal.demo_models() == [])


def test_a_taken_port_is_said_with_a_way_out(portal: Portal) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        portal.port = other.getsockname()[1]
        portal.spawn()
        assert portal.process
        assert portal.process.wait(30) == 1
    assert f"PORT={portal.port + 1} make run" in portal.said
    assert "Traceback" not in portal.said
