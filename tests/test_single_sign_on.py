"""Single sign-on against a real OpenID provider: coming in, being refused, and a provider that is not well."""

from __future__ import annotations

import html
import logging
import re
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client

from accounts.models import IdentityProvider, User
from tests.people import PASSWORD
from tests.portal import Browser, Portal
from tests.upstreams.openid_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    log_in_there,
    openid_provider,
)

pytestmark = pytest.mark.once
PEOPLE = {
    "dora": {"email": "dora@example.com", "email_verified": True, "name": "Dora Ж"},
    "ada": {"email": "ada@example.com", "email_verified": True},
    "nomail": {"name": "No Mail"},
    "with space": {"email": "space@example.com"},
}
LINK = "/accounts/single-sign-on/team/"
Change = Callable[..., IdentityProvider]


@pytest.fixture
def provider(portal: Portal, tmp_path: Path) -> Iterator[IdentityProvider]:
    redirects = [f"{portal.url}{LINK}return/"]
    with openid_provider(tmp_path / "log", redirects=redirects, people=PEOPLE) as issuer:
        yield IdentityProvider.objects.create(
            title="The team",
            slug="team",
            issuer=issuer,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
        )


@pytest.fixture
def browser(portal: Portal) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=portal.url) as browser:
        yield browser


@pytest.fixture
def change(provider: IdentityProvider) -> Change:
    def change(**fields: Any) -> IdentityProvider:
        for name, value in fields.items():
            setattr(provider, name, value)
        provider.save()
        return provider

    return change


def test_the_log_in_page_leads_there_and_back(
    browser: httpx.Client, provider: IdentityProvider, change: Change, portal: Portal
) -> None:
    change(group=Group.objects.create(name="Team"))
    page = browser.get("/accounts/login/").text
    assert "Log in with The team" in page
    assert f'href="{LINK}"' in page
    answer = log_in_there(browser, LINK, name="dora")
    assert answer.status_code == 200
    assert str(answer.url) == f"{portal.url}/"
    dora = User.objects.get()
    assert (dora.username, dora.email, dora.joined_by) == (
        "dora",
        "dora@example.com",
        "single_sign_on",
    )
    assert str(dora) == "Dora Ж"
    assert [group.name for group in dora.groups.all()] == ["Team"]
    assert not dora.has_usable_password()


def test_the_second_time_it_is_the_same_person(
    browser: httpx.Client, provider: IdentityProvider
) -> None:
    log_in_there(browser, LINK, name="dora")
    browser.cookies.clear()
    assert log_in_there(browser, LINK, name="dora").status_code == 200
    assert User.objects.count() == 1


def test_a_provider_that_omits_the_e_mail(
    browser: httpx.Client, provider: IdentityProvider
) -> None:
    assert log_in_there(browser, LINK, name="nomail").status_code == 200
    assert User.objects.get().email == ""


def test_a_name_that_is_no_username_becomes_one(
    browser: httpx.Client, provider: IdentityProvider
) -> None:
    assert log_in_there(browser, LINK, name="with space").status_code == 200
    assert " " not in User.objects.get().username


def test_an_address_that_a_member_has_opens_nothing_unless_it_is_trusted(
    browser: httpx.Client, provider: IdentityProvider, change: Change, ada: User
) -> None:
    refused = log_in_there(browser, LINK, name="ada")
    assert refused.status_code == 403
    assert "A member has this e-mail address already" in refused.text
    assert User.objects.count() == 1
    assert browser.get("/").status_code == 302
    change(trusts_email=True)
    browser.cookies.clear()
    assert log_in_there(browser, LINK, name="ada").status_code == 200
    assert User.objects.get() == ada
    assert SocialAccount.objects.get().user == ada


