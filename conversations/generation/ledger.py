"""The transactions of the journal: synchronous, each whole or not at all."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Subquery

from conversations.generation.manuscript import Ending, Manuscript
from conversations.models import Conversation, Delta, EngineProcess, Generation, Message
from conversations.protocol import DeltaAdded
from upstream.models import Credential
from upstream.types import Placed

COLUMNS = "(generation_id, sequence, part, operation, text)"
# One statement, however many rows: it runs without Python's lock from beginning to end. Row by row, the lock would be
# asked for again after each, and the event loop, which is busy, would hold it for milliseconds every time.
INSERT_FROM_JSON = (
    f"INSERT INTO conversations_delta {COLUMNS} SELECT"
    " value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4"
    " FROM json_each(%s) WHERE true ON CONFLICT DO NOTHING"
)
INSERT_FROM_ARRAYS = (
    f"INSERT INTO conversations_delta {COLUMNS} SELECT * FROM"
    " unnest(%s::uuid[], %s::int[], %s::text[], %s::text[], %s::text[]) ON CONFLICT DO NOTHING"
)


WAIT_NO_LONGER = "SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '10s'"


class EngineDisowned(Exception):
    """Another process has taken this engine for dead and ended its generations: nothing may be written for them."""


def save(
    engine_id: uuid.UUID,
    deltas: Sequence[DeltaAdded],
    endings: Sequence[tuple[Manuscript, Ending]],
    places: Sequence[tuple[Manuscript, Placed]] = (),
) -> None:
    """Save numbered deltas, and end generations with their text folded into the message; all in one transaction.

    Saving the same again changes nothing, so that a commit whose outcome is unknown can be repeated.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(WAIT_NO_LONGER)
        # Holds off the reaper of another process until this is committed (reaper.py locks the same row).
        if not EngineProcess.objects.select_for_update(no_key=True).filter(pk=engine_id).exists():
            raise EngineDisowned
        insert_deltas(deltas)
        for manuscript, place in places:
            keep_place(manuscript, place)
        for manuscript, ending in endings:
            _end(manuscript, ending)


def keep_place(manuscript: Manuscript, place: Placed) -> None:
    """Note what question and answer are called upstream, and in which conversation of whose account they stand.

    Ids of another conversation there would lead nowhere: they are forgotten.
    """
    conversation = Conversation.objects.filter(pk=manuscript.conversation_id)
    moved = conversation.exclude(
        upstream_conversation_id=place.conversation_id, credential=manuscript.credential_id
    ).update(
        upstream_conversation_id=place.conversation_id,
        # None where it was deleted while it answers: the next turn is told anew.
        credential_id=Subquery(
            Credential.objects.filter(pk=manuscript.credential_id or 0).values("pk")
        ),
    )
    if moved:
        named = Message.objects.filter(conversation=manuscript.conversation_id)
        named.exclude(upstream_message_id="").update(upstream_message_id="")
    answer = Message.objects.filter(pk=manuscript.message_id)
    answer.update(upstream_message_id=place.answer_id)
    if place.question_id:
        question = Message.objects.filter(pk__in=answer.values("parent"))
        question.update(upstream_message_id=place.question_id)


def insert_deltas(deltas: Sequence[DeltaAdded]) -> None:
    if not deltas:
        return
    rows = [(d.generation, d.sequence, d.part, d.operation, d.text) for d in deltas]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            columns = [list(column) for column in zip(*rows, strict=True)]
            cursor.execute(INSERT_FROM_ARRAYS, columns)
        else:
            # Django writes a UUID to SQLite as 32 hexadecimal digits.
            plain = [(generation.replace("-", ""), *rest) for generation, *rest in rows]
            cursor.execute(INSERT_FROM_JSON, [json.dumps(plain, ensure_ascii=False)])


def _end(manuscript: Manuscript, ending: Ending) -> None:
    generation = Generation(pk=manuscript.generation_id)
    known: dict[str, Any] = {**ending.fields(), "sequence": manuscript.sequence}
    if manuscript.first_text_at is not None:
        known["first_text_at"] = manuscript.first_text_at
    if generation.finish(ending.status, **known):
        Message.objects.filter(pk=manuscript.message_id).update(
            text=manuscript.text, reasoning=manuscript.reasoning
        )
    Delta.objects.filter(generation=manuscript.generation_id).delete()
