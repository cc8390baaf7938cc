"""What is being written is there at the next device, and gone when it was sent."""

from __future__ import annotations

import html
import re
import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from conversations.forms import LONGEST_TEXT
from conversations.models import Conversation, Draft, Generation, Message
from upstream.models import LanguageModel, Provider

FETCH = {"X-Requested-With": "fetch"}


@pytest.fixture(autouse=True)
def model(db: None) -> LanguageModel:
    provider = Provider.objects.create(title="Nowhere", base_url="http://127.0.0.1:9/v1")
    return LanguageModel.objects.create(provider=provider, name="m")


@pytest.fixture
def conversation(ada: User) -> Conversation:
    return Conversation.objects.create(owner=ada, title="Plans")


def post(browser: Client, path: str, **form: Any) -> Any:
    return browser.post(path, form, headers=FETCH)


def save(browser: Client, at: Conversation | None, text: str, client_id: Any = "") -> Any:
    path = f"/conversations/{at.pk if at else 'new'}/draft/"
    return post(browser, path, text=text, client_id=client_id)


def shown(browser: Client, at: Conversation | None) -> tuple[str, str]:
    """The text in the composer, as a browser reads it, and the id that it will be sent under."""
    page = browser.get(f"/conversations/{at.pk}/" if at else "/").content.decode()
    field = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    draft_id = re.search(r'data-draft-id="([^"]*)"', page)
    assert field and draft_id
    return html.unescape(field[1].removeprefix("\n")), draft_id[1]


@pytest.mark.parametrize("text", ["Half a thou", "\n\n  indented\n", "</textarea><b>", "半句"])
def test_a_draft_is_there_at_the_next_device(
    ada_browses: Client, conversation: Conversation, text: str
) -> None:
    client_id = str(uuid.uuid4())
    assert save(ada_browses, conversation, text, client_id).status_code == 204
    assert shown(ada_browses, conversation) == (text, client_id)


def test_each_conversation_has_its_own_and_the_new_one_too(
    ada_browses: Client, ada: User, conversation: Conversation
) -> None:
    other = Conversation.objects.create(owner=ada, title="Other")
    for place, text in ((conversation, "One"), (other, "Two"), (None, "Three")):
        save(ada_browses, place, f"{text} at first")
        save(ada_browses, place, text)
    assert [shown(ada_browses, place)[0] for place in (conversation, other, None)] == [
        "One",
        "Two",
        "Three",
    ]
    assert Draft.objects.count() == 3


def test_the_last_one_wins_and_an_empty_one_counts(
    ada_browses: Client, conversation: Conversation
) -> None:
    save(ada_browses, conversation, "From the desk", uuid.uuid4())
    save(ada_browses, conversation, "From the phone", uuid.uuid4())
    assert shown(ada_browses, conversation)[0] == "From the phone"
    save(ada_browses, conversation, "")
    assert shown(ada_browses, conversation) == ("", "")


def test_what_is_sent_is_no_draft_any_more(ada_browses: Client, conversation: Conversation) -> None:
    client_id = str(uuid.uuid4())
    save(ada_browses, conversation, "Is it", uuid.uuid4())
    path = f"/conversations/{conversation.pk}/messages/"
    assert post(ada_browses, path, text="Is it so?", client_id=client_id).status_code == 201
    # The page is told as what it was sent: another page with another text keeps that.
    assert shown(ada_browses, conversation) == ("", client_id)


def test_a_first_message_takes_the_draft_of_the_new_conversation_along(
    ada_browses: Client,
) -> None:
    client_id = str(uuid.uuid4())
    save(ada_browses, None, "Is it so?", client_id)
    post(ada_browses, "/conversations/new/", text="Is it so?", client_id=client_id)
    assert shown(ada_browses, None) == ("", client_id)


@pytest.mark.parametrize("begun", [True, False])
def test_a_save_that_comes_after_its_message_changes_nothing(
    ada_browses: Client, conversation: Conversation, begun: bool
) -> None:
    client_id = str(uuid.uuid4())
    place = conversation if begun else None
    path = f"/conversations/{conversation.pk}/messages/" if begun else "/conversations/new/"
    assert post(ada_browses, path, text="Is it so?", client_id=client_id).status_code == 201
    assert save(ada_browses, place, "Is it so?", client_id).status_code == 204
    assert shown(ada_browses, place)[0] == ""


def test_a_message_that_is_refused_leaves_the_draft(
    ada_browses: Client, conversation: Conversation
) -> None:
    answer = Message.objects.create(conversation=conversation, role="assistant")
    Generation.objects.create(conversation=conversation, message=answer, status="streaming")
    save(ada_browses, conversation, "Hurry!")
    path = f"/conversations/{conversation.pk}/messages/"
    assert post(ada_browses, path, text="Hurry!", client_id=uuid.uuid4()).status_code == 409
    assert shown(ada_browses, conversation)[0] == "Hurry!"


def test_a_deleted_conversation_hides_its_draft_and_gives_it_back(
    ada_browses: Client, conversation: Conversation
) -> None:
    conversation.current_leaf = Message.objects.create(conversation=conversation, role="user")
    conversation.save()
    save(ada_browses, conversation, "Half a thou")
    post(ada_browses, f"/conversations/{conversation.pk}/delete/")
    assert ada_browses.get(f"/conversations/{conversation.pk}/").status_code == 404
    assert save(ada_browses, conversation, "More").status_code == 404
    post(ada_browses, f"/conversations/{conversation.pk}/restore/")
    assert shown(ada_browses, conversation)[0] == "Half a thou"


def test_drafts_of_a_new_conversation_are_everyones_own(
    ada_browses: Client, bob_browses: Client
) -> None:
    save(ada_browses, None, "Ada's secret")
    save(bob_browses, None, "Bob's")
    assert shown(bob_browses, None)[0] == "Bob's"
    assert shown(ada_browses, None)[0] == "Ada's secret"


@pytest.mark.parametrize(
    "form", [{"text": "x" * (LONGEST_TEXT + 1)}, {"text": "x", "client_id": "not-a-uuid"}]
)
def test_what_no_message_could_be_is_no_draft(
    ada_browses: Client, conversation: Conversation, form: dict[str, str]
) -> None:
    refused = post(ada_browses, f"/conversations/{conversation.pk}/draft/", **form)
    assert refused.status_code == 422
    assert not Draft.objects.exists()


def test_nul_becomes_a_replacement_character(
    ada_browses: Client, conversation: Conversation
) -> None:
    save(ada_browses, conversation, "a\0b\r\nc")
    assert shown(ada_browses, conversation)[0] == "a\ufffdb\nc"
