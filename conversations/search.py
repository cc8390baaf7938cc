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
from django.db.models import Q

from conversations.models import Conversation, Message

MOST_HITS = 50
MOST_WORDS = 8
LONGEST_QUERY = 200  # characters
MOST_READ = 400  # messages, of which several may stand in one conversation
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
    """Conversations found by title first, then by what was said, newest first; one hit for each."""
    words = words_of(query)
    if not words:
        return []
    own = Conversation.objects.visible_to(user)
    titled = own.filter(_all(words, "title")).recent_first()[:MOST_HITS]
    hits = {found.pk: Hit(found, lit(found.title, words)) for found in titled}
    said = Message.objects.visible_to(user).filter(_all(words, "text"))
    newest = said.select_related("conversation").order_by("-created_at")[:MOST_READ]
    for message in newest:
        known = hits.get(message.conversation_id)
        if known is None and len(hits) >= MOST_HITS:
            break
        if known is None or known.message_id is None:
            title = lit(message.conversation.title, words)
            excerpt = lit(_around(message.text, words), words)
            hits[message.conversation_id] = Hit(message.conversation, title, message.pk, excerpt)
    return list(hits.values())


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
