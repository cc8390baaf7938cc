"""A conversation of any length is shown by windows, each found without reading the whole."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from conversations.branch import WINDOW
from conversations.models import Conversation, Generation, Message

LENGTH = 2_000


@pytest.fixture
def long(ada: User) -> Conversation:
    conversation = Conversation.objects.create(owner=ada, title="Long")
    messages: list[Message] = []
    for number in range(LENGTH):
        parent_id = messages[-1].pk if messages else None
        role = ("user", "assistant")[number % 2]
        text = f"Message {number:04}"
        messages.append(
            Message(conversation=conversation, parent_id=parent_id, role=role, text=text)
        )
    Message.objects.bulk_create(messages)
    Generation.objects.bulk_create(
        Generation(conversation=conversation, message=message, status="completed")
        for message in messages
        if message.role == "assistant"
    )
    conversation.current_leaf = messages[-1]
    conversation.save()
    return conversation


def numbers(html: bytes) -> list[int]:
    return [int(each) for each in re.findall(rb">Message (\d{4})<", html)]


def part(browser: Client, conversation: Conversation, **query: Any) -> Any:
    return browser.get(f"/conversations/{conversation.pk}/branch/", query)


def test_it_opens_at_its_end(ada_browses: Client, long: Conversation) -> None:
    with CaptureQueriesContext(connection) as queries:
        page = ada_browses.get(f"/conversations/{long.pk}/").content
    assert numbers(page) == list(range(LENGTH - WINDOW, LENGTH))
    assert b"Show earlier messages" in page
    assert len(queries) < 30


def test_windows_meet_without_a_gap(ada_browses: Client, long: Conversation) -> None:
    seen: list[int] = []
    page = part(ada_browses, long).content
    while True:
        seen = numbers(page) + seen
        if b"data-earlier" not in page:
            break
        first = re.search(rb'data-message-id="([^"]+)"', page)
        assert first
        page = part(ada_browses, long, before=first[1].decode()).content
    assert seen == list(range(LENGTH))


def test_it_goes_on_after_a_message_and_around_one(ada_browses: Client, long: Conversation) -> None:
    middle = long.messages.get(text="Message 1000")
    after = part(ada_browses, long, after=middle.pk).content
    assert numbers(after) == list(range(1001, 1001 + WINDOW))
    assert b"data-later" in after
    around = numbers(part(ada_browses, long, around=middle.pk).content)
    assert around == list(range(1000 - WINDOW // 2, 1001 + WINDOW // 2))


@pytest.mark.parametrize(
    "query", [{"before": "x"}, {"around": "00000000-0000-4000-8000-000000000000"}]
)
def test_a_place_that_is_none_gives_the_end(
    ada_browses: Client, long: Conversation, query: dict[str, str]
) -> None:
    assert numbers(part(ada_browses, long, **query).content)[-1] == LENGTH - 1


def test_deleted_messages_take_no_place_in_a_window(
    ada_browses: Client, long: Conversation
) -> None:
    gone = [f"Message {number:04}" for number in range(LENGTH - 100, LENGTH - 10)]
    long.messages.filter(text__in=gone).update(deleted_at=timezone.now())
    page = part(ada_browses, long).content
    left = [*range(LENGTH - 100), *range(LENGTH - 10, LENGTH)]
    assert numbers(page) == left[-WINDOW:]
    assert b"data-earlier" in page
    around = long.messages.get(text=f"Message {LENGTH - 50:04}")
    shown = numbers(part(ada_browses, long, around=around.pk).content)
    assert shown == [*range(LENGTH - 100 - WINDOW // 2, LENGTH - 100), *range(LENGTH - 10, LENGTH)]


def test_what_stands_beside_a_message_of_another_branch_is_not_told(
    ada_browses: Client, long: Conversation
) -> None:
    """A page that was away while another tab chose another version must not mix the two."""
    middle = long.messages.get(text="Message 1000")
    long.current_leaf = long.messages.get(text="Message 0900")
    long.save()
    for name in ("before", "after"):
        answer = ada_browses.get(
            f"/conversations/{long.pk}/branch/",
            {name: middle.pk},
            headers={"X-Requested-With": "fetch"},
        )
        assert answer.status_code == 409
        assert answer.json()["error"]["code"] == "elsewhere"
        page = ada_browses.get(f"/conversations/{long.pk}/", {name: middle.pk})
        assert numbers(page.content)[-1] == 900
    assert numbers(part(ada_browses, long, around=middle.pk).content)[-1] == 900
