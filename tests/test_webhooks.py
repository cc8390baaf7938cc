"""Telling a service by webhook: what counts as told, and what of its address is seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.portal import Browser, eventually
from tests.upstreams.scripted import ScriptedUpstream, refuse
from upstream.client import UpstreamClient
from upstream.errors import Unreachable
from upstream.models import Alert, Credential, LanguageModel, Webhook
from upstream.pool.alerts import raise_alerts
from upstream.pool.webhooks import refusal_in

CANARY = "canary-of-the-webhook"

pytestmark = pytest.mark.once


@pytest.fixture
def hook() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as scripted:
        yield scripted


def hooked(hook: ScriptedUpstream, kind: str, *, who: str = "") -> Webhook:
    url = f"http://{who}127.0.0.1:{hook.port}/services/{CANARY}"
    return Webhook.objects.create(title=kind, kind=kind, url=url, may_be_private=True)


@pytest.mark.parametrize("status", [201, 202, 204])
def test_any_success_counts_as_told(
    ada_at: Browser, model: LanguageModel, hook: ScriptedUpstream, status: int
) -> None:
    hooked(hook, "any")
    hook.will(refuse(status, b""))
    raise_alerts(Credential.objects.get(), event="credential_expired")
    eventually(lambda: Alert.objects.get().told_at, within=15)
    assert len(hook.requests) == 1


@pytest.mark.parametrize(
    ("kind", "answer", "problem"),
    [
        ("wecom", b'{"errcode":93000,"errmsg":"invalid webhook url"}', "errcode 93000"),
        ("wecom", b'{"errcode":0,"errmsg":"ok"}', ""),
        ("feishu", b'{"code":19001,"msg":"param invalid"}', "code 19001: param invalid"),
        ("feishu", b'{"StatusCode":0,"StatusMessage":"success","code":0}', ""),
        ("feishu", b"[]", ""),
        ("slack", b"ok", ""),
        ("any", b'{"code":200}', ""),
    ],
)
def test_a_refusal_may_come_with_success(kind: str, answer: bytes, problem: str) -> None:
    found = refusal_in(kind, answer)
    assert found.startswith(problem) if problem else found == ""


def test_a_refusal_with_success_is_tried_again(
    ada_at: Browser, model: LanguageModel, hook: ScriptedUpstream
) -> None:
    hooked(hook, "wecom")
    hook.will(refuse(200, {"errcode": 45009, "errmsg": "api freq out of limit"}))
    raise_alerts(Credential.objects.get(), event="credential_expired")
    eventually(lambda: "45009" in Alert.objects.get().problem, within=15)
    assert Alert.objects.get().told_at is None
    Alert.objects.update(next_try_at=timezone.now())
    eventually(lambda: Alert.objects.get().told_at, within=15)


def test_one_that_nobody_can_call_holds_up_no_other(
    ada_at: Browser, model: LanguageModel, hook: ScriptedUpstream
) -> None:
    uncallable = hooked(hook, "any", who=f"ops:{CANARY}@")
    hooked(hook, "slack")
    raise_alerts(Credential.objects.get(), event="credential_expired")
    eventually(lambda: Alert.objects.exclude(told_at=None), within=15)
    eventually(lambda: Alert.objects.get(webhook=uncallable).problem, within=15)
    assert CANARY not in Alert.objects.get(webhook=uncallable).problem


async def test_the_path_alone_is_taken_out_of_what_is_kept(hook: ScriptedUpstream) -> None:
    client = UpstreamClient()
    url = f"http://127.0.0.1:{hook.port}/services/{CANARY}"
    hook.will(refuse(500, f"no such hook: /services/{CANARY}".encode()))
    with pytest.raises(Unreachable) as raised:
        await client.post_webhook(url, {}, may_be_private=True)
    assert CANARY not in raised.value.detail
    with pytest.raises(Unreachable, match="not allowed"):  # what was allowed before is asked anew
        await client.post_webhook(url, {}, may_be_private=False)
    await client.aclose()


def test_a_name_and_password_are_neither_taken_nor_shown(
    carol_browses: Client, hook: ScriptedUpstream
) -> None:
    form: dict[str, Any] = {"title": "Ops", "kind": "any", "may_be_private": "on"}
    form["new_url"] = f"http://ops:{CANARY}@127.0.0.1:{hook.port}/hook"
    page = carol_browses.post(reverse("admin:upstream_webhook_add"), form).content.decode()
    assert "Leave name and password out" in page
    old = hooked(hook, "any", who=f"ops:{CANARY}@")  # from before these were refused
    assert CANARY not in old.shown_url
    assert str(hook.port) in old.shown_url
