"""What bounds the time for which an import holds everybody else up: no transaction of it writes much.

How long that takes is measured elsewhere (benchmarks/portability.py); here it is counted what is written.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from conversations.imports import pieces
from conversations.imports.pieces import PIECE, PIECE_BYTES, in_pieces
from conversations.models import Conversation, Message, Origin
from tests.foreign.bringing import bring, counted, the_only_conversation, written
from tests.foreign.chatgpt import conversation, node
from tests.foreign.transactions import Transaction, each_transaction

pytestmark = pytest.mark.django_db
BESIDE = 5  # rows: the conversation, its origin twice, the line of the report, the audit
BESIDE_BYTES = 20_000
A_MESSAGE = 400  # bytes of its ids, times and marks
chance = random.Random(7)


def talk(pk: str, texts: list[str], *, ends: str = "") -> Any:
    nodes = [
        node(str(at), str(at - 1) if at else None, ("user", "assistant")[at % 2], text)
        for at, text in enumerate(texts)
    ]
    return conversation(pk, nodes, str(len(texts) - 1))


def said(length: int) -> str:
    """Half as long when it is compressed, as texts are."""
    return chance.randbytes(length // 2).hex()


def line_of(found: Conversation) -> list[str]:
    """What is said, from the first message down."""
    below = {row.parent_id: row for row in found.messages.all()}
    line, at = [], None
    while at in below:
        line.append(below[at].text)
        at = below[at].pk
    return line


def written_by(owner: User, path: Path) -> list[Transaction]:
    with each_transaction() as seen:
        made = bring(owner, path)
    assert counted(made).keys() <= {"imported", "updated"}, counted(made)
    return seen


def assert_short(seen: list[Transaction], *, longest: int = 0) -> None:
    """A piece, and what stands beside it; `longest` is that of one message alone."""
    most = max(PIECE_BYTES, longest) + PIECE * A_MESSAGE + PIECE_BYTES + BESIDE_BYTES
    assert max(each.rows for each in seen) <= PIECE + BESIDE
    assert max(each.bytes for each in seen) <= most


def test_the_witness_sees_what_is_written(ada: User) -> None:
    """Else the tests below would say nothing."""
    with each_transaction() as seen:
        Conversation.objects.bulk_create(Conversation(owner=ada, title="x" * 90) for _ in range(7))
    (one,) = seen
    assert one.bytes > 7 * 90


HISTORIES = {
    "5,000 messages": ([said(1000)] * 5000, 0),
    "100 of 100 KB": ([said(100_000) for _ in range(100)], 0),
    "a few of 2 MB": ([said(2_000_000) for _ in range(4)], 2_000_000),
    "one of 2 MB among many": ([said(500) for _ in range(150)] + [said(2_000_000)], 2_000_000),
    "letters of four bytes": (["🦉" * 50_000 for _ in range(20)], 0),
}


@pytest.mark.parametrize(("texts", "longest"), HISTORIES.values(), ids=list(HISTORIES))
def test_a_history_is_brought_in_and_grows_by_short_transactions(
    ada: User, tmp_path: Path, texts: list[str], longest: int
) -> None:
    half = len(texts) // 2
    seen = written_by(ada, written(tmp_path, [talk("c", texts[:half])]))
    assert_short(seen, longest=longest)
    assert sum(each.rows for each in seen) >= half
    more = written_by(ada, written(tmp_path, [talk("c", texts)], "later.json"))
    assert_short(more, longest=longest)
    assert line_of(the_only_conversation(ada)) == texts
    original = Origin.objects.get().original_json.decode()
    assert all(text in original for text in set(texts) if text.isascii())


def test_nobody_sees_it_before_its_last_piece(
    ada: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = []
    insert = pieces.insert

    def looks(rows: Any) -> None:
        insert(rows)
        seen = Conversation.objects.visible_to(ada).exists()
        there.append((Message.objects.count(), seen))

    monkeypatch.setattr(pieces, "insert", looks)
    texts = [said(100_000) for _ in range(10)]
    bring(ada, written(tmp_path, [talk("c", texts)]))
    assert [count for count, _seen in there] == [2, 4, 6, 8, 10]
    assert not any(seen for _count, seen in there)
    assert Conversation.objects.visible_to(ada).count() == 1


def test_an_original_that_is_replaced_leaves_nothing_behind(ada: User, tmp_path: Path) -> None:
    texts = [said(400_000) for _ in range(3)]
    bring(ada, written(tmp_path, [talk("c", texts[:2])]))
    origin = Origin.objects.get()
    before = origin.pieces.count()
    assert before > 1 and not origin.original
    bring(ada, written(tmp_path, [talk("c", texts)], "later.json"))
    origin.refresh_from_db()
    assert {piece.content_digest for piece in origin.pieces.all()} == {origin.content_digest}
    assert origin.pieces.count() > before
    assert texts[2] in origin.original_json.decode()


def test_every_message_is_in_one_piece_and_in_order() -> None:
    messages = [Message(text="x" * length) for length in (1, PIECE_BYTES + 1, 5, 6, PIECE_BYTES)]
    assert [len(piece) for piece in in_pieces(messages)] == [1, 1, 2, 1]
    assert [each for piece in in_pieces(messages) for each in piece] == messages
    assert [len(piece) for piece in in_pieces([Message(text="")] * (2 * PIECE + 1))] == [
        PIECE,
        PIECE,
        1,
    ]
    assert in_pieces([]) == []


@pytest.mark.postgresql
def test_postgresql_packs_long_texts_by_the_faster_of_its_two_ways() -> None:
    """One message is one row, however long it is: what it takes is the packing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname, attcompression, attstorage FROM pg_attribute"
            " WHERE attrelid = 'conversations_message'::regclass AND attname IN ('text', 'reasoning') ORDER BY attname"
        )
        assert cursor.fetchall() == [("reasoning", "l", "x"), ("text", "l", "x")]
        cursor.execute(
            "SELECT attstorage FROM pg_attribute WHERE attrelid = 'conversations_originpiece'::regclass"
            " AND attname = 'data'"
        )
        assert cursor.fetchone() == ("e",)
