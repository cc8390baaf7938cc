"""The page of a member's settings: saved as a whole, and nothing typed is lost where something is wrong."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from conversations.defaults import defaults_of
from conversations.models import Conversation, ConversationDefaults
from upstream.models import LanguageModel, Provider

PAGE = "/settings/"
AS_IT_IS = {
    "enter_key": "device",
    "typewriter": "smooth",
    "system_prompt": "",
    "uses_context": "on",
}


@pytest.fixture
def models(db: None) -> list[LanguageModel]:
    provider = Provider.objects.create(title="Nowhere", base_url="http://127.0.0.1:9/v1")
    return [
        LanguageModel.objects.create(provider=provider, name=name, title=name, position=position)
        for position, name in enumerate(("first", "second"))
    ]


def save(browser: Client, **changes: Any) -> Any:
    return browser.post(PAGE, {**AS_IT_IS, **changes}, follow=True)


def test_what_is_saved_is_told_and_shown(ada_browses: Client, ada: User) -> None:
    page = save(ada_browses, enter_key="newline", typewriter="whole")
    assert page.redirect_chain == [(PAGE, 302)]
    words = page.content.decode()
    assert "Your settings were saved." in words
    assert 'data-typewriter="whole" data-enter="newline"' in words
    ada.refresh_from_db()
    assert (ada.enter_key, ada.typewriter) == ("newline", "whole")
    assert ada.access_version == 0, "no socket is closed for the sake of a key"


def test_a_page_begins_with_the_defaults_of_the_portal(ada_browses: Client, ada: User) -> None:
    words = ada_browses.get("/").content.decode()
    assert 'data-theme="system"' in words
    assert 'data-typewriter="smooth" data-enter="device"' in words
    assert defaults_of(ada) == {
        "language_model": None,
        "system_prompt": "",
        "temperature": None,
        "top_p": None,
        "longest_answer": None,
        "earlier_messages": None,
        "uses_context": True,
    }


def test_the_defaults_of_new_conversations_are_kept(
    ada_browses: Client, ada: User, bob: User, models: list[LanguageModel]
) -> None:
    wished = {
        "language_model": models[1].pk,
        "system_prompt": "  Be brief.\r\nAlways.",
        "temperature": "0.7",
        "top_p": "0.9",
        "longest_answer": "500",
        "earlier_messages": "0",
        "uses_context": "",
    }
    save(ada_browses, **wished)
    assert defaults_of(ada) == {
        "language_model": models[1],
        "system_prompt": "  Be brief.\nAlways.",
        "temperature": 0.7,
        "top_p": 0.9,
        "longest_answer": 500,
        "earlier_messages": 0,
        "uses_context": False,
    }
    assert defaults_of(bob)["language_model"] is None
    assert "Be brief." in ada_browses.get(PAGE).content.decode()
    save(ada_browses)
    assert defaults_of(ada)["temperature"] is None
    assert ConversationDefaults.objects.count() == 1


def test_a_new_conversation_is_answered_by_the_model_wished_for(
    ada_browses: Client, models: list[LanguageModel]
) -> None:
    save(ada_browses, language_model=models[1].pk)
    assert f'value="{models[1].pk}" selected' in ada_browses.get("/").content.decode()
    form = {"text": "Hi", "client_id": str(uuid.uuid4())}
    ada_browses.post("/conversations/new/", form, headers={"X-Requested-With": "fetch"})
    assert Conversation.objects.get().language_model == models[1]


def test_a_new_conversation_begins_with_the_settings_wished_for(
    ada_browses: Client, models: list[LanguageModel]
) -> None:
    save(ada_browses, system_prompt="Be brief.", temperature="0.5", earlier_messages="4")
    assert "Be brief." in ada_browses.get("/").content.decode()
    form = {"text": "Hi", "client_id": str(uuid.uuid4())}
    ada_browses.post("/conversations/new/", form, headers={"X-Requested-With": "fetch"})
    begun = Conversation.objects.get()
    assert (begun.system_prompt, begun.temperature, begun.earlier_messages) == ("Be brief.", 0.5, 4)
    assert (begun.top_p, begun.uses_context) == (None, True)


def test_what_was_chosen_for_a_conversation_goes_before_the_defaults(
    ada_browses: Client, models: list[LanguageModel]
) -> None:
    save(ada_browses, system_prompt="Be brief.", temperature="0.5")
    form = {"text": "Hi", "client_id": str(uuid.uuid4()), "has_settings": "1", "temperature": "1"}
    ada_browses.post("/conversations/new/", form, headers={"X-Requested-With": "fetch"})
    begun = Conversation.objects.get()
    assert (begun.system_prompt, begun.temperature, begun.uses_context) == ("", 1.0, False)


def test_a_model_that_is_gone_is_wished_for_in_vain(
    ada_browses: Client, models: list[LanguageModel]
) -> None:
    save(ada_browses, language_model=models[1].pk)
    LanguageModel.objects.filter(pk=models[1].pk).update(is_enabled=False)
    assert f'value="{models[0].pk}" selected' in ada_browses.get("/").content.decode()
    models[1].delete()
    assert ada_browses.get("/").status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("temperature", "2.1", "less than or equal to 2"),
        ("temperature", "-0.1", "greater than or equal to 0"),
        ("temperature", "nan", "Enter a number."),
        ("temperature", "warm", "Enter a number."),
        ("top_p", "1.01", "less than or equal to 1"),
        ("longest_answer", "0", "greater than or equal to 1"),
        ("longest_answer", "1.5", "Enter a whole number."),
        ("earlier_messages", "-1", "greater than or equal to 0"),
        ("earlier_messages", "9" * 40, "less than or equal to 10000"),
        ("system_prompt", "x" * 100_001, "at most 100000 characters"),
        ("language_model", "4711", "not offered any more"),
        ("enter_key", "", "This field is required."),
        ("typewriter", "slow", "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(
    ada_browses: Client, ada: User, field: str, value: str, sentence: str
) -> None:
    typed = {"system_prompt": "Typed with care", "typewriter": "whole", field: value}
    refused = save(ada_browses, **typed)
    assert refused.status_code == 422
    words = refused.content.decode()
    assert sentence in words
    assert f'id="id_{field}_error"' in words
    assert "Typed with care" in words or field == "system_prompt"
    shown = 'data-typewriter="smooth"'
    assert shown in words, "nothing was saved, so nothing looks as if it were"
    ada.refresh_from_db()
    assert ada.typewriter == "smooth"
    assert not ConversationDefaults.objects.exists()


def test_both_halves_tell_their_errors_at_once(ada_browses: Client) -> None:
    words = save(ada_browses, typewriter="slow", temperature="9").content.decode()
    assert 'id="id_typewriter_error"' in words
    assert 'id="id_temperature_error"' in words


def test_nothing_but_what_is_on_the_page_can_be_set(ada_browses: Client, ada: User) -> None:
    save(ada_browses, is_staff="on", is_superuser="on", username="root", owner="2", password="x")
    ada.refresh_from_db()
    assert (ada.username, ada.is_staff, ada.is_superuser) == ("ada", False, False)
    assert ConversationDefaults.objects.get().owner == ada


def test_what_an_administrator_changed_meanwhile_stays(ada_browses: Client, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(must_change_password=False, last_name="Lovelace")
    save(ada_browses, typewriter="whole")
    ada.refresh_from_db()
    assert (ada.last_name, ada.typewriter) == ("Lovelace", "whole")


@pytest.mark.parametrize("locale", ["xx", "../etc", "en"])
def test_a_language_that_is_none_changes_nothing(
    ada_browses: Client, ada: User, locale: str
) -> None:
    User.objects.filter(pk=ada.pk).update(locale=locale)
    assert '<html lang="en"' in ada_browses.get("/").content.decode()