def test_a_member_connects_it_with_the_account(
    ada_at: Browser, provider: IdentityProvider, ada: User
) -> None:
    del ada_at.http.headers["X-Requested-With"]
    link = re.search(f'href="({LINK}[^"]*)"', ada_at.http.get("/accounts/connections/").text)
    assert link
    asked = log_in_there(ada_at.http, html.unescape(link[1]), name="dora")
    assert "/accounts/reauthenticate/" in str(asked.url)
    assert not SocialAccount.objects.exists()
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', asked.text)
    assert token
    fields = {"password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    ada_at.http.post(str(asked.url), data=fields, follow_redirects=True)
    assert SocialAccount.objects.get().user == ada
    page = ada_at.http.get("/accounts/connections/").text
    assert ">dora<" in page
    assert "Disconnect" in page


@pytest.mark.parametrize("proof", ["", "&proof=", "&proof=made-up"])
def test_another_page_connects_nothing_with_the_account(
    ada_at: Browser, provider: IdentityProvider, proof: str
) -> None:
    """A page of Mallory's sends Ada there, logged in at the provider as Mallory: her account would be his, too."""
    del ada_at.http.headers["X-Requested-With"]
    answer = ada_at.http.get(f"{LINK}?process=connect{proof}")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/connections/")
    assert not SocialAccount.objects.exists()


def test_where_it_makes_no_accounts_newcomers_stay_outside(
    browser: httpx.Client, change: Change
) -> None:
    change(creates_accounts=False)
    answer = log_in_there(browser, LINK, name="dora")
    assert "No account is made this way" in answer.text
    assert not User.objects.exists()


def test_who_is_not_active_stays_outside(browser: httpx.Client, provider: IdentityProvider) -> None:
    log_in_there(browser, LINK, name="dora")
    User.objects.update(is_active=False)
    browser.cookies.clear()
    assert "not active" in log_in_there(browser, LINK, name="dora").text
    assert browser.get("/").status_code == 302


def test_a_wrong_secret_is_no_log_in(browser: httpx.Client, change: Change) -> None:
    change(client_secret="another")
    answer = log_in_there(browser, LINK, name="dora")
    assert answer.status_code == 403
    assert "did not let you in" in answer.text
    assert not User.objects.exists()


def test_whoever_answers_as_another_issuer_is_not_believed(
    browser: httpx.Client, portal: Portal, tmp_path: Path
) -> None:
    redirects = [f"{portal.url}{LINK}return/"]
    evil = "http://127.0.0.1:9"
    with openid_provider(
        tmp_path / "log", redirects=redirects, people=PEOPLE, issuer=evil
    ) as address:
        IdentityProvider.objects.create(
            title="The team", slug="team", issuer=address, client_id=CLIENT_ID
        )
        answer = browser.get(LINK)
    assert answer.status_code == 502
    assert "says that it is another" in answer.text


def test_a_provider_that_is_down(browser: httpx.Client, change: Change) -> None:
    change(issuer="http://127.0.0.1:9")
    answer = browser.get(LINK)
    assert answer.status_code == 502
    assert "does not answer as it should" in answer.text
    assert browser.get("/accounts/login/").status_code == 200


def test_a_provider_that_is_slow_keeps_nobody_waiting_for_another(
    portal: Portal, change: Change, settings: Any
) -> None:
    settings.SOCIALACCOUNT_REQUESTS_TIMEOUT = 2
    with socket.create_server(("127.0.0.1", 0)) as silent:
        change(issuer=f"http://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        with ThreadPoolExecutor(4) as four:
            answers = list(four.map(httpx.get, [f"{portal.url}{LINK}"] * 4))
    assert [answer.status_code for answer in answers] == [502] * 4
    assert "does not answer as it should" in answers[0].text
    assert time.monotonic() - began < 7  # one after the other they take 8


def test_a_disabled_one_is_not_offered_and_opens_nothing(
    browser: httpx.Client, change: Change
) -> None:
    change(is_enabled=False)
    assert "The team" not in browser.get("/accounts/login/").text
    assert browser.get(LINK).status_code == 404
    assert browser.get(f"{LINK}return/?code=x&state=y").status_code == 404


def test_coming_back_without_having_gone(browser: httpx.Client, provider: IdentityProvider) -> None:
    answer = browser.get(f"{LINK}return/?code=made-up&state=made-up")
    assert answer.status_code in {401, 403}
    assert not User.objects.exists()


def test_where_it_leads_afterwards_is_here(
    browser: httpx.Client, provider: IdentityProvider, portal: Portal
) -> None:
    answer = log_in_there(browser, f"{LINK}?next=https://evil.example/", name="dora")
    assert str(answer.url) == f"{portal.url}/"
    browser.cookies.clear()
    answer = log_in_there(browser, f"{LINK}?next=/settings/", name="dora")
    assert str(answer.url) == f"{portal.url}/settings/"


def test_its_secret_is_encrypted_and_shown_to_nobody(
    db: None, carol_browses: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    form = {
        "title": "The team",
        "slug": "team",
        "issuer": "https://login.example.com/.well-known/openid-configuration",
        "client_id": "portal",
        "new_secret": CLIENT_SECRET,
        "is_enabled": "on",
    }
    added = carol_browses.post("/admin/accounts/identityprovider/add/", form)
    assert added.status_code == 302, added.context["adminform"].form.errors
    made = IdentityProvider.objects.get()
    assert (made.client_secret, made.issuer) == (CLIENT_SECRET, "https://login.example.com")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_identityprovider")
        assert CLIENT_SECRET not in str(cursor.fetchall())
    path = f"/admin/accounts/identityprovider/{made.pk}/change/"
    page = carol_browses.get(path).content.decode()
    assert CLIENT_SECRET not in page + repr(made) + caplog.text
    moved = {**form, "issuer": "https://evil.example", "new_secret": ""}
    refused = carol_browses.post(path, moved)
    assert "enter its secret" in refused.content.decode()
    kept = {**form, "new_secret": "", "client_id": "renamed"}
    assert carol_browses.post(path, kept).status_code == 302
    made.refresh_from_db()
    assert (made.client_secret, made.client_id) == (CLIENT_SECRET, "renamed")
