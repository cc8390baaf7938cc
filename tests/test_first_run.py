"""The first start: an administrator with a one-time password, and the provider that the environment names."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.adapters import AccountAdapter
from accounts.first_run import FirstAdministrator, create_first_administrator
from accounts.models import User
from chatportal.secret_files import read_or_create
from tests.upstreams.chatgpt_emulator import ChatGPTEmulator
from tests.upstreams.scripted import ScriptedUpstream, refuse
from upstream.demo import registration
from upstream.environment import base_url_from, proxy_from_environment, silence_from
from upstream.models import Credential, LanguageModel, Provider


def _bootstrap() -> str:
    out = StringIO()
    call_command("bootstrap", stdout=out, stderr=out)
    return out.getvalue()


def test_the_first_run_prints_a_one_time_password_once(db: None) -> None:
    printed = _bootstrap()
    password = printed.split("One-time password:")[1].split()[0]
    admin = User.objects.get()
    assert admin.is_superuser
    assert admin.check_password(password)
    assert "One-time" not in _bootstrap()


def test_of_several_that_start_at_once_one_makes_the_administrator(transactional_db: None) -> None:
    barrier = threading.Barrier(6)
    made: list[FirstAdministrator] = []

    def start(name: str) -> None:
        barrier.wait()
        try:
            if first := create_first_administrator(name):
                made.append(first)
        finally:
            connections.close_all()

    starts = [threading.Thread(target=start, args=[f"admin{n}"]) for n in range(6)]
    for each in starts:
        each.start()
    for each in starts:
        each.join()
    assert [first.username for first in made] == [User.objects.get().username]


def test_the_one_time_password_opens_only_the_page_that_replaces_it(
    db: None, client: Client
) -> None:
    password = _bootstrap().split("One-time password:")[1].split()[0]
    change = reverse("account_change_password")
    client.post(reverse("account_login"), {"login": "admin", "password": password})
    for path in ("/", "/conversations/", "/admin/"):
        assert client.get(path).headers["Location"] == change
    new = "a password of my own 7"
    form = {"oldpassword": password, "password1": new, "password2": new}
    assert client.post(change, form).status_code == 302
    assert client.get("/").status_code == 200
    assert not User.objects.get().must_change_password


def test_a_given_password_stays_as_it_is(db: None, client: Client, settings: Any) -> None:
    settings.PORTAL_ADMIN_USERNAME = "root"
    settings.PORTAL_ADMIN_PASSWORD = "given by the environment"
    assert "given by" not in _bootstrap()
    client.post(reverse("account_login"), {"login": "root", "password": "given by the environment"})
    assert client.get("/").status_code == 200


def test_log_in_by_e_mail_and_nobody_can_sign_up(client: Client, ada: User) -> None:
    form = {"login": "ada@example.com", "password": "correct horse battery staple"}
    assert client.post(reverse("account_login"), form).status_code == 302
    signup = Client().post(
        reverse("account_signup"), {"username": "eve", "password1": "x", "password2": "x"}
    )
    assert signup.status_code in {200, 302, 403}
    assert not User.objects.filter(username="eve").exists()


def test_guessing_passwords_is_slowed_down(client: Client, ada: User) -> None:
    wrong = {"login": "ada", "password": "wrong"}
    for _ in range(5):
        client.post(reverse("account_login"), wrong)
    right = {"login": "ada", "password": "correct horse battery staple"}
    assert client.post(reverse("account_login"), right).status_code != 302


def test_the_admin_goes_through_the_same_log_in(client: Client, db: None) -> None:
    assert client.get("/admin/login/").status_code == 302
    last_stop, _status = client.get("/admin/", follow=True).redirect_chain[-1]
    assert last_stop.startswith(reverse("account_login"))


def test_an_administrator_creates_a_member(carol_browses: Client) -> None:
    form = {
        "username": "dan",
        "email": "dan@example.com",
        "usable_password": "true",
        "password1": "first password 9",
        "password2": "first password 9",
        "must_change_password": "on",
    }
    assert carol_browses.post(reverse("admin:accounts_user_add"), form).status_code == 302
    dan = User.objects.get(username="dan")
    assert dan.must_change_password
    assert not dan.is_staff


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as scripted:
        yield scripted


def test_the_environment_sets_up_a_provider_once(db: None, settings: object) -> None:
    settings.OPENAI_API_KEY = "sk-from-env"  # type: ignore[attr-defined]
    settings.OPENAI_API_BASE_URL = "https://api.example.com"  # type: ignore[attr-defined]
    settings.OPENAI_API_MODEL = "gpt-x"  # type: ignore[attr-defined]
    assert "sk-from-env" not in _bootstrap()
    provider = Provider.objects.get()
    assert (provider.base_url, provider.title) == ("https://api.example.com/v1", "api.example.com")
    assert Credential.objects.get().reveal() == "sk-from-env"
    assert LanguageModel.objects.get().name == "gpt-x"
    settings.OPENAI_API_MODEL = "gpt-y"  # type: ignore[attr-defined]
    _bootstrap()
    assert LanguageModel.objects.get().name == "gpt-x"


def test_without_a_model_the_provider_is_asked_for_its_list(
    db: None, settings: object, upstream: ScriptedUpstream
) -> None:
    settings.OPENAI_API_KEY = "sk-from-env"  # type: ignore[attr-defined]
    settings.OPENAI_API_BASE_URL = upstream.base_url  # type: ignore[attr-defined]
    upstream.will(refuse(200, {"data": [{"id": "one"}, {"id": "two"}]}))
    assert "2 models" in _bootstrap()
    assert upstream.requests[0].path == "/v1/models"
    assert sorted(LanguageModel.objects.values_list("name", flat=True)) == ["one", "two"]


def test_a_list_that_cannot_be_had_is_said_and_not_fatal(
    db: None, settings: object, upstream: ScriptedUpstream
) -> None:
    settings.OPENAI_API_KEY = "sk-from-env"  # type: ignore[attr-defined]
    settings.OPENAI_API_BASE_URL = upstream.base_url  # type: ignore[attr-defined]
    upstream.will(refuse(401, {"error": {"message": "wrong key sk-from-env"}}))
    printed = _bootstrap()
    assert "unauthorized" in printed
    assert "OPENAI_API_MODEL" in printed
    assert "sk-from-env" not in printed


@pytest.mark.parametrize("value", ["Bearer sk-from-env\n", "sk-from-\n  env", "'sk-from-env'"])
def test_what_came_along_with_the_key_is_left_out(
    db: None, settings: Any, upstream: ScriptedUpstream, value: str
) -> None:
    settings.OPENAI_API_KEY = value
    settings.OPENAI_API_BASE_URL = upstream.base_url
    settings.OPENAI_API_MODEL = "m"
    _bootstrap()
    assert Credential.objects.get().reveal() == "sk-from-env"


def test_a_key_that_no_header_can_carry_stops_the_start(db: None, settings: Any) -> None:
    settings.OPENAI_API_KEY = "sk-令牌-canary"
    with pytest.raises(CommandError, match="OPENAI_API_KEY") as stopped:
        _bootstrap()
    assert "canary" not in str(stopped.value)


def test_a_base_url_that_is_none_stops_the_start(db: None, settings: object) -> None:
    settings.OPENAI_API_KEY = "sk"  # type: ignore[attr-defined]
    settings.OPENAI_API_BASE_URL = "api.example.com"  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="OPENAI_API_BASE_URL"):
        _bootstrap()


@pytest.fixture
def gateway() -> Iterator[ChatGPTEmulator]:
    with ChatGPTEmulator() as emulator:
        yield emulator


def test_an_access_token_in_the_environment_sets_up_a_provider_once(
    db: None, settings: object, gateway: ChatGPTEmulator
) -> None:
    for name, value in {
        "OPENAI_ACCESS_TOKEN": "Bearer canary-env-token",
        "API_REVERSE_PROXY": gateway.url,
        "TIMEOUT_MS": "60000",
    }.items():
        setattr(settings, name, value)
    printed = _bootstrap()
    assert "sees the access token and every conversation" in printed
    assert "2 models are offered." in printed
    assert "canary-env-token" not in printed
    provider = Provider.objects.get()
    assert (provider.kind, provider.base_url) == ("chatgpt_token", gateway.url)
    assert provider.silence_seconds == 60
    assert Credential.objects.get().reveal() == "canary-env-token"
    settings.API_REVERSE_PROXY = "https://another.example/api/conversation"  # type: ignore[attr-defined]
    assert "Provider" not in _bootstrap()
    assert Provider.objects.get().base_url == gateway.url


def test_there_is_no_default_address_for_an_access_token(db: None, settings: object) -> None:
    settings.OPENAI_ACCESS_TOKEN = "canary-env-token"  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="API_REVERSE_PROXY"):
        _bootstrap()
    assert not Provider.objects.exists()


def test_a_key_and_a_token_make_a_provider_each(
    db: None, settings: object, gateway: ChatGPTEmulator
) -> None:
    for name, value in {
        "OPENAI_API_KEY": "sk-canary",
        "OPENAI_API_MODEL": "gpt-4o-mini",
        "OPENAI_ACCESS_TOKEN": "canary-env-token",
        "API_REVERSE_PROXY": gateway.url,
        "SOCKS_PROXY_HOST": "",
        "HTTPS_PROXY": "",
    }.items():
        setattr(settings, name, value)
    _bootstrap()
    names = dict(LanguageModel.objects.values_list("name", "provider__kind"))
    assert names["gpt-4o-mini"] == "openai_chat"
    assert names["text-davinci-002-render-sha"] == "chatgpt_token"


@pytest.mark.parametrize(
    ("names", "proxy"),
    [
        ({}, ""),
        ({"HTTPS_PROXY": "http://p:3128"}, "http://p:3128"),
        ({"ALL_PROXY": "socks5://p:1080"}, "socks5://p:1080"),
        ({"HTTPS_PROXY": "http://p:3128", "ALL_PROXY": "http://q:1"}, "http://p:3128"),
        ({"SOCKS_PROXY_HOST": "p"}, ""),
        (
            {"SOCKS_PROXY_HOST": "p", "SOCKS_PROXY_PORT": "1080", "HTTPS_PROXY": "http://q:1"},
            "socks5://p:1080",
        ),
        (
            {
                "SOCKS_PROXY_HOST": "p",
                "SOCKS_PROXY_PORT": "1080",
                "SOCKS_PROXY_USERNAME": "me",
                "SOCKS_PROXY_PASSWORD": "p@ss:word/",
            },
            "socks5://me:p%40ss%3Aword%2F@p:1080",
        ),
    ],
)
def test_the_proxy_of_the_environment_is_read_as_chatgpt_web_reads_it(
    settings: object, names: dict[str, str], proxy: str
) -> None:
    for name, value in names.items():
        setattr(settings, name, value)
    assert proxy_from_environment() == proxy


@pytest.mark.parametrize(
    ("milliseconds", "seconds"),
    [("", None), ("soon", None), ("0", 3600), ("100000", 100), ("1500", 2), ("99999999", 3600)],
)
def test_a_time_out_is_one_of_silence(milliseconds: str, seconds: int | None) -> None:
    assert silence_from(milliseconds) == seconds


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("", "https://api.openai.com/v1"),
        ("https://a.example", "https://a.example/v1"),
        ("https://a.example/", "https://a.example/v1"),
        ("https://a.example/v1/", "https://a.example/v1"),
        ("https://a.example/openai/v1", "https://a.example/openai/v1"),
    ],
)
def test_base_urls_are_read_as_chatgpt_web_reads_them(given: str, read: str) -> None:
    assert base_url_from(given) == read


def test_the_demo_model_is_one_provider_through_all_starts(db: None) -> None:
    registration.register(address="http://127.0.0.1:1001", key="first", model="smollm2-135m")
    LanguageModel.objects.update(title="Renamed by the administrator")
    registration.register(address="http://127.0.0.1:1002", key="second", model="smollm2-135m")
    provider = Provider.objects.get()
    assert provider.base_url == "http://127.0.0.1:1002/v1"
    assert provider.own_host_may_be_private
    assert Credential.objects.get().reveal() == "second"
    assert LanguageModel.objects.get().title == "Renamed by the administrator"
    registration.unregister()
    assert not LanguageModel.objects.usable_by(User(is_active=True)).exists()


def test_secret_files_are_private_and_made_once(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "secret"
    assert read_or_create(path, lambda: "one") == read_or_create(path, lambda: "two") == "one"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret"]


def test_health_and_readiness_are_open_and_tell_little(client: Client, db: None) -> None:
    assert client.get("/healthz").json() == {"alive": True}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert json.loads(ready.content) == {"database": True, "migrations": True}


def test_without_mail_there_is_no_reset_by_mail(
    client: Client, ada: User, mailoutbox: list[object]
) -> None:
    path = reverse("account_reset_password")
    assert client.get(path).status_code == 404
    answer = client.post(path, {"email": ada.email}, headers={"host": "evil.example"})
    assert answer.status_code == 404
    assert mailoutbox == []


def test_a_reset_link_is_made_from_the_portals_own_url(
    rf: RequestFactory, settings: object
) -> None:
    settings.PORTAL_URL = "https://chat.example.com"  # type: ignore[attr-defined]
    request = rf.get("/", headers={"host": "evil.example"})
    url = AccountAdapter(request).get_reset_password_from_key_url("1-abc-def")
    assert url.startswith("https://chat.example.com/accounts/password/reset/key/1-abc-def")
