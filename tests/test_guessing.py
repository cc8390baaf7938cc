"""Guessing passwords: slow by account and by address, behind a proxy, too; and nothing is learnt of who is a member."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from django.test import Client
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from accounts.models import User
from chatportal import asgi
from tests.hashing import CountedHasher
from tests.people import PASSWORD
from tests.portal import Portal

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]


def guess(name: str, password: str, *, address: str = "192.0.2.1", **headers: str) -> str:
    browser = Client(REMOTE_ADDR=address)
    answer = browser.post(
        "/accounts/login/", {"login": name, "password": password}, headers=headers
    )
    return "in" if answer.status_code == 302 else answer.content.decode()


@pytest.mark.parametrize("name", ["ada", "ada@example.com", "nobody"])
def test_an_account_is_guessed_at_five_times_from_wherever(ada: User, name: str) -> None:
    for number in range(5):
        said = guess(name, "wrong", address=f"192.0.2.{number}", host=f"h{number}.example")
        assert "not correct" in said
    assert "Too many failed" in guess(name, PASSWORD, address="192.0.2.99", host="other.example")


def test_spelling_it_otherwise_is_the_same_account(ada: User) -> None:
    for name in ("ada", "ADA", "Ada", " ada ", "aDa"):
        assert "not correct" in guess(name, "wrong")
    assert "Too many failed" in guess("ada", PASSWORD, address="192.0.2.99")


def test_an_address_guesses_ten_times_a_minute(ada: User, bob: User) -> None:
    for number in range(10):
        forged = {"x-forwarded-for": f"10.0.0.{number}", "x-real-ip": f"10.0.0.{number}"}
        assert "not correct" in guess(f"somebody{number}", "wrong", **forged)
    assert "Too many failed" in guess("ada", PASSWORD, **{"x-forwarded-for": "10.9.9.9"})
    assert guess("ada", PASSWORD, address="192.0.2.2") == "in"


def test_whoever_logs_in_rightly_is_not_slowed_down(ada: User) -> None:
    assert [guess("ada", PASSWORD) for _ in range(12)] == ["in"] * 12


def test_an_unknown_name_is_answered_like_a_known_one_and_takes_as_long(ada: User) -> None:
    said: list[str] = []
    work: list[int] = []
    for name in ("ada", "eve"):
        before = CountedHasher.worked_out
        page = guess(name, "wrong", address=f"192.0.2.{len(said)}")
        work.append(CountedHasher.worked_out - before)
        said.append(_without_what_differs(page, name))
    assert said[0] == said[1]
    assert work[0] == work[1] > 0
    User.objects.update(is_active=False)
    assert _without_what_differs(guess("ada", "wrong", address="192.0.2.7"), "ada") == said[0]


def test_a_reset_by_mail_tells_nothing(ada: User, settings: Any, mailoutbox: list[Any]) -> None:
    settings.MAIL_BY_ENVIRONMENT = True
    settings.PORTAL_URL = "https://chat.example.com"
    settings.ALLOWED_HOSTS = ["*"]
    answers = [
        Client().post(
            "/accounts/password/reset/", {"email": address}, headers={"host": "evil.test"}
        )
        for address in ("ada@example.com", "eve@example.com")
    ]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].url == answers[1].url
    assert {mail.to[0] for mail in mailoutbox} == {"ada@example.com", "eve@example.com"}
    assert not any("evil.test" in mail.body for mail in mailoutbox)
    hers = next(mail for mail in mailoutbox if mail.to == ["ada@example.com"])
    assert "https://chat.example.com/accounts/password/reset/key/" in hers.body


class TestBehindAProxy:
    @pytest.fixture
    def trusted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The list is read at the start, which was before this test."""
        believing = ProxyHeadersMiddleware(asgi.http, ["127.0.0.1"])
        monkeypatch.setattr(asgi.application.application_mapping["http"], "_believing", believing)

    def _guess_from(self, portal: Portal, forwarded: str, password: str) -> str:
        with httpx.Client(base_url=portal.url) as browser:
            browser.headers["X-Forwarded-For"] = forwarded
            browser.get("/accounts/login/")
            form = {
                "login": "ada" if password == PASSWORD else f"x{forwarded}",
                "password": password,
                "csrfmiddlewaretoken": browser.cookies["portal_csrf"],
            }
            answer = browser.post("/accounts/login/", data=form)
            return "in" if answer.status_code == 302 else answer.text

    def test_the_word_of_anybody_is_not_believed(self, portal: Portal, ada: User) -> None:
        for number in range(10):
            assert "not correct" in self._guess_from(portal, f"203.0.113.{number}", "wrong")
        assert "Too many failed" in self._guess_from(portal, "203.0.113.99", PASSWORD)

    def test_the_proxys_is_and_what_was_forged_before_it_is_not(
        self, trusted: None, portal: Portal, ada: User
    ) -> None:
        for number in range(10):
            forged = f"198.51.100.{number}, 203.0.113.5"
            assert "not correct" in self._guess_from(portal, forged, "wrong")
        assert "Too many failed" in self._guess_from(portal, "1.1.1.1, 203.0.113.5", PASSWORD)
        assert self._guess_from(portal, "203.0.113.6", PASSWORD) == "in"


def _without_what_differs(page: str, name: str) -> str:
    text = page.replace(f'value="{name}"', 'value="…"')
    for mark in ('nonce="', 'name="csrfmiddlewaretoken" value="'):
        while mark in text:
            head, _mark, rest = text.partition(mark)
            text = head + rest.partition('"')[2]
    return text
