"""A second factor: set up, asked for, required by a group, encrypted, and hard to guess."""

from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.fernet import Fernet
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django.test import Client

from accounts.models import GroupPolicy, User
from conversations.access import visitor_of
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db
ACTIVATE, INDEX = "/accounts/second-factor/totp/activate/", "/accounts/second-factor/"


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def set_up(browser: Client) -> str:
    """Through the pages; returns the key that the app would keep."""
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = browser.get(ACTIVATE)
    secret: str = page.context["form"].secret
    answer = browser.post(ACTIVATE, {"code": code_of(secret)})
    assert answer.status_code == 302, answer.context["form"].errors
    return secret


def logged_in_by_password(name: str) -> Client:
    browser = Client()
    browser.post("/accounts/login/", {"login": name, "password": PASSWORD})
    return browser


def test_the_code_is_asked_for_beside_the_password(ada: User) -> None:
    secret = set_up(logged_in_by_password("ada"))
    browser = Client()
    answer = browser.post("/accounts/login/", {"login": "ada", "password": PASSWORD})
    assert answer.url == "/accounts/second-factor/authenticate/"
    assert browser.get("/").status_code == 302
    wrong = browser.post(answer.url, {"code": "000000"})
    assert wrong.status_code == 200
    assert browser.get("/").status_code == 302
    cache.clear()  # the code was used a moment ago, to set it up
    assert browser.post(answer.url, {"code": code_of(secret)}).status_code == 302
    assert browser.get("/").status_code == 200


def test_a_recovery_code_opens_once(ada: User) -> None:
    set_up(logged_in_by_password("ada"))
    codes = Authenticator.objects.get(user=ada, type="recovery_codes").wrap().get_unused_codes()
    for expected in (302, 200):
        browser = logged_in_by_password("ada")
        answer = browser.post("/accounts/second-factor/authenticate/", {"code": codes[0]})
        assert answer.status_code == expected
        assert (browser.get("/").status_code == 200) == (expected == 302)


def test_guessing_codes_is_slow_for_the_account_from_wherever(ada: User) -> None:
    secret = set_up(logged_in_by_password("ada"))
    cache.clear()
    for number in range(6):
        browser = logged_in_by_password("ada")
        answer = browser.post(
            "/accounts/second-factor/authenticate/",
            {"code": f"00000{number}"},
            REMOTE_ADDR=f"192.0.2.{number}",
        )
    answer = browser.post(
        "/accounts/second-factor/authenticate/", {"code": code_of(secret)}, REMOTE_ADDR="192.0.2.9"
    )
    assert "Too many" in answer.content.decode()
    assert browser.get("/").status_code == 302


def test_what_it_is_made_of_is_encrypted(ada: User) -> None:
    browser = logged_in_by_password("ada")
    secret = set_up(browser)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        kept = str(cursor.fetchall())
    assert secret not in kept
    assert "gAAAA" in kept
    codes = browser.get("/accounts/second-factor/recovery-codes/").context["unused_codes"]
    assert codes
    assert not any(code in kept for code in codes)


def test_the_administration_shows_nothing_of_it(carol: User) -> None:
    browser = logged_in_by_password("carol")
    set_up(browser)
    index = browser.get("/admin/").content.decode()
    for name in ("mfa", "usersessions", "socialaccount", "account/"):
        assert f"/admin/{name}" not in index


def test_the_administration_goes_through_the_same_log_in(carol: User) -> None:
    set_up(logged_in_by_password("carol"))
    browser = logged_in_by_password("carol")
    assert browser.get("/admin/").status_code == 302
    at_the_admins_door = Client()
    at_the_admins_door.post("/admin/login/", {"username": "carol", "password": PASSWORD})
    assert at_the_admins_door.get("/admin/").status_code == 302


class TestRequiredByAGroup:
    @pytest.fixture
    def group(self, ada: User) -> Group:
        group = Group.objects.create(name="Careful")
        ada.groups.add(group)
        GroupPolicy.objects.create(group=group, requires_second_factor=True)
        return group

    def test_nothing_opens_before_it_is_set_up(self, ada: User, group: Group) -> None:
        browser = logged_in_by_password("ada")
        assert browser.get("/").url == ACTIVATE
        said = browser.get("/conversations/", headers={"X-Requested-With": "fetch"})
        assert (said.status_code, said.json()["error"]["code"]) == (403, "second_factor")
        assert visitor_of(browser.session.session_key or "") is None
        set_up(browser)
        assert browser.get("/").status_code == 200
        assert visitor_of(browser.session.session_key or "") is not None

    def test_whoever_is_logged_in_already_is_asked_at_the_next_request(
        self, ada: User, group: Group
    ) -> None:
        policy = group.policy
        policy.requires_second_factor = False
        policy.save()
        browser = logged_in_by_password("ada")
        assert browser.get("/").status_code == 200
        before = User.objects.get(pk=ada.pk).access_version
        policy.requires_second_factor = True
        policy.save()
        assert browser.get("/").url == ACTIVATE
        assert User.objects.get(pk=ada.pk).access_version > before  # what open sockets look at

    def test_taking_it_away_shuts_out_again(self, ada: User, group: Group) -> None:
        browser = logged_in_by_password("ada")
        set_up(browser)
        other = Client()
        other.force_login(ada)
        assert other.get("/").status_code == 200
        answer = browser.post("/accounts/second-factor/totp/deactivate/")
        assert answer.status_code == 302
        for each in (browser, other):
            assert each.get("/").url == ACTIVATE

    def test_a_one_time_password_is_replaced_first(
        self, ada_browses: Client, ada: User, group: Group
    ) -> None:
        """Each page would send her to the other for ever."""
        User.objects.filter(pk=ada.pk).update(must_change_password=True)
        page = "/accounts/password/change/"
        for path in ("/", ACTIVATE):
            assert ada_browses.get(path).url == page
        assert ada_browses.get(page).status_code == 200
        words = {
            "oldpassword": PASSWORD,
            "password1": "a new long one",
            "password2": "a new long one",
        }
        assert ada_browses.post(page, words).status_code == 302
        assert ada_browses.get("/").url == ACTIVATE

    def test_others_are_not_asked(self, bob_browses: Client, group: Group) -> None:
        assert bob_browses.get("/").status_code == 200


def test_a_code_is_good_once(ada: User) -> None:
    secret = set_up(logged_in_by_password("ada"))
    cache.clear()
    code = code_of(secret)
    first, second = logged_in_by_password("ada"), logged_in_by_password("ada")
    url = "/accounts/second-factor/authenticate/"
    assert first.post(url, {"code": code}).status_code == 302
    assert second.post(url, {"code": code}).status_code == 200
    assert second.get("/").status_code == 302


def test_the_pages_of_it_are_asked_for_with_a_fresh_password(ada_browses: Client) -> None:
    for path in (ACTIVATE, "/accounts/second-factor/recovery-codes/generate/"):
        answer: Any = ada_browses.get(path)
        assert answer.status_code == 302


def test_what_no_key_opens_lets_nobody_in(ada: User, settings: Any) -> None:
    set_up(logged_in_by_password("ada"))
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    cache.clear()
    for secret in ("", "AAAAAAAA"):
        browser = logged_in_by_password("ada")
        browser.post("/accounts/second-factor/authenticate/", {"code": code_of(secret)})
        assert browser.get("/").status_code == 302
    rows = Authenticator.objects.filter(user=ada)
    for row in rows.filter(type="recovery_codes"):
        assert row.wrap().get_unused_codes() != row.wrap().get_unused_codes()
