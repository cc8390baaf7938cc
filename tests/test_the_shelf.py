"""Pinned, archived, in the trash: where a conversation is kept, and how it comes back."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from conversations.models import Attachment, Conversation, Generation, Message, Origin
from tests.test_search import said
from upstream.models import Credential, Provider


def titles(browser: Client, query: str = "") -> list[str]:
    page = browser.get(f"/conversations/{query}").content.decode()
    return re.findall(r'conversation-row__title truncate" dir="auto">([^<]*)<', page)


def do(browser: Client, conversation: Conversation, door: str, **form: str) -> int:
    path = f"/conversations/{conversation.pk}/{door}/"
    status: int = browser.post(path, form, headers={"X-Requested-With": "fetch"}).status_code
    return status


@pytest.fixture
def old(ada: User) -> Conversation:
    return said(ada, "Old", "x")


@pytest.fixture
def new(ada: User, old: Conversation) -> Conversation:
    return said(ada, "New", "y")


def test_a_pinned_conversation_stands_above_all(
    ada_browses: Client, old: Conversation, new: Conversation
) -> None:
    assert titles(ada_browses) == ["New", "Old"]
    assert do(ada_browses, old, "pin", on="1") == 204
    assert titles(ada_browses) == ["Old", "New"]
    assert "Pinned" in ada_browses.get("/conversations/").content.decode()
    do(ada_browses, old, "pin", on="0")
    assert titles(ada_browses) == ["New", "Old"]


def test_an_archived_conversation_leaves_the_list_and_comes_back(
    ada_browses: Client, old: Conversation, new: Conversation
) -> None:
    do(ada_browses, old, "pin", on="1")
    assert do(ada_browses, old, "archive", on="1") == 204
    assert titles(ada_browses) == ["New"]
    assert titles(ada_browses, "?state=archived") == ["Old"]
    do(ada_browses, old, "archive", on="0")
    assert titles(ada_browses) == ["New", "Old"]


@pytest.mark.parametrize("door", ["pin", "archive"])
def test_nonsense_moves_nothing(ada_browses: Client, old: Conversation, door: str) -> None:
    assert do(ada_browses, old, door, on="perhaps") == 422
    assert titles(ada_browses) == ["Old"]


def test_the_trash_gives_back_what_was_deleted(
    ada_browses: Client, bob_browses: Client, old: Conversation, new: Conversation
) -> None:
    do(ada_browses, old, "delete")
    assert titles(ada_browses) == ["New"]
    assert titles(ada_browses, "?state=deleted") == ["Old"]
    assert titles(bob_browses, "?state=deleted") == []
    do(ada_browses, old, "restore")
    assert titles(ada_browses) == ["New", "Old"]


def test_what_is_erased_is_gone(ada_browses: Client, old: Conversation, new: Conversation) -> None:
    assert do(ada_browses, old, "erase") == 404  # it has to be in the trash
    do(ada_browses, old, "delete")
    assert do(ada_browses, old, "erase") == 204
    assert not Conversation.objects.filter(pk=old.pk).exists()
    assert [message.text for message in Message.objects.all()] == ["y"]


def test_the_trash_is_emptied_of_ones_own_only(
    ada_browses: Client, bob: User, old: Conversation, new: Conversation
) -> None:
    bobs = said(bob, "Bob's", "z")
    for conversation in (old, new, bobs):
        conversation.delete_softly()
    answer = ada_browses.post("/trash/empty/", headers={"X-Requested-With": "fetch"})
    assert answer.json() == {"text": "2 conversations were deleted for ever."}
    assert list(Conversation.objects.all()) == [bobs]


def test_what_an_upstream_keeps_is_deleted_there_before_the_row_goes(
    ada_browses: Client, old: Conversation
) -> None:
    provider = Provider.objects.create(title="P", base_url="http://127.0.0.1:9")
    credential = Credential.objects.create(provider=provider, secret="s")
    Conversation.objects.update(upstream_conversation_id="up-1", credential=credential)
    do(ada_browses, old, "delete")
    Attachment.objects.create(conversation=old, digest="a" * 64, name="plan.pdf", size=1)
    Origin.objects.create(conversation=old, owner=old.owner, format="chatgpt")
    assert do(ada_browses, old, "erase") == 204
    assert titles(ada_browses, "?state=deleted") == []
    assert not Message.objects.exists()
    assert not Attachment.objects.exists()
    assert not Origin.objects.exists()
    (kept,) = Conversation.objects.all()
    assert (kept.upstream_conversation_id, kept.title) == ("up-1", "")


def test_an_answer_that_ended_out_of_sight_is_marked_until_it_is_looked_at(
    ada_browses: Client, old: Conversation
) -> None:
    assert "data-unseen" not in ada_browses.get("/conversations/").content.decode()
    Generation.objects.create(
        conversation=old,
        message=Message.objects.get(),
        status="completed",
        finished_at=timezone.now(),
    )
    assert "data-unseen" in ada_browses.get("/conversations/").content.decode()
    assert do(ada_browses, old, "seen") == 204
    assert "data-unseen" not in ada_browses.get("/conversations/").content.decode()


def test_an_empty_place_says_what_comes_there(ada_browses: Client) -> None:
    for query, sentence in (
        ("", "Your conversations will stand here."),
        ("?state=archived", "Nothing is archived."),
        ("?state=deleted", "The trash is empty."),
        ("?q=bread", "Nothing was found."),
    ):
        assert sentence in ada_browses.get(f"/conversations/{query}").content.decode()


def test_all_can_be_moved_to_the_trash_and_each_comes_back(
    ada_browses: Client, bob: User, old: Conversation, new: Conversation
) -> None:
    said(bob, "Bob's", "z")
    page = ada_browses.post("/conversations/delete/", follow=True).content.decode()
    assert "2 conversations are in the trash now." in page
    assert titles(ada_browses) == []
    assert sorted(titles(ada_browses, "?state=deleted")) == ["New", "Old"]
    do(ada_browses, old, "restore")
    assert titles(ada_browses) == ["Old"]
    assert Conversation.objects.visible_to(bob).count() == 1


def test_one_that_was_begun_anew_and_deleted_is_in_the_trash(
    ada_browses: Client, old: Conversation
) -> None:
    do(ada_browses, old, "clear")
    do(ada_browses, old, "delete")
    assert titles(ada_browses, "?state=deleted") == ["Old"]
