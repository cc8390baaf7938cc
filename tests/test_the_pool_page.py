"""What the administrator sees of the pool, and does about it; and how administrators are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tests.portal import SECRET, Browser, Portal, eventually, settled
from tests.test_pasted_secrets import jwt
from tests.upstreams.scripted import HEAD, Hold, ScriptedUpstream, delta, refuse
from upstream.attention import concerns
from upstream.models import Alert, Credential, LanguageModel, Provider, UsageRecord, Webhook
from upstream.pool.alerts import raise_alerts, tell_by_mail, watch_expiry
from upstream.pool.figures import pool_figures

POOL = "admin:upstream_pool"


@pytest.fixture
def credential(db: None) -> Credential:
    provider = Provider.objects.create(title="Somewhere", base_url="https://api.example.com/v1")
    LanguageModel.objects.create(provider=provider, name="m")
    return Credential.objects.create(provider=provider, secret=SECRET, title="Ours", most_at_once=3)


def test_each_state_is_shown_with_its_reason(carol_browses: Client, credential: Credential) -> None:
    states = {
        "healthy": {},
        "cooling": {"cooling_until": timezone.now() + timedelta(minutes=5), "reason": "HTTP 429"},
        "expired or refused": {"state": "expired", "reason": "HTTP 401"},
        "the account was closed": {"state": "blocked", "reason": "deactivated"},
        "paused": {"is_enabled": False},
    }
    for label, change in states.items():
        Credential.objects.update(
            **{
                "state": "healthy",
                "is_enabled": True,
                "cooling_until": None,
                "reason": "",
                **change,
            }
        )
        page = carol_browses.get(reverse(POOL)).content.decode()
        assert label in page
        assert str(change.get("reason", "")) in page
        assert SECRET not in page


def test_the_figures_of_today(ada: User, credential: Credential) -> None:
    for milliseconds in range(100, 1100, 10):
        UsageRecord.objects.create(
            member=ada,
            credential=credential,
            generation="0" * 32,
            outcome="completed",
            first_text_ms=milliseconds,
            prompt_tokens=10,
            completion_tokens=5,
        )
    UsageRecord.objects.create(
        credential=credential,
        generation="0" * 32,
        outcome="completed",
        first_text_ms=100,
        started_at=timezone.now() - timedelta(days=2),
    )
    UsageRecord.objects.create(credential=credential, generation="0" * 32, outcome="rate_limited")
    (line,) = pool_figures()
    (row,) = line.rows
    assert (row.answers, row.tokens, row.some_estimated) == (100, 1500, False)
    assert row.median == pytest.approx(0.595)
    assert row.p95 == pytest.approx(1.04, abs=0.01)


def test_pause_and_resume(carol_browses: Client, credential: Credential) -> None:
    carol_browses.post(reverse("admin:upstream_pool_pause", args=[credential.pk]))
    credential.refresh_from_db()
    assert not credential.is_enabled
    Credential.objects.update(state="expired", cooling_count=3, reason="HTTP 401")
    carol_browses.post(reverse("admin:upstream_pool_resume", args=[credential.pk]))
    credential.refresh_from_db()
    assert (credential.is_enabled, credential.state, credential.cooling_count) == (
        True,
        "healthy",
        0,
    )


def test_the_way_from_the_credentials_to_the_pool(
    carol_browses: Client, credential: Credential
) -> None:
    page = carol_browses.get(reverse("admin:upstream_credential_changelist")).content.decode()
    for name in (POOL, "admin:upstream_credential_paste", "admin:upstream_credential_add"):
        assert f'href="{reverse(name)}' in page


def test_only_administrators(ada_browses: Client, credential: Credential) -> None:
    for name in ("pool", "credential_paste"):
        assert ada_browses.get(reverse(f"admin:upstream_{name}")).status_code in {302, 403}
    for name in ("pause", "resume"):
        path = reverse(f"admin:upstream_pool_{name}", args=[credential.pk])
        assert ada_browses.post(path).status_code in {302, 403}
    credential.refresh_from_db()
    assert credential.is_enabled


def test_who_waits_and_what_is_in_flight(
    ada_at: Browser, carol: User, portal: Portal, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    Provider.objects.update(longest_wait_seconds=60)
    Credential.objects.update(most_at_once=1)
    hold = Hold()
    upstream.will([HEAD, delta("One"), hold])
    first = ada_at.start("First")
    eventually(lambda: upstream.requests)
    second = ada_at.start("Second")
    page = portal.opened_by(carol).http.get(reverse(POOL)).text
    assert "1 waits" in page
    assert "1 / 1" in page
    for conversation in (second, first):
        ada_at.stop(conversation.generations.get())
        settled(conversation)
    hold.release()


def test_many_are_pasted_at_once(carol_browses: Client, credential: Credential) -> None:
    path = reverse("admin:upstream_credential_paste")
    pasted = "\n".join(
        [
            "sk-first-0123456789",
            "",
            "Bearer sk-second-0123456789",
            SECRET,
            "令牌",
            jwt(exp=1_700_000_000),
            "sk-first-0123456789",
        ]
    )
    form = {"provider": credential.provider_id, "pasted": pasted}
    page = carol_browses.post(path, form).content.decode()
    assert "2 credentials were added." in page
    for words in (
        "Line 4:",
        "It is there already.",
        "Line 5:",
        "neither a key nor a token",
        "has expired",
    ):
        assert words in page
    assert "sk-first-0123456789" not in page
    secrets = {each.reveal() for each in Credential.objects.all()}
    assert secrets == {SECRET, "sk-first-0123456789", "sk-second-0123456789"}


# --- Being told --------------------------------------------------------------------------------------------------


@pytest.fixture
def hook() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as scripted:
        yield scripted


@pytest.mark.once
@pytest.mark.parametrize(
    ("kind", "text_of"),
    [
        ("slack", lambda body: body["text"]),
        ("wecom", lambda body: body["text"]["content"]),
        ("feishu", lambda body: body["content"]["text"]),
        ("any", lambda body: body["text"]),
    ],
    ids=["slack", "wecom", "feishu", "any"],
)
def test_a_webhook_is_told_when_a_credential_is_taken_out(
    ada_at: Browser,
    upstream: ScriptedUpstream,
    model: LanguageModel,
    hook: ScriptedUpstream,
    kind: str,
    text_of: Any,
    settings: Any,
) -> None:
    settings.PORTAL_URL = "https://chat.example.com"
    url = f"http://127.0.0.1:{hook.port}/services/canary-of-the-webhook"
    Webhook.objects.create(title="Ops", kind=kind, url=url, may_be_private=True)
    Credential.objects.update(title="The team's key")
    upstream.will(refuse(401, {"error": {"message": f"bad {SECRET}"}}))
    settled(ada_at.start())
    request = eventually(lambda: hook.requests and hook.requests[0], within=15)
    text = text_of(request.body)
    assert "The team's key" in text
    assert SECRET not in text
    if kind == "any":
        assert request.body["url"].startswith("https://chat.example.com/admin/")
    eventually(lambda: Alert.objects.get().told_at)


@pytest.mark.once
def test_a_webhook_that_fails_is_tried_again_and_not_shown(
    ada_at: Browser, model: LanguageModel, hook: ScriptedUpstream
) -> None:
    url = f"http://127.0.0.1:{hook.port}/services/canary-of-the-webhook"
    Webhook.objects.create(title="Ops", kind="slack", url=url, may_be_private=True)
    hook.will(refuse(500, {"error": {"message": f"no {url}"}}))
    raise_alerts(Credential.objects.get(), event="credential_expired")
    eventually(lambda: Alert.objects.get().problem, within=15)
    alert = Alert.objects.get()
    assert alert.told_at is None
    assert alert.next_try_at > timezone.now()
    assert "canary-of-the-webhook" not in alert.problem
    Alert.objects.update(next_try_at=timezone.now())
    eventually(lambda: Alert.objects.get().told_at, within=15)


def test_administrators_are_told_by_mail(
    carol: User, ada: User, credential: Credential, settings: Any, mailoutbox: list[Any]
) -> None:
    settings.MAIL_BY_ENVIRONMENT = True
    settings.PORTAL_URL = "https://chat.example.com"
    raise_alerts(credential, event="credential_blocked", detail="deactivated")
    tell_by_mail()
    tell_by_mail()  # once
    (mail,) = mailoutbox
    assert mail.to == ["carol@example.com"]
    assert "Ours" in mail.body
    assert "https://chat.example.com/admin/upstream/credential/" in mail.body


def test_without_an_address_nothing_counts_as_told(
    carol: User, credential: Credential, settings: Any, mailoutbox: list[Any]
) -> None:
    """The first administrator is made without one."""
    settings.MAIL_BY_ENVIRONMENT = True
    settings.PORTAL_URL = "https://chat.example.com"
    User.objects.update(email="")
    raise_alerts(credential, event="credential_blocked")
    tell_by_mail()
    assert Alert.objects.get().told_at is None
    assert any("e-mail address" in concern.text for concern in concerns())
    User.objects.update(email="carol@example.com")
    tell_by_mail()
    assert len(mailoutbox) == 1
    assert not any("e-mail address" in concern.text for concern in concerns())


def test_tokens_that_run_out_are_told_of_a_week_and_a_day_ahead_and_taken_out(
    credential: Credential,
) -> None:
    Webhook.objects.create(title="Ops", url="https://hooks.example.com/x")
    now = timezone.now()
    for left, alerts in ((timedelta(days=9), 0), (timedelta(days=6), 1)):
        Credential.objects.update(expires_at=now + left)
        watch_expiry()
        watch_expiry()
        assert Alert.objects.count() == alerts
    Alert.objects.update(created_at=now - timedelta(days=5))
    Credential.objects.update(expires_at=now + timedelta(hours=20))
    watch_expiry()
    watch_expiry()
    assert Alert.objects.count() == 2
    Credential.objects.update(expires_at=now - timedelta(seconds=1))
    watch_expiry()
    watch_expiry()
    assert Credential.objects.get().state == "expired"
    assert list(Alert.objects.values_list("event", flat=True)).count("credential_expired") == 1


def test_a_webhooks_address_goes_in_and_not_out(carol_browses: Client) -> None:
    path = reverse("admin:upstream_webhook_add")
    form = {
        "title": "Ops",
        "kind": "slack",
        "new_url": "http://127.0.0.1:9/services/canary-of-the-webhook",
        "is_enabled": "on",
    }
    asked = carol_browses.post(path, form).content.decode()
    assert "private network" in asked
    assert "canary-of-the-webhook" not in asked
    assert carol_browses.post(path, {**form, "may_be_private": "on"}).status_code == 302
    webhook = Webhook.objects.get()
    for name, args in (("changelist", []), ("change", [webhook.pk])):
        page = carol_browses.get(reverse(f"admin:upstream_webhook_{name}", args=args))
        assert "canary-of-the-webhook" not in page.content.decode()
    metadata = {**form, "new_url": "http://169.254.169.254/latest"}
    assert "cannot be called" in carol_browses.post(path, metadata).content.decode()
