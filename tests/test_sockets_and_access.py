"""Who may open a socket, what it survives, and when it is closed."""

from __future__ import annotations

import json
import time

import pytest
from django.contrib.auth.models import Group
from websockets.exceptions import ConnectionClosed, InvalidStatus

from accounts.models import User
from tests.portal import Browser

pytestmark = pytest.mark.usefixtures("model")
LOGGED_OUT = 4401
PROMISED = 5.0  # seconds


def test_foreign_origins_are_refused(ada_at: Browser) -> None:
    for origin in ("https://evil.example", "null", f"{ada_at.portal.url}.evil.example", "file://"):
        with pytest.raises(InvalidStatus) as refused:
            ada_at.socket(origin=origin)
        assert refused.value.response.status_code == 403


def test_another_port_of_the_same_host_is_foreign(ada_at: Browser) -> None:
    with pytest.raises(InvalidStatus):
        ada_at.socket(origin="http://127.0.0.1:1")


def _closed_with(browser: Browser, socket: object) -> int:
    began = time.monotonic()
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            socket.next()  # type: ignore[attr-defined]
    assert time.monotonic() - began < PROMISED
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def test_a_changed_password_closes_the_socket(ada_at: Browser, ada: User) -> None:
    with ada_at.socket() as socket:
        socket.until("welcome")
        ada.set_password("another correct horse")
        ada.save()
        assert _closed_with(ada_at, socket) == LOGGED_OUT


def test_a_changed_group_closes_the_socket(ada_at: Browser, ada: User) -> None:
    with ada_at.socket() as socket:
        socket.until("welcome")
        ada.groups.add(Group.objects.create(name="Readers"))
        assert _closed_with(ada_at, socket) == LOGGED_OUT


def test_an_inactive_member_is_shut_out(ada_at: Browser, ada: User) -> None:
    with ada_at.socket() as socket:
        socket.until("welcome")
        ada.is_active = False
        ada.save()
        assert _closed_with(ada_at, socket) == LOGGED_OUT
    assert ada_at.http.get("/").status_code == 401


def test_logging_out_closes_the_socket(ada_at: Browser) -> None:
    with ada_at.socket() as socket:
        socket.until("welcome")
        ada_at.post("/accounts/logout/")
        assert _closed_with(ada_at, socket) == LOGGED_OUT


def test_other_changes_close_nothing(ada_at: Browser, ada: User) -> None:
    with ada_at.socket() as socket:
        socket.until("welcome")
        ada.theme = "dark"
        ada.save()
        time.sleep(4)
        conversation = ada_at.start()
        assert socket.until("conversation")["conversation"] == str(conversation.pk)


@pytest.mark.parametrize(
    "said",
    ["", "{", "[]", "null", "7", "[" * 20_000, '"' + "x" * 70_000 + '"', b"\x00\xff"],
    ids=["empty", "broken", "array", "null", "number", "nested", "long", "bytes"],
)
def test_what_is_no_command_closes_the_socket_and_nothing_else(
    ada_at: Browser, said: str | bytes
) -> None:
    with ada_at.socket() as socket:
        socket.until("welcome")
        socket.send(said)
        with pytest.raises(ConnectionClosed):
            while True:
                socket.next()
    with ada_at.socket() as socket:
        assert socket.next()["type"] == "welcome"


def test_strange_commands_are_ignored_or_refused(ada_at: Browser) -> None:
    with ada_at.socket() as socket:
        socket.until("welcome")
        for said in (
            {"type": "execute", "code": "1"},
            {"type": ["join"]},
            {"type": "leave"},
            {"type": "join"},
            {"type": "join", "conversation": {"a": 1}, "positions": 7},
            {"type": "join", "conversation": "x" * 5000, "positions": {"x": "y"}},
        ):
            socket.send(json.dumps(said))
        assert [socket.until("gone")["type"] for _ in range(3)] == ["gone"] * 3
