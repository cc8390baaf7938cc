"""Secrets are encrypted in the database, and appear on no page, in no repr, and in no log."""

from __future__ import annotations

import logging
import uuid

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.portal import SECRET, Browser, settled
from tests.upstreams.scripted import ScriptedUpstream, refuse
from upstream.errors import Unauthorized
from upstream.models import Credential, LanguageModel, Provider
from upstream.pool.granting import Granted, LeaseRequest, Refused, grant


@pytest.fixture
def credential(db: None) -> Credential:
    provider = Provider.objects.create(title="Somewhere", base_url="https://api.example.com/v1")
    LanguageModel.objects.create(provider=provider, name="m")
    return Credential.objects.create(provider=provider, secret=SECRET)


def test_the_database_holds_ciphertext(credential: Credential) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM upstream_credential")
        (stored,) = cursor.fetchone()
    assert stored
    assert SECRET not in stored
    assert Credential.objects.get().reveal() == SECRET


def lease(member: User) -> object:
    """What is answered to somebody who wants the one model there is."""
    model = LanguageModel.objects.get()
    request = LeaseRequest(uuid.uuid4(), member.pk, model, lambda: (model,))
    return grant([request], holder=uuid.uuid4(), providers=[model.provider_id])[0]


def test_keys_rotate(credential: Credential, carol: User, settings: object) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [
        Fernet.generate_key().decode(),
        *settings.FIELD_ENCRYPTION_KEYS,
    ]  # type: ignore[attr-defined]
    assert Credential.objects.get().reveal() == SECRET
    settings.FIELD_ENCRYPTION_KEYS = settings.FIELD_ENCRYPTION_KEYS[:1]  # type: ignore[attr-defined]
    assert isinstance(lease(carol), Refused)


def test_no_repr_holds_it(credential: Credential, carol: User) -> None:
    leased = lease(carol)
    assert isinstance(leased, Granted)
    for thing in (credential, leased, leased.target, Credential.objects.all()):
        assert SECRET not in repr(thing)
        assert SECRET not in str(thing)


def test_no_page_of_the_admin_shows_it(credential: Credential, carol_browses: Client) -> None:
    for path in (
        reverse("admin:index"),
        reverse("admin:upstream_credential_changelist"),
        reverse("admin:upstream_credential_change", args=[credential.pk]),
        reverse("admin:upstream_provider_changelist"),
    ):
        page = carol_browses.get(path)
        assert page.status_code == 200
        assert SECRET not in page.content.decode()
        assert SECRET[-4:] not in page.content.decode() or "…" in page.content.decode()


def test_an_administrator_replaces_it_without_seeing_it(
    credential: Credential, carol_browses: Client
) -> None:
    path = reverse("admin:upstream_credential_change", args=[credential.pk])
    form = {
        "provider": credential.provider_id,
        "title": "Main",
        "is_enabled": "on",
        "new_secret": "",
    }
    assert carol_browses.post(path, form).status_code == 302
    assert Credential.objects.get().reveal() == SECRET
    assert carol_browses.post(path, {**form, "new_secret": "sk-new-one"}).status_code == 302
    assert Credential.objects.get().reveal() == "sk-new-one"
    history = carol_browses.get(reverse("admin:upstream_credential_history", args=[credential.pk]))
    assert "sk-new-one" not in history.content.decode()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_an_upstream_that_repeats_the_secret_is_not_repeated(
    ada_at: Browser,
    upstream: ScriptedUpstream,
    model: LanguageModel,
    status: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    upstream.will(refuse(status, {"error": {"message": f"you sent Bearer {SECRET}"}}))
    conversation = ada_at.start("My private question")
    generation = settled(conversation)
    assert "•••" in generation.error_detail
    assert SECRET not in generation.error_detail
    assert SECRET not in caplog.text
    ours = "\n".join(
        line.getMessage()
        for line in caplog.records
        if line.name.startswith(("conv", "upst", "acc"))
    )
    assert "My private question" not in ours


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("api.example.com/v1", "begins with"),
        ("https://user:pw@api.example.com/v1", "name and password"),
        ("ftp://api.example.com", "begins with"),
        ("http://127.0.0.1:8080/v1", "127.0.0.1"),
        ("http://2130706433/v1", "127.0.0.1"),
        ("http://169.254.169.254/v1", "never"),
        ("http://[::ffff:10.0.0.1]/v1", "private network"),
        ("http://x:99999/", "no URL"),
    ],
)
def test_the_form_of_a_provider_names_what_is_wrong(
    carol_browses: Client, url: str, named: str
) -> None:
    form = {"title": "P", "kind": "openai_chat", "base_url": url, "is_enabled": "on"}
    page = carol_browses.post(
        reverse("admin:upstream_provider_add"),
        {**form, "connect_seconds": 10, "silence_seconds": 120},
    )
    assert page.status_code == 200
    assert named in page.content.decode()
    assert not Provider.objects.exists()


def test_a_provider_that_changes_its_host_loses_its_secrets(
    credential: Credential, carol_browses: Client
) -> None:
    """Else whoever may change the host could have the secret sent to one of their own."""
    path = reverse("admin:upstream_provider_change", args=[credential.provider_id])
    form = {
        "title": "P",
        "kind": "openai_chat",
        "is_enabled": "on",
        "connect_seconds": 5,
        "silence_seconds": 5,
    }
    same_host = {**form, "base_url": "https://api.example.com/v2"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("upstream.forms.private_addresses", lambda host, port: [])
        assert carol_browses.post(path, same_host).status_code == 302
        assert Credential.objects.get().reveal() == SECRET
        page = carol_browses.post(
            path, {**form, "base_url": "https://evil.example/v1"}, follow=True
        )
    assert "credentials were emptied" in page.content.decode()
    emptied = Credential.objects.get()
    assert (emptied.reveal(), emptied.is_enabled) == ("", False)


def test_a_secret_across_the_cut_of_an_excerpt_is_taken_out_whole() -> None:
    error = Unauthorized("x" * 490 + SECRET + " and more").made_presentable(SECRET)
    assert not any(SECRET[:length] in error.detail for length in range(4, len(SECRET)))
