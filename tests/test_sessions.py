"""Where somebody is logged in, and every way in which that ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings as portal_settings
from django.test import Client
from django.utils import timezone

from accounts.models import AuditRecord, User
from accounts.reset_links import make_reset_link
from accounts.sessions import device_of
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db
LIST = "/accounts/sessions/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/19.0 Mobile/15E148 Safari/604.1"
)


def log_in(name: str, *, agent: str = FIREFOX, address: str = "192.0.2.1") -> Client:
    browser = Client(headers={"User-Agent": agent}, REMOTE_ADDR=address)
    answer = browser.post("/accounts/login/", {"login": name, "password": PASSWORD})
    assert answer.status_code == 302
    return browser


def test_the_list_says_where_and_with_what(ada: User) -> None:
    here = log_in("ada")
    log_in("ada", agent=IPHONE, address="2001:db8::7")
    page = here.get(LIST).content.decode()
    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    assert "2001:db8::7" in page
    assert page.count("Log out there") == 1
    assert "this one" in page
    for key in UserSession.objects.values_list("session_key", flat=True):
        assert key not in page


def test_one_is_ended_and_only_that_one(ada: User) -> None:
    here, phone, laptop = log_in("ada"), log_in("ada", agent=IPHONE), log_in("ada")
    row = UserSession.objects.get(user_agent=IPHONE)
    assert here.post(f"/sessions/{row.pk}/end/").status_code == 302
    assert phone.get("/").status_code == 302
    assert laptop.get("/").status_code == here.get("/").status_code == 200
    assert AuditRecord.objects.filter(action="session_ended", actor=ada).exists()


def test_all_others_are_ended_at_once(ada: User) -> None:
    here, phone, laptop = log_in("ada"), log_in("ada"), log_in("ada")
    assert here.post("/sessions/end/").status_code == 302
    assert "2 sessions were ended" in here.get(LIST).content.decode()
    assert phone.get("/").status_code == laptop.get("/").status_code == 302


def test_the_session_of_a_stranger_is_told_of_as_of_nothing(ada: User, bob: User) -> None:
    hers, his = log_in("ada"), log_in("bob")
    row = UserSession.objects.get(user=ada)
    answers = [his.post(f"/sessions/{pk}/end/") for pk in (row.pk, 10**9)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert hers.get("/").status_code == 200
    assert "192.0.2.1" in his.get(LIST).content.decode()
    assert his.get(LIST).content.decode().count("Firefox") == 1


def test_what_has_ended_is_forgotten(ada: User) -> None:
    here, other = log_in("ada"), log_in("ada", agent=IPHONE)
    other.post("/accounts/logout/")
    assert "iPhone" not in here.get(LIST).content.decode()
    assert UserSession.objects.filter(user=ada).count() == 1


def test_the_last_use_is_kept_every_five_minutes_at_most(ada: User) -> None:
    browser = log_in("ada")
    browser.get("/")
    long_ago = timezone.now() - timedelta(hours=1)
    UserSession.objects.update(last_seen_at=long_ago)
    browser.get("/")
    assert UserSession.objects.get().last_seen_at == long_ago
    session = browser.session
    session["seen_at"] = long_ago.timestamp()
    session.save()
    browser.get("/", REMOTE_ADDR="192.0.2.77")
    seen = UserSession.objects.get()
    assert seen.last_seen_at > long_ago
    assert seen.ip == "192.0.2.77"


def test_a_new_password_ends_all_other_sessions(ada: User) -> None:
    here, other = log_in("ada"), log_in("ada")
    chosen = {
        "oldpassword": PASSWORD,
        "password1": "quite another one",
        "password2": "quite another one",
    }
    assert here.post("/accounts/password/change/", chosen).status_code == 302
    assert here.get("/").status_code == 200
    assert other.get("/").status_code == 302


def test_the_session_changes_its_key_at_log_in(ada: User) -> None:
    """A key that somebody planted before is worth nothing after it."""
    browser = Client()
    session = browser.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    browser.cookies[portal_settings.SESSION_COOKIE_NAME] = str(planted)
    browser.post("/accounts/login/", {"login": "ada", "password": PASSWORD})
    assert browser.session.session_key != planted
    thief = Client()
    thief.cookies[portal_settings.SESSION_COOKIE_NAME] = str(planted)
    assert thief.get("/").status_code == 302


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("", "An unknown program"),
        ("curl/8.5.0", "curl/8.5.0"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        ("<script>alert(1)</script>" * 9, ("<script>alert(1)</script>" * 9)[:60]),
    ],
)
def test_what_a_device_is_called(agent: str, device: str) -> None:
    assert device_of(agent) == device


def test_what_a_browser_says_of_itself_is_text(ada: User) -> None:
    browser = log_in("ada", agent="<script>alert(1)</script>")
    assert "<script>alert" not in browser.get(LIST).content.decode()


def test_an_administrators_link_gives_a_new_password_once(
    ada: User, carol: User, carol_browses: Client, rf: Any
) -> None:
    hers = log_in("ada")  # a later log-in would end the link, too: who logs in needs none
    ada.refresh_from_db()
    link = make_reset_link(ada, by=carol, request=rf.get("/"))
    path = link.removeprefix("http://testserver")
    browser = Client()
    form = browser.get(path, follow=True)
    chosen = {"password1": "quite another one", "password2": "quite another one"}
    assert browser.post(form.redirect_chain[-1][0], chosen).status_code == 302
    assert hers.get("/").status_code == 302
    answer = Client().post("/accounts/login/", {"login": "ada", "password": "quite another one"})
    assert answer.status_code == 302
    assert "opens nothing any more" in Client().get(path, follow=True).content.decode()
    made = AuditRecord.objects.get(action="reset_link_made")
    assert (made.actor, made.object_name) == (carol, "Ada")
    assert link.split("/")[-2] not in str(AuditRecord.objects.values())
