"""Finding what was said: in the titles and messages of one's own conversations, archived ones included.

Each word has to occur, in any case. PostgreSQL ignores the case of every script; SQLite's LIKE that of ASCII letters
only, so that there the usual ways to write a word are looked for. Chinese needs no words: what is looked for is a piece
of text.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Q, Subquery

from conversations.models import Conversation, Message

MOST_HITS = 50
MOST_WORDS = 8
LONGEST_QUERY = 200  # characters
AROUND = 60  # characters beside the first word


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text that is shown; `is_lit` where it is what was looked for."""

    text: str
    is_lit: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A conversation that was found, and the message in it where that is what was found."""

    conversation: Conversation
    title: tuple[Piece, ...]
    message_id: uuid.UUID | None = None
    excerpt: tuple[Piece, ...] = ()


def search(user: Any, query: str) -> list[Hit]:
    """Conversations found by title first, then by what was said, the last talked in first; one hit for each, at the
    newest message that has the words.
    """
    words = words_of(query)
    if not words:
        return []
    titled = _all(words, "title")
    here = Message.objects.filter(_all(words, "text"), conversation=OuterRef("pk"), deleted_at=None)
    newest = here.order_by("-created_at", "-pk").values("pk")[:1]
    own: Any = Conversation.objects.visible_to(user).annotate(hit=Subquery(newest)).recent_first()
    found = list(own.filter(titled)[:MOST_HITS])
    found += own.exclude(titled).filter(hit__isnull=False)[: MOST_HITS - len(found)]
    messages = Message.objects.in_bulk([each.hit for each in found if each.hit])
    return [_hit(each, messages.get(each.hit), words) for each in found]


def _hit(conversation: Conversation, message: Message | None, words: list[str]) -> Hit:
    title = lit(conversation.title, words)
    if message is None:
        return Hit(conversation, title)
    return Hit(conversation, title, message.pk, lit(_around(message.text, words), words))


def words_of(query: str) -> list[str]:
    return query[:LONGEST_QUERY].replace("\0", "").split()[:MOST_WORDS]


def lit(text: str, words: Iterable[str]) -> tuple[Piece, ...]:
    """`text` in pieces, so that the words can be marked."""
    pattern = re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
    pieces, at = [], 0
    for match in pattern.finditer(text):
        pieces += [Piece(text[at : match.start()], False), Piece(match[0], True)]
        at = match.end()
    pieces.append(Piece(text[at:], False))
    return tuple(piece for piece in pieces if piece.text)


def _all(words: Iterable[str], field: str) -> Q:
    condition = Q()
    for word in words:
        any_case = Q()
        for written in _ways_to_write(word):
            any_case |= Q(**{f"{field}__icontains": written})
        condition &= any_case
    return condition


def _ways_to_write(word: str) -> set[str]:
    if word.isascii() or connection.vendor != "sqlite":
        return {word}
    return {word, word.lower(), word.upper(), word.capitalize(), word.title()}


def _around(text: str, words: list[str]) -> str:
    """What stands around the first of the words, on one line."""
    found = re.search("|".join(map(re.escape, words)), text, re.IGNORECASE)
    middle = found.start() if found else 0
    start, end = max(0, middle - AROUND), middle + AROUND * 2
    line = " ".join(text[start:end].split())
    return f"{'…' if start else ''}{line}{'…' if end < len(text) else ''}"
