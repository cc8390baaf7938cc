"""A proxy that knows its people names them in a header; nobody else can."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from django.contrib.auth.models import Group
from django.core.checks import run_checks
from django.test import Client

from accounts.models import AuditRecord, GroupPolicy, User
from tests.portal import Portal

HEADER = "X-Forwarded-User"
PROXY = "10.0.0.2"


@pytest.fixture(autouse=True)
def _header(settings: Any, db: None) -> None:
    settings.PORTAL_AUTH_HEADER = HEADER
    settings.PORTAL_AUTH_PROXIES = [PROXY, "10.7.0.0/16"]


def ask(client: Client, name: str | None, *, path: str = "/", peer: str = PROXY) -> Any:
    headers = {} if name is None else {HEADER: name}
    return client.get(path, headers=headers, REMOTE_ADDR=peer)


def test_whoever_the_proxy_names_is_in(client: Client, ada: User) -> None:
    assert ask(client, "ada").status_code == 200
    assert ask(client, "ada", peer="10.7.3.4").status_code == 200
    assert User.objects.count() == 1


def test_capitals_make_nobody_else(client: Client, ada: User) -> None:
    """As at log-in: with an “Ada” beside her, ada could not log in by name any more."""
    assert ask(client, "Ada").status_code == 200
    assert ask(client, "ADA").status_code == 200
    assert ask(client, "ａｄａ").status_code == 200
    assert User.objects.get() == ada
    assert AuditRecord.objects.filter(action="log_in").count() == 1


def test_an_account_is_made_at_the_first_visit(client: Client) -> None:
    assert ask(client, "张伟").status_code == 200
    made = User.objects.get()
    assert (made.username, made.joined_by) == ("张伟", "proxy")
    assert not made.has_usable_password()
    assert not made.is_staff


@pytest.mark.parametrize("peer", ["10.0.0.3", "127.0.0.1", "", "nonsense", "::ffff:10.0.0.3"])
def test_the_word_of_anybody_else_is_refused(client: Client, ada: User, peer: str) -> None:
    for path in ("/", "/accounts/login/", "/admin/", "/healthz"):
        answer = ask(client, "ada", path=path, peer=peer)
        assert answer.status_code == 403
        assert "PORTAL_AUTH_PROXIES" in answer.content.decode()
    assert ask(client, None, peer=peer).status_code == 302


def test_a_mapped_address_is_the_same_proxy(client: Client, ada: User) -> None:
    assert ask(client, "ada", peer=f"::ffff:{PROXY}").status_code == 200


def test_it_is_off_unless_it_is_set(client: Client, ada: User, settings: Any) -> None:
    settings.PORTAL_AUTH_HEADER = ""
    assert ask(client, "ada").status_code == 302


def test_another_name_is_another_session(client: Client, ada: User, bob: User) -> None:
    ask(client, "ada")
    key = client.session.session_key
    page = ask(client, "bob").content.decode()
    assert "Bob" in page
    assert "Ada" not in page
    assert client.session.session_key != key


def test_without_the_name_the_session_ends(client: Client, ada: User) -> None:
    ask(client, "ada")
    assert ask(client, None).status_code == 302


def test_a_session_by_password_does_not_depend_on_the_proxy(ada_browses: Client) -> None:
    assert ask(ada_browses, None).status_code == 200


def test_who_is_not_active_stays_outside(client: Client, ada: User) -> None:
    User.objects.update(is_active=False)
    assert ask(client, "ada").url == "/accounts/inactive/"
    assert ask(client, None).status_code == 302


@pytest.mark.parametrize("name", ["with space", "x" * 151, "<script>", "a\nb"])
def test_what_is_no_username_is_refused(client: Client, name: str) -> None:
    answer = ask(client, name)
    assert answer.status_code == 403
    assert "is no username" in answer.content.decode()
    assert "<script>" not in answer.content.decode().replace("<script ", "")
    assert not User.objects.exists()


def test_a_second_factor_is_asked_for_all_the_same(client: Client, ada: User) -> None:
    group = Group.objects.create(name="Careful")
    ada.groups.add(group)
    GroupPolicy.objects.create(group=group, requires_second_factor=True)
    assert "second-factor" in ask(client, "ada").url


@pytest.mark.parametrize(
    ("proxies", "problem"),
    [([], "portal.E004"), (["nonsense"], "portal.E005"), (["0.0.0.0/0"], "portal.E006")],
)
def test_an_unsafe_list_stops_the_start(settings: Any, proxies: list[str], problem: str) -> None:
    settings.PORTAL_AUTH_PROXIES = proxies
    assert problem in {found.id for found in run_checks()}


class TestServed:
    """Where X-Forwarded-For says who asks, the connection still says who speaks."""

    @pytest.fixture(autouse=True)
    def _proxies(self, settings: Any, transactional_db: None) -> None:
        settings.PORTAL_AUTH_PROXIES = ["127.0.0.1"]

    def test_the_peer_counts_and_not_what_it_says(self, portal: Portal, settings: Any) -> None:
        ada = {HEADER: "ada", "X-Forwarded-For": "203.0.113.9"}
        assert httpx.get(portal.url, headers=ada).status_code == 200
        settings.PORTAL_AUTH_PROXIES = ["203.0.113.9"]
        assert httpx.get(portal.url, headers=ada).status_code == 403

    def test_two_names_are_none(self, portal: Portal) -> None:
        twice = [(HEADER, "ada"), (HEADER, "bob")]
        answer = httpx.get(portal.url, headers=twice)
        assert answer.status_code == 403
        assert "more than once" in answer.text
        assert not User.objects.exists()

    def test_another_spelling_is_another_header(self, portal: Portal) -> None:
        answer = httpx.get(portal.url, headers={HEADER.replace("-", "_"): "ada"})
        assert answer.status_code == 302
        assert not User.objects.exists()

    def test_names_in_any_script(self, portal: Portal) -> None:
        answer = httpx.get(portal.url, headers={HEADER: "Анна".encode()})
        assert answer.status_code == 200
        assert User.objects.get().username == "Анна"

    def test_a_socket_opens_for_the_session(self, portal: Portal, ada: User) -> None:
        with httpx.Client(base_url=portal.url, headers={HEADER: "ada"}) as browser:
            browser.get("/")
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        with portal.opened_by(ada).socket(cookie=cookie) as socket:
            assert socket.until("welcome")
