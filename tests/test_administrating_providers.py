"""What an administrator does in the admin: a provider, its credential, its models; tried, watched and renewed there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.portal import SECRET, Browser, settled
from tests.test_pasted_secrets import jwt
from tests.upstreams.chatgpt_emulator import EXPIRED, ChatGPTEmulator
from tests.upstreams.scripted import ScriptedUpstream, refuse, stream
from upstream.adapters.base import ListedModel
from upstream.attention import concerns
from upstream.catalog import sync_models
from upstream.models import Credential, LanguageModel, Provider
from upstream.presets import PRESETS

pytestmark = pytest.mark.once
ADD_PROVIDER = "admin:upstream_provider_add"
ADD_CREDENTIAL = "admin:upstream_credential_add"


def provider_form(url: str, **more: Any) -> dict[str, Any]:
    return {
        "title": "P",
        "kind": "openai_chat",
        "base_url": url,
        "is_enabled": "on",
        "connect_seconds": 10,
        "silence_seconds": 120,
        **more,
    }


@pytest.fixture
def gateway() -> Iterator[ChatGPTEmulator]:
    with ChatGPTEmulator() as emulator:
        yield emulator


@pytest.fixture
def lent(db: None, gateway: ChatGPTEmulator) -> Provider:
    return Provider.objects.create(
        title="Lent",
        kind=Provider.Kind.CHATGPT_TOKEN,
        base_url=gateway.url,
        own_host_may_be_private=True,
        operator_acknowledged=True,
    )


def test_an_access_token_provider_asks_to_be_acknowledged(
    carol_browses: Client, gateway: ChatGPTEmulator
) -> None:
    form = provider_form(gateway.url, kind="chatgpt_token", own_host_may_be_private="on")
    page = carol_browses.post(reverse(ADD_PROVIDER), form)
    assert page.status_code == 200
    assert "sees the access token and every conversation" in page.content.decode()
    assert not Provider.objects.exists()
    done = carol_browses.post(reverse(ADD_PROVIDER), {**form, "operator_acknowledged": "on"})
    provider = Provider.objects.get()
    assert done.headers["Location"] == f"{reverse(ADD_CREDENTIAL)}?provider={provider.pk}"


def test_what_was_said_of_one_host_is_asked_again_for_the_next(
    carol_browses: Client, lent: Provider
) -> None:
    before = lent.base_url
    ticked = {"operator_acknowledged": "on", "own_host_may_be_private": "on"}
    moved = provider_form("http://127.0.0.2:9/api", kind="chatgpt_token", **ticked)
    path = reverse("admin:upstream_provider_change", args=[lent.pk])
    page = carol_browses.post(path, moved)
    assert "sees the access token and every conversation" in page.content.decode()
    assert "on a private network" in page.content.decode()
    form = page.context["adminform"].form
    assert not form["operator_acknowledged"].value()
    lent.refresh_from_db()
    assert lent.base_url == before
    again = {**moved, "consent_for": form["consent_for"].value()}
    assert carol_browses.post(path, again).status_code == 302
    lent.refresh_from_db()
    assert lent.base_url == "http://127.0.0.2:9/api"


def test_there_is_no_default_address_for_access_tokens(carol_browses: Client) -> None:
    page = carol_browses.get(reverse(ADD_PROVIDER), {"preset": "access-token"})
    form = page.context["adminform"].form
    assert form["base_url"].value() == ""
    assert form["kind"].value() == "chatgpt_token"
    assert not form["operator_acknowledged"].value()


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.slug)
def test_each_preset_fills_in_the_form(carol_browses: Client, preset: Any) -> None:
    page = carol_browses.get(reverse(ADD_PROVIDER), {"preset": preset.slug})
    form = page.context["adminform"].form
    assert form["title"].value() == preset.title
    assert form["base_url"].value() == preset.base_url
    assert form["own_host_may_be_private"].value() == preset.own_host_may_be_private


def test_the_environments_proxy_is_the_default_of_a_new_provider(
    carol_browses: Client, settings: Any
) -> None:
    settings.SOCKS_PROXY_HOST, settings.SOCKS_PROXY_PORT = "127.0.0.1", "1080"
    settings.HTTPS_PROXY = "http://ignored:3128"
    page = carol_browses.get(reverse(ADD_PROVIDER))
    assert page.context["adminform"].form["proxy"].value() == "socks5://127.0.0.1:1080"


def test_a_proxys_password_goes_in_and_not_out(carol_browses: Client) -> None:
    proxy = "socks5://who:canary-proxy-pass@127.0.0.1:1080"
    form = provider_form("http://127.0.0.1:9/v1", own_host_may_be_private="on", proxy=proxy)
    asked = carol_browses.post(reverse(ADD_PROVIDER), form)
    assert "private network" in asked.content.decode()  # asked once
    form["proxy_may_be_private"] = "on"
    assert carol_browses.post(reverse(ADD_PROVIDER), form).status_code == 302
    provider = Provider.objects.get()
    assert provider.proxy_url == proxy
    path = reverse("admin:upstream_provider_change", args=[provider.pk])
    page = carol_browses.get(path).content.decode()
    assert "canary-proxy-pass" not in page
    assert "socks5://127.0.0.1:1080" in page
    # Saved as it is shown it stays as it is; emptied it is gone.
    carol_browses.post(path, {**form, "proxy": "socks5://127.0.0.1:1080", "title": "Q"})
    provider.refresh_from_db()
    assert (provider.title, provider.proxy_url) == ("Q", proxy)
    carol_browses.post(path, {**form, "proxy": ""})
    provider.refresh_from_db()
    assert provider.proxy_url == ""


def test_behind_a_proxy_a_name_need_not_be_known_here(carol_browses: Client) -> None:
    proxied = {"proxy": "http://127.0.0.1:3128", "proxy_may_be_private": "on"}
    form = provider_form("https://api.inner.invalid/v1")
    page = carol_browses.post(reverse(ADD_PROVIDER), form).content.decode()
    assert "No address is known for this host: api.inner.invalid" in page
    assert carol_browses.post(reverse(ADD_PROVIDER), {**form, **proxied}).status_code == 302
    literal = provider_form("http://10.0.0.7/v1", **proxied)
    assert "private network" in carol_browses.post(reverse(ADD_PROVIDER), literal).content.decode()


def test_a_provider_whose_host_has_vanished_can_be_disabled(carol_browses: Client) -> None:
    provider = Provider.objects.create(title="Gone", base_url="https://gone.invalid/v1")
    form = provider_form(provider.base_url)
    del form["is_enabled"]
    path = reverse("admin:upstream_provider_change", args=[provider.pk])
    assert carol_browses.post(path, form).status_code == 302
    provider.refresh_from_db()
    assert not provider.is_enabled
    moved = carol_browses.post(path, {**form, "base_url": "https://elsewhere.invalid/v1"})
    assert "No address is known" in moved.content.decode()


@pytest.mark.parametrize("proxy", ["proxy:1080", "ftp://127.0.0.1:21", "http://127.0.0.1"])
def test_a_proxy_that_is_none_is_named(carol_browses: Client, proxy: str) -> None:
    form = provider_form("http://127.0.0.1:9/v1", own_host_may_be_private="on", proxy=proxy)
    page = carol_browses.post(reverse(ADD_PROVIDER), form)
    assert "A proxy looks like" in page.content.decode()


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        ("", "Paste a key or a token."),
        ("x", "neither a key nor a token"),
        ('{"user": {"email": "a@b.c"}}', "holds no accessToken"),
        ("sk-abcdefgh12345678", "This is an API key"),
        (jwt(exp=1_700_000_000), "This token expired on"),
    ],
)
def test_a_token_that_is_none_is_named_and_not_shown_again(
    carol_browses: Client, lent: Provider, pasted: str, said: str
) -> None:
    form = {"provider": lent.pk, "title": "T", "new_secret": pasted, "is_enabled": "on"}
    page = carol_browses.post(reverse(ADD_CREDENTIAL), form).content.decode()
    assert said in page
    assert len(pasted) < 10 or pasted not in page
    assert not Credential.objects.exists()


def test_whose_token_it_is_and_how_long_it_lives_is_shown(
    carol_browses: Client, lent: Provider
) -> None:
    token = jwt(
        exp=int(time.time()) + 3 * 86400 + 60,
        **{"https://api.openai.com/profile": {"email": "owner@example.com"}},
    )
    form = {
        "provider": lent.pk,
        "title": "Ours",
        "new_secret": f"Bearer {token}",
        "is_enabled": "on",
    }
    page = carol_browses.post(reverse(ADD_CREDENTIAL), form, follow=True).content.decode()
    assert "expires in 3" in page
    credential = Credential.objects.get()
    assert credential.reveal() == token
    shown = carol_browses.get(reverse("admin:upstream_credential_change", args=[credential.pk]))
    assert "owner@example.com" in shown.content.decode()
    assert token not in shown.content.decode()
    assert credential.days_left == 3
    front = carol_browses.get(reverse("admin:index")).content.decode()
    assert "The token of “Ours” expires in 3" in front


def test_what_wants_attention_stands_on_the_front_page(lent: Provider) -> None:
    def said() -> list[tuple[str, bool]]:
        return [(concern.text.replace("\xa0", " "), concern.presses) for concern in concerns()]

    assert [presses for _text, presses in said()] == [True]  # no credential
    credential = Credential.objects.create(provider=lent, secret=SECRET, title="Ours")
    LanguageModel.objects.create(provider=lent, name="m")
    assert said() == []
    for left, words, presses in (
        (timedelta(days=8), "", False),
        (timedelta(days=6, hours=1), "expires in 6 days", False),
        (timedelta(hours=23, minutes=5), "expires in 23 hours", True),
        (timedelta(minutes=-1), "has expired", True),
    ):
        Credential.objects.update(expires_at=timezone.now() + left)
        found = said()
        assert bool(found) == bool(words)
        assert all(words in text and pressing == presses for text, pressing in found)
    credential.delete()


def test_test_now_shows_the_answer_and_its_times(
    carol_browses: Client, lent: Provider, gateway: ChatGPTEmulator
) -> None:
    credential = Credential.objects.create(provider=lent, secret=SECRET)
    gateway.next(text="ready")
    page = carol_browses.post(reverse("admin:upstream_credential_test", args=[credential.pk]))
    shown = page.content.decode()
    assert "Lent answers." in shown
    assert "ready" in shown
    assert "First text after" in shown
    (kept,) = gateway.conversations.values()
    assert not kept.visible  # nothing of it stays in the account
    gateway.next(status=401, body={"detail": {**EXPIRED, "message": f"bad token {SECRET}"}})
    shown = carol_browses.post(
        reverse("admin:upstream_provider_test", args=[lent.pk])
    ).content.decode()
    assert "does not answer" in shown
    assert "unauthorized" in shown
    assert SECRET not in shown


def test_test_now_takes_out_what_is_refused(
    carol_browses: Client, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    credential = Credential.objects.get()
    path = reverse("admin:upstream_credential_test", args=[credential.pk])
    refused = refuse(401, {"error": {"message": "no"}})
    LanguageModel.objects.update(is_enabled=False)
    upstream.will(refused)
    carol_browses.post(path)  # without a model only the list was refused
    credential.refresh_from_db()
    assert credential.state == "healthy"
    LanguageModel.objects.update(is_enabled=True)
    upstream.will(refused)
    upstream.will(refused)
    assert "unauthorized" in carol_browses.post(path).content.decode()
    credential.refresh_from_db()
    assert credential.state == "expired"
    carol_browses.post(path)  # it answers again
    credential.refresh_from_db()
    assert credential.state == "healthy"


def test_only_administrators_test_and_sync(
    ada_browses: Client, lent: Provider, gateway: ChatGPTEmulator
) -> None:
    credential = Credential.objects.create(provider=lent, secret=SECRET)
    for name, pk in (
        ("upstream_credential_test", credential.pk),
        ("upstream_provider_test", lent.pk),
        ("upstream_provider_sync", lent.pk),
    ):
        answer = ada_browses.post(reverse(f"admin:{name}", args=[pk]))
        assert answer.status_code in {302, 403, 404}
        answer = ada_browses.get(reverse(f"admin:{name}", args=[pk]))
        assert answer.status_code in {302, 403, 404, 405}
    assert gateway.seen == []


def test_the_list_of_models_is_fetched_and_keeps_what_was_arranged(
    carol_browses: Client, lent: Provider, gateway: ChatGPTEmulator
) -> None:
    path = reverse("admin:upstream_provider_sync", args=[lent.pk])
    page = carol_browses.post(path, follow=True).content.decode()
    assert "Give it a credential first." in page
    Credential.objects.create(provider=lent, secret=SECRET)
    page = carol_browses.post(path, follow=True).content.decode()
    assert "2 models were added, of 2 that are listed." in page
    model = LanguageModel.objects.get(name="gpt-4")
    assert (model.title, model.context_window) == ("GPT-4", 4095)
    LanguageModel.objects.filter(pk=model.pk).update(title="Ours", is_enabled=False, position=7)
    LanguageModel.objects.create(provider=lent, name="vanished", title="Vanished")
    page = carol_browses.post(path, follow=True).content.decode()
    assert "0 models were added" in page
    assert "listed no more: vanished" in page
    model.refresh_from_db()
    assert (model.title, model.is_enabled, model.position) == ("Ours", False, 7)


def test_a_list_that_cannot_be_fetched_is_explained(
    carol_browses: Client, lent: Provider, gateway: ChatGPTEmulator
) -> None:
    Credential.objects.create(provider=lent, secret=SECRET)
    gateway.tokens.add("another")
    path = reverse("admin:upstream_provider_sync", args=[lent.pk])
    page = carol_browses.post(path, follow=True).content.decode()
    assert "The list could not be fetched" in page
    assert SECRET not in page


def test_strange_lists_harm_nobody(lent: Provider) -> None:
    listed = [
        ListedModel("", "no name"),
        ListedModel("x" * 500, "too long"),
        ListedModel("a", "t" * 500, -5),
        ListedModel("a", "twice", 2**40),
        ListedModel("b", "B", 4096),
    ]
    assert sync_models(lent, listed).added == 2


def test_one_model_is_the_default(carol_browses: Client, lent: Provider) -> None:
    first = LanguageModel.objects.create(provider=lent, name="a", is_default=True)
    second = LanguageModel.objects.create(provider=lent, name="b", is_default=True)
    first.refresh_from_db()
    assert not first.is_default
    changelist = reverse("admin:upstream_languagemodel_changelist")
    action = {"action": "make_default", "_selected_action": [first.pk]}
    assert carol_browses.post(changelist, action).status_code == 302
    assert list(LanguageModel.objects.filter(is_default=True)) == [first]
    assert second.name == "b"


def test_what_is_saved_takes_effect_with_the_next_message(
    ada_at: Browser,
    carol: Any,
    portal: Any,
    upstream: ScriptedUpstream,
    model: LanguageModel,
) -> None:
    """The same process, no restart: a new secret, and another address of the same host."""
    upstream.will(refuse(401, {"error": {"message": "no"}}))
    conversation = ada_at.start("One")
    assert settled(conversation).error_code == "unauthorized"
    carol_at = portal.opened_by(carol)
    credential = Credential.objects.get()
    form = {"provider": credential.provider_id, "new_secret": "sk-the-new-one", "is_enabled": "on"}
    path = reverse("admin:upstream_credential_change", args=[credential.pk])
    assert carol_at.post(path, **form).status_code == 302
    upstream.will(stream("Again."))
    ada_at.say(conversation, "Two")
    assert settled(conversation).status == "completed"
    assert upstream.requests[-1].headers["authorization"] == "Bearer sk-the-new-one"


def test_azures_deployments_are_asked_as_they_want_it(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    base = upstream.base_url.replace("/v1", "/openai/deployments/mine")
    Provider.objects.update(base_url=f"{base}?api-version=2024-10-21")
    conversation = ada_at.start("One")
    assert settled(conversation).status == "completed"
    (request,) = upstream.requests
    assert request.path == "/openai/deployments/mine/chat/completions?api-version=2024-10-21"
    assert request.headers["api-key"] == SECRET
    assert "authorization" not in request.headers
