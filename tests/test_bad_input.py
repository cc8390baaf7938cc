"""Bad input gets a clear error and loses nothing."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from conversations.forms import LONGEST_TEXT
from conversations.models import Conversation, Message
from upstream.models import LanguageModel, Provider

FETCH = {"X-Requested-With": "fetch"}


@pytest.fixture
def model(db: None) -> LanguageModel:
    provider = Provider.objects.create(title="Nowhere", base_url="http://127.0.0.1:9/v1")
    return LanguageModel.objects.create(provider=provider, name="m")


def _start(browser: Client, text: str, **form: Any) -> Any:
    form = {"text": text, "client_id": str(uuid.uuid4()), **form}
    return browser.post(reverse("conversations:conversation-create"), form, headers=FETCH)


@pytest.mark.parametrize("text", ["", " ", "\n\t\u3000 \n"])
def test_a_blank_message_is_refused(ada_browses: Client, model: LanguageModel, text: str) -> None:
    refused = _start(ada_browses, text)
    assert refused.status_code == 422
    assert refused.json()["error"] == {"code": "required", "message": "Write something first."}
    assert not Conversation.objects.exists()


def test_a_megabyte_is_refused_with_a_sentence(ada_browses: Client, model: LanguageModel) -> None:
    refused = _start(ada_browses, "x" * 1_000_000)
    assert refused.status_code == 422
    assert refused.json()["error"]["code"] == "max_length"
    assert "too long" in refused.json()["error"]["message"]


def test_the_longest_text_is_kept_to_the_letter(ada_browses: Client, model: LanguageModel) -> None:
    text = "天" * LONGEST_TEXT
    assert _start(ada_browses, text).status_code == 201
    assert Message.objects.get(role="user").text == text


def test_more_than_a_request_may_hold_is_refused(ada_browses: Client, model: LanguageModel) -> None:
    refused = _start(ada_browses, "x" * 17_000_000)
    assert refused.status_code == 413
    assert refused.json()["error"]["code"] == "too_large"


def test_white_space_around_a_message_stays(ada_browses: Client, model: LanguageModel) -> None:
    _start(ada_browses, "    indented\r\ncode\n")
    assert Message.objects.get(role="user").text == "    indented\ncode\n"


def test_nul_and_lone_surrogates_become_replacement_characters(
    ada_browses: Client, model: LanguageModel
) -> None:
    body = b"text=a%00b%ED%A0%BDc&client_id=" + str(uuid.uuid4()).encode()
    answer = ada_browses.post(
        reverse("conversations:conversation-create"),
        body,
        content_type="application/x-www-form-urlencoded",
        headers=FETCH,
    )
    assert answer.status_code == 201
    text = Message.objects.get(role="user").text
    assert text.startswith("a\ufffdb\ufffd")
    assert text.endswith("c")


@pytest.mark.parametrize("client_id", ["", "7", "not-a-uuid", "x" * 10_000])
def test_a_client_id_that_is_none(
    ada_browses: Client, model: LanguageModel, client_id: str
) -> None:
    assert _start(ada_browses, "Hi", client_id=client_id).status_code == 422


@pytest.mark.parametrize("chosen", ["999999", "x", "-1", "9" * 40])
def test_a_model_that_is_none(ada_browses: Client, model: LanguageModel, chosen: str) -> None:
    refused = _start(ada_browses, "Hi", model=chosen)
    assert refused.status_code == 422
    assert refused.json()["error"]["message"].endswith(".")


def test_without_any_model_the_page_says_what_to_do(
    ada_browses: Client, carol_browses: Client
) -> None:
    refused = _start(ada_browses, "Hi")
    assert refused.status_code == 422
    assert refused.json()["error"]["code"] == "no_model"
    assert "No model is set up" in ada_browses.get("/").content.decode()
    assert reverse("admin:upstream_provider_add") in carol_browses.get("/").content.decode()


def test_a_title_without_letters(ada_browses: Client, model: LanguageModel) -> None:
    _start(ada_browses, "Hi")
    conversation = Conversation.objects.get()
    path = reverse("conversations:conversation-rename", args=[conversation.pk])
    for title in ("", "   ", "x" * 201):
        assert ada_browses.post(path, {"title": title}, headers=FETCH).status_code == 422
    assert (
        ada_browses.post(path, {"title": " New\0 <b>title</b> "}, headers=FETCH).status_code == 200
    )
    conversation.refresh_from_db()
    assert conversation.title == "New\ufffd <b>title</b>"
    assert "<b>title" not in ada_browses.get("/").content.decode()


def test_what_is_deleted_can_be_brought_back(ada_browses: Client, model: LanguageModel) -> None:
    _start(ada_browses, "Precious")
    conversation = Conversation.objects.get()
    deleted = ada_browses.post(
        reverse("conversations:conversation-delete", args=[conversation.pk]), headers=FETCH
    )
    assert ada_browses.get(conversation.get_absolute_url()).status_code == 404
    ada_browses.post(deleted.json()["restore_url"], headers=FETCH)
    assert "Precious" in ada_browses.get(conversation.get_absolute_url()).content.decode()


def test_a_page_without_script_works(ada_browses: Client, model: LanguageModel) -> None:
    form = {"text": "No script here", "client_id": str(uuid.uuid4())}
    page = ada_browses.post(reverse("conversations:conversation-create"), form, follow=True)
    assert "No script here" in page.content.decode()
    refused = ada_browses.post(
        reverse("conversations:conversation-create"), {**form, "text": ""}, follow=True
    )
    assert "Write something first." in refused.content.decode()


@pytest.mark.parametrize("moment", ["x", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_beyond_the_calendar(ada_browses: Client, moment: str) -> None:
    assert ada_browses.get(reverse("conversations:home"), {"before": moment}).status_code == 200
    restore = reverse("conversations:prompt-template-restore")
    assert ada_browses.post(f"{restore}?deleted_at={quote(moment)}").status_code == 404
