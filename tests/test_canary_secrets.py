"""A canary in the place of each secret, sent down every path: it must come out of none."""

from __future__ import annotations

import json
import logging
import sys
import uuid
from collections.abc import Iterator
from io import StringIO
from tempfile import NamedTemporaryFile
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.views.debug import ExceptionReporter

from accounts.models import User
from tests.portal import Browser, Portal, answer_of, settled
from tests.upstreams.chatgpt_emulator import ChatGPTEmulator
from tests.upstreams.scripted import DONE, HEAD, Cut, ScriptedUpstream, frame, refuse
from upstream.models import Credential, LanguageModel, Provider
from upstream.pool.granting import Granted, LeaseRequest, grant

KEY = "sk-canary-key-0a1b2c3d4e5f"
TOKEN = "canary.access.token-0a1b2c3d4e5f"
OTHER_KEY = "sk-other-canary-0a1b2c3d4e5f"
PROXY_PASSWORD = "canary-proxy-0a1b2c3d4e5f"
CANARIES = (KEY, TOKEN, OTHER_KEY, PROXY_PASSWORD)


@pytest.fixture
def gateway() -> Iterator[ChatGPTEmulator]:
    with ChatGPTEmulator() as emulator:
        yield emulator


@pytest.fixture
def providers(
    transactional_db: None, upstream: ScriptedUpstream, gateway: ChatGPTEmulator
) -> dict[str, LanguageModel]:
    """One of each kind."""
    models = {}
    for kind, url, secret in (
        ("openai_chat", upstream.base_url, KEY),
        ("chatgpt_token", gateway.url, TOKEN),
        ("anthropic_messages", upstream.base_url, OTHER_KEY),
    ):
        provider = Provider.objects.create(
            title=kind,
            kind=kind,
            base_url=url,
            own_host_may_be_private=True,
            silence_seconds=3,
            longest_wait_seconds=1,
        )
        Credential.objects.create(provider=provider, secret=secret)
        models[kind] = LanguageModel.objects.create(provider=provider, name=kind)
    return models


def refusals(secret: str) -> list[list[Any]]:
    """An upstream that repeats what it was sent, in each place that it has."""
    said = f"you sent Bearer {secret} and 'Authorization: {secret}'"
    return [
        *(
            refuse(status, {"error": {"message": said, "code": said}})
            for status in (400, 401, 403, 404)
        ),
        *(refuse(status, {"detail": {"message": said}}) for status in (429, 500, 503)),
        refuse(403, f"<html><title>{said}</title></html>".encode()),
        refuse(200, f"<html><title>{said}</title></html>".encode()),
        refuse(200, {"detail": said, "error": said}),
        refuse(302, {}, headers={"Location": f"http://elsewhere.example/?token={secret}"}),
        [HEAD, frame({"error": {"message": said}}), DONE],
        [HEAD, frame(f'{{"choices": "{said}'.encode()), DONE],
        [HEAD, frame({"choices": [{"delta": said}]}), DONE],
        # Where an excerpt of 200 bytes would be cut, so that a half of it would stay.
        [HEAD, frame(f'{{"x": "{"x" * 175}{secret}'.encode()), DONE],
        [HEAD, frame({"x" * 170: secret, "choices": [1], "type": "content_block_delta"}), DONE],
        [HEAD, Cut],
    ]


def assert_clean(text: str) -> None:
    for canary in CANARIES:
        assert canary[:14] not in text


@pytest.mark.once
@pytest.mark.parametrize("number", range(len(refusals(""))))
def test_no_answer_of_an_upstream_brings_it_to_light(
    ada_at: Browser,
    carol: User,
    portal: Portal,
    providers: dict[str, LanguageModel],
    upstream: ScriptedUpstream,
    caplog: pytest.LogCaptureFixture,
    number: int,
) -> None:
    caplog.set_level(logging.DEBUG)
    # The same misbehaving server stands behind both kinds.
    Provider.objects.filter(kind="chatgpt_token").update(
        base_url=f"http://127.0.0.1:{upstream.port}/conversation"
    )
    carol_at = portal.opened_by(carol)
    kinds = (("openai_chat", KEY), ("chatgpt_token", TOKEN), ("anthropic_messages", OTHER_KEY))
    for kind, secret in kinds:
        upstream.will(refusals(secret)[number])
        with ada_at.socket() as page:
            conversation = ada_at.start("Well?", model=providers[kind].pk)
            page.join(conversation)
            settled(conversation)
            page.until_quiet(0.3)
            assert_clean(json.dumps(page.events))
        generation = settled(conversation)
        assert generation.error_code
        assert_clean(generation.error_detail)
        assert_clean(answer_of(conversation).text)
        assert_clean(ada_at.http.get(f"/conversations/{conversation.pk}/").text)
        credential = Credential.objects.get(provider__kind=kind)
        upstream.will(refusals(secret)[number])  # for the list of models
        upstream.will(refusals(secret)[number])  # for the answer
        trial = carol_at.post(reverse("admin:upstream_credential_test", args=[credential.pk]))
        assert trial.status_code == 200
        assert_clean(trial.text)
        upstream.will(refusals(secret)[number])
        path = reverse("admin:upstream_provider_sync", args=[credential.provider_id])
        assert_clean(carol_at.http.post(path, follow_redirects=True).text)
        upstream.forget()
    assert_clean(caplog.text)


