"""Finding what was said: one's own only, in any case and script, and opening at the message."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Conversation, Message
from conversations.search import lit, search


def said(owner: User, title: str, *texts: str) -> Conversation:
    conversation = Conversation.objects.create(owner=owner, title=title)
    parent = None
    for number, text in enumerate(texts):
        role = ("user", "assistant")[number % 2]
        parent = Message.objects.create(
            conversation=conversation, parent=parent, role=role, text=text
        )
    conversation.current_leaf = parent
    conversation.save()
    return conversation


def found(person: User, query: str) -> list[str]:
    return [hit.conversation.title for hit in search(person, query)]


@pytest.fixture
def bread(ada: User) -> Conversation:
    return said(ada, "Baking", "How do I bake bread?", "With flour, water, salt and 100% time_.")


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("flour", True),
        ("FLOUR", True),
        ("bak", True),
        ("bread how", True),
        ("bread flour", False),  # not in one message
        ("100%", True),
        ("1%0", False),
        ("time_", True),
        ("t_me", False),
        ("sugar", False),
        ("", False),
        ("   ", False),
        ("\0", False),
        ("'; DROP TABLE", False),
        ("x" * 5000, False),
    ],
)
def test_words_are_found_in_titles_and_messages(
    ada: User, bread: Conversation, query: str, is_found: bool
) -> None:
    assert found(ada, query) == (["Baking"] if is_found else [])


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("今天天气怎么样？", "天气"),
        ("Émile Zola", "émile"),
        ("CAFÉ crème", "café"),
        ("Привет, мир", "привет"),
        ("مرحبا بالعالم", "مرحبا"),
        ("🙂 emoji", "🙂"),
    ],
)
def test_every_script_is_searched(ada: User, text: str, query: str) -> None:
    said(ada, "A title", text)
    assert found(ada, query) == ["A title"]


def test_nobody_finds_what_is_not_theirs_or_was_deleted(
    ada: User, bob: User, bread: Conversation
) -> None:
    assert found(bob, "flour") == []
    bread.delete_softly()
    assert found(ada, "flour") == []
    bread.restore()
    message = bread.messages.get(text__contains="flour")
    Message.objects.filter(pk=message.pk).update(deleted_at=message.created_at)
    assert found(ada, "flour") == []
    assert found(ada, "bake") == ["Baking"]


def test_a_conversation_is_found_once_at_its_newest_message(ada: User) -> None:
    conversation = said(ada, "Numbers", "one apple", "two apples", "three apples")
    (hit,) = search(ada, "apple")
    assert hit.message_id == conversation.current_leaf_id
    assert [piece.text for piece in hit.excerpt if piece.is_lit] == ["apple"]


def test_a_long_conversation_hides_no_other(ada: User) -> None:
    said(ada, "Short", "a rare apple")
    said(ada, "Long", *(f"apple number {number}" for number in range(600)))
    assert sorted(found(ada, "apple")) == ["Long", "Short"]


def test_what_is_archived_is_found(ada: User, bread: Conversation) -> None:
    Conversation.objects.update(archived_at=bread.created_at)
    assert found(ada, "flour") == ["Baking"]


def test_the_sidebar_shows_what_was_found_and_where(
    ada_browses: Client, bread: Conversation
) -> None:
    page = ada_browses.get("/conversations/", {"q": "FLOUR"}).content.decode()
    assert "1 conversation found" in page
    assert "<mark>flour</mark>" in page
    (link,) = re.findall(r'href="([^"]+at=[^"]+)"', page)
    shown = ada_browses.get(link.replace("&amp;", "&")).content.decode()
    assert f'data-at="{bread.current_leaf_id}" data-lit="FLOUR"' in shown


def test_a_message_on_another_branch_is_turned_to(ada_browses: Client, bread: Conversation) -> None:
    question = bread.messages.get(role="user")
    other = Message.objects.create(
        conversation=bread, parent=question, role="assistant", text="Buy it."
    )
    bread.current_leaf = other
    bread.save()
    flour = bread.messages.get(text__contains="flour")
    shown = ada_browses.get(f"/conversations/{bread.pk}/", {"at": str(flour.pk)}).content.decode()
    assert "With flour" in shown and "Buy it." not in shown


@pytest.mark.parametrize("at", ["nonsense", "00000000-0000-4000-8000-000000000000"])
def test_a_place_that_is_none_shows_the_end(
    ada_browses: Client, bread: Conversation, at: str
) -> None:
    shown = ada_browses.get(f"/conversations/{bread.pk}/", {"at": at})
    assert shown.status_code == 200
    assert "data-at" not in shown.content.decode()


def test_words_are_lit_as_they_were_written() -> None:
    pieces = lit("A <b>Word</b>, a word.", ["word"])
    assert [(piece.text, piece.is_lit) for piece in pieces] == [
        ("A <b>", False),
        ("Word", True),
        ("</b>, a ", False),
        ("word", True),
        (".", False),
    ]
