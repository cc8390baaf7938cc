"""What every page is sent with, and what no link, form or frame from elsewhere can do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import Client

from accounts.models import User
from tests.people import PASSWORD

pytestmark = [pytest.mark.once, pytest.mark.django_db]
ROOT = Path(__file__).resolve().parent.parent
OPEN = ("/accounts/login/", "/join/", "/accounts/password/reset/", "/accounts/inactive/")


MEMBERS = ("/", "/settings/", "/accounts/sessions/", "/accounts/second-factor/", "/accounts/email/")
ADMINS = (
    "/admin/",
    "/admin/upstream/pool/",
    "/admin/accounts/user/",
    "/admin/accounts/invitation/add/",
    "/admin/accounts/accesscode/add/",
    "/admin/accounts/identityprovider/add/",
    "/admin/upstream/provider/add/",
)


@pytest.mark.parametrize("path", [*OPEN, *MEMBERS, *ADMINS])
def test_every_page_has_a_strict_policy_and_nothing_inline(
    carol_browses: Client, path: str
) -> None:
    browser = Client() if path in OPEN else carol_browses
    answer = browser.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    page = answer.content.decode()
    assert not re.search(r"<script(?![^>]*\b(src|nonce|type=.application/json))[^>]*>", page)
    assert not re.search(r"<[^>]+\s(style|on\w+)=", page)
    assert not re.search(r"\b(src|href|action)=[\"'](https?:)?//", page)


@pytest.mark.parametrize(
    "where",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "https:///evil.example",
        "javascript:alert(1)",
        "\thttps://evil.example/",
        "http:evil.example",
    ],
)
def test_log_in_leads_nowhere_else(ada: User, where: str) -> None:
    browser = Client()
    form = {"login": "ada", "password": PASSWORD, "next": where}
    assert browser.post("/accounts/login/", form).url == "/"
    assert browser.post("/accounts/logout/", {"next": where}).url == "/"


def test_commands_from_another_origin_are_refused(ada: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)
    browser.get("/settings/")
    token = browser.cookies["portal_csrf"].value
    for path in ("/settings/", "/accounts/logout/", "/sessions/end/", "/accounts/password/change/"):
        assert browser.post(path, {}).status_code == 403
        foreign = {"Origin": "https://evil.example"}
        answer = browser.post(path, {"csrfmiddlewaretoken": token}, headers=foreign)
        assert answer.status_code == 403
    assert browser.get("/").status_code == 200


def test_a_host_that_is_not_ours_is_refused(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["chat.example.com"]
    assert client.get("/accounts/login/", headers={"host": "evil.example"}).status_code == 400
    assert client.get("/accounts/login/", headers={"host": "chat.example.com"}).status_code == 200


def test_cookies_are_not_for_scripts_and_not_for_other_sites(ada: User) -> None:
    browser = Client()
    browser.post("/accounts/login/", {"login": "ada", "password": PASSWORD})
    cookie = browser.cookies["portal_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: os.environ[name] for name in ("PATH", "HOME", "PORTAL_DATA_DIR") if name in os.environ
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_check_for_production_finds_nothing(tmp_path: Path) -> None:
    production = {
        "PORTAL_DATA_DIR": str(tmp_path),
        "PORTAL_URL": "https://chat.example.com",
        "PORTAL_TRUSTED_PROXIES": "10.0.0.1",
    }
    done = manage("check", "--deploy", "--fail-level", "WARNING", **production)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "key",
    [
        "django-insecure-" + "x1y2z3w4" * 6,
        "short",
        "a" * 60,
        "changeme-insecure-changeme-1234567890",
    ],
)
def test_a_known_or_short_secret_key_stops_the_start(tmp_path: Path, key: str) -> None:
    done = manage("serve", PORTAL_DATA_DIR=str(tmp_path), SECRET_KEY=key, PORT="0")
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr + done.stdout


def test_without_a_secret_key_and_nowhere_to_keep_one_it_does_not_start(tmp_path: Path) -> None:
    """Elsewhere it makes one, for itself alone."""
    nowhere = tmp_path / "a file"
    nowhere.write_text("")
    done = manage("serve", PORTAL_DATA_DIR=str(nowhere), PORT="0")
    assert done.returncode != 0


def test_plain_http_on_an_inner_network_is_a_choice(settings: Any) -> None:
    plain = {
        "PORTAL_URL": "http://chat.inner:8000",
        "SECRET_KEY": "k3y-" * 4 + "Zx9!qwertzuiop0192837465",
    }
    done = manage("check", "--fail-level", "WARNING", **plain)
    assert done.returncode == 0, done.stderr
    script = "from django.conf import settings as s; print(s.SESSION_COOKIE_SECURE, s.SECURE_SSL_REDIRECT)"
    assert manage("shell", "--no-imports", "-c", script, **plain).stdout.split() == [
        "False",
        "False",
    ]
    secure = {**plain, "PORTAL_URL": "https://chat.example.com"}
    assert manage("shell", "--no-imports", "-c", script, **secure).stdout.split()[0] == "True"
    assert not [found for found in run_checks() if found.id and found.id.startswith("portal.E")]