def test_no_page_history_repr_export_or_error_page_has_it(
    providers: dict[str, LanguageModel], carol_browses: Client
) -> None:
    Provider.objects.update(proxy_url=f"socks5://who:{PROXY_PASSWORD}@127.0.0.1:1080")
    for provider in Provider.objects.all():
        form = {
            "title": provider.title,
            "kind": provider.kind,
            "base_url": provider.base_url,
            "own_host_may_be_private": "on",
            "proxy": f"http://who:{PROXY_PASSWORD}@127.0.0.1:3128",
            "connect_seconds": "x",  # refused: the form is shown again
            "silence_seconds": 5,
        }
        path = reverse("admin:upstream_provider_change", args=[provider.pk])
        carol_browses.post(
            path,
            {
                **form,
                "connect_seconds": 5,
                "operator_acknowledged": "on",
                "proxy_may_be_private": "on",
            },
        )
        assert_clean(carol_browses.get(path).content.decode())
    for credential in Credential.objects.all():
        path = reverse("admin:upstream_credential_change", args=[credential.pk])
        secret = credential.reveal()
        saved = carol_browses.post(path, {"new_secret": secret, "is_enabled": "on"}, follow=True)
        assert_clean(saved.content.decode())
        refused = carol_browses.post(path, {"new_secret": secret, "title": "x" * 200})
        assert refused.status_code == 200
        assert_clean(refused.content.decode())
        history = reverse("admin:upstream_credential_history", args=[credential.pk])
        assert_clean(carol_browses.get(history).content.decode())
        assert_clean(repr(credential) + str(credential) + repr(credential.provider))
    for path in (
        "admin:index",
        "admin:upstream_credential_changelist",
        "admin:upstream_provider_changelist",
    ):
        assert_clean(carol_browses.get(reverse(path)).content.decode())
    assert_clean(
        str([(entry.object_repr, entry.change_message) for entry in LogEntry.objects.all()])
    )


def test_the_database_and_a_dump_of_it_hold_ciphertext(
    providers: dict[str, LanguageModel],
) -> None:
    Provider.objects.update(proxy_url=f"socks5://who:{PROXY_PASSWORD}@127.0.0.1:1080")
    with connection.cursor() as cursor:
        for table in ("upstream_credential", "upstream_provider"):
            cursor.execute(f"SELECT * FROM {table}")
            assert_clean(str(cursor.fetchall()))
    dump = StringIO()
    call_command("dumpdata", "upstream", stdout=dump)
    assert_clean(dump.getvalue())
    Credential.objects.all().delete()
    with NamedTemporaryFile("w", suffix=".json") as file:
        file.write(dump.getvalue())
        file.flush()
        call_command("loaddata", file.name, verbosity=0)
    assert {credential.reveal() for credential in Credential.objects.all()} == {
        KEY,
        TOKEN,
        OTHER_KEY,
    }


def test_an_error_page_of_the_developers_kind_leaves_them_out(
    providers: dict[str, LanguageModel], ada: User
) -> None:
    """Django's report shows local variables by their repr: none of ours may have a secret in it."""
    model = providers["openai_chat"]
    request = LeaseRequest(uuid.uuid4(), ada.pk, model, lambda: (model,))
    try:
        (leased,) = grant([request], holder=uuid.uuid4(), providers=[model.provider_id])
        assert isinstance(leased, Granted)
        target = leased.target
        raise RuntimeError(f"something about {target.base_url}")
    except RuntimeError:
        report = ExceptionReporter(None, *sys.exc_info()).get_traceback_text()
    assert_clean(report)


def test_no_command_prints_it(providers: dict[str, LanguageModel]) -> None:
    out = StringIO()
    call_command("bootstrap", stdout=out, stderr=out)
    call_command("check", stdout=out, stderr=out)
    assert_clean(out.getvalue())
