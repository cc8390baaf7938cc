"""What goes into one transaction of an import, so that nobody waits for the write lock: at most PIECE messages and
PIECE_BYTES of text, or one message that is longer alone (it is one row). benchmarks/portability.py measures how long
that takes: it has to stay below 25 ms.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from django.db import transaction

from conversations.imports.inserting import insert, prepared
from conversations.models import Message, Origin, OriginPiece

PIECE = 60
PIECE_BYTES = 256 * 1024


def in_pieces(messages: Iterable[Message]) -> list[list[Message]]:
    """In their order; none is empty."""
    pieces: list[list[Message]] = []
    room = 0
    for message in messages:
        weight = _weight(message)
        if not pieces or weight > room or len(pieces[-1]) == PIECE:
            pieces.append([])
            room = PIECE_BYTES
        pieces[-1].append(message)
        room -= weight
    return pieces


def save_pieces(pieces: Sequence[Sequence[Message]]) -> None:
    for piece in pieces:
        rows = prepared(piece)
        with transaction.atomic():
            insert(rows)


def keep_original(origin: Origin, original: bytes, digest: str) -> None:
    """Beside the origin where one transaction does not take it; the digest of the origin says which one counts."""
    origin.pieces.filter(content_digest=digest).delete()  # of an import that broke off
    origin.original = b"" if len(original) > PIECE_BYTES else original
    if origin.original:
        return
    for number, at in enumerate(range(0, len(original), PIECE_BYTES)):
        data = original[at : at + PIECE_BYTES]
        OriginPiece.objects.create(origin=origin, content_digest=digest, number=number, data=data)


def forget_earlier_originals(origin: Origin) -> None:
    earlier = origin.pieces.exclude(content_digest=origin.content_digest)
    for pk in list(earlier.values_list("pk", flat=True)):
        OriginPiece.objects.filter(pk=pk).delete()


def _weight(message: Message) -> int:
    """Bytes."""
    parts = len(json.dumps(message.parts)) if message.parts else 0
    return len(message.text.encode()) + len(message.reasoning.encode()) + parts
