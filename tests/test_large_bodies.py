"""What is larger than a form is taken from people who are logged in, and written where there is room for it."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from chatportal.serving import PortalServer
from conversations.generation.household import keep_house
from tests.portal import Browser, Portal

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]
LARGE = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1


def answer_to(portal: Portal, *headers: str) -> str:
    """The first line of what comes before any of the body was sent."""
    address = urlsplit(portal.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as line:
        head = ["POST /import/ HTTP/1.1", f"Host: {address.netloc}", *headers, "", ""]
        line.sendall("\r\n".join(head).encode())
        return line.recv(4096).decode().split("\r\n", 1)[0]


@pytest.mark.parametrize("said", [f"Content-Length: {LARGE}", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize("cookie", ["", "Cookie: portal_session=made-up"])
def test_nobody_knows_who_sends_it(portal: Portal, said: str, cookie: str) -> None:
    headers = [each for each in (said, cookie) if each]
    assert answer_to(portal, *headers).startswith("HTTP/1.1 413")


def test_a_member_sends_it(portal: Portal, ada_at: Browser) -> None:
    large = {"files": ("a.json", b"[" + b" " * LARGE + b"]")}
    answer = ada_at.http.post(
        "/import/", files=large, headers={"X-CSRFToken": ada_at.http.cookies["portal_csrf"]}
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["url"].startswith("/import/")


def test_a_form_is_read_before_its_sender_is_known(portal: Portal) -> None:
    assert answer_to(portal, "Content-Length: 0").startswith("HTTP/1.1 403")  # no token of a form


def test_it_waits_where_the_data_is_and_what_a_killed_one_left_is_removed(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    monkeypatch.setattr(tempfile, "tempdir", None)
    PortalServer(on_started=lambda: None, on_stopping=lambda: None)
    assert tempfile.gettempdir() == str(tmp_path)
    old, new = tmp_path / "old.upload", tmp_path / "new.upload"
    for path in (old, new):
        path.write_text("half")
    os.utime(old, (0, 0))
    keep_house(set())
    assert (old.exists(), new.exists()) == (False, True)
