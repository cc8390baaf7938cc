"""Messages as they stand: what is settled, and behind it the deltas of the generation that is writing.

Deltas are read before the generation and its message, which come in one statement. A generation that is still active
then had not been folded when its deltas were read; one that has ended has its whole text in the message. So nothing
is read twice or missed, without a transaction, on SQLite and PostgreSQL alike.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from conversations.models import Delta, Generation, Message
from conversations.protocol import DeltaAdded, Snapshot


@dataclass(slots=True)
class Written:
    """What one generation has written, and the number of its last delta."""

    text: str = ""
    reasoning: str = ""
    sequence: int = 0


@dataclass(slots=True)
class Standing:
    """`message` with the text it has after delta number `sequence` of `generation`, its newest."""

    message: Message
    generation: Generation
    text: str
    reasoning: str
    sequence: int


def fold(deltas: Iterable[Delta]) -> Written:
    """Put the deltas of one generation together, in the order of their numbers."""
    parts: dict[str, list[str]] = {Delta.Part.TEXT: [], Delta.Part.REASONING: []}
    sequence = 0
    for delta in deltas:
        if delta.operation == Delta.Operation.REPLACE:
            parts[delta.part] = []
        parts[delta.part].append(delta.text)
        sequence = delta.sequence
    return Written("".join(parts[Delta.Part.TEXT]), "".join(parts[Delta.Part.REASONING]), sequence)


def written_by(generation_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Written]:
    """Fold the delta rows that there are of these generations."""
    rows: dict[uuid.UUID, list[Delta]] = {}
    for delta in Delta.objects.filter(generation__in=list(generation_ids)).order_by(
        "generation", "sequence"
    ):
        rows.setdefault(delta.generation_id, []).append(delta)
    return {generation_id: fold(deltas) for generation_id, deltas in rows.items()}


def standings(message_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Standing]:
    """How each of these answers stands, by message id; messages that no generation wrote are left out."""
    generations = Generation.objects.filter(message__in=list(message_ids))
    written = written_by(generations.active().values_list("pk", flat=True))
    newest: dict[uuid.UUID, Standing] = {}
    for generation in generations.select_related("message", "answered_by").order_by(
        "created_at", "pk"
    ):
        newest[generation.message_id] = _standing(generation, written.get(generation.pk, Written()))
    return newest


def _standing(generation: Generation, written: Written) -> Standing:
    message = generation.message
    if not generation.is_active:
        return Standing(message, generation, message.text, message.reasoning, generation.sequence)
    return Standing(
        message,
        generation,
        message.text + written.text,
        message.reasoning + written.reasoning,
        written.sequence,
    )


def deltas_after(snapshot: Snapshot, number: int) -> list[DeltaAdded] | None:
    """The deltas that lead from `number` to `snapshot`; None where they are folded already, or the page is ahead."""
    rows = Delta.objects.filter(
        generation=uuid.UUID(snapshot.generation), sequence__gt=number
    ).order_by("sequence")
    found = [row for row in rows if row.sequence <= snapshot.sequence]
    if snapshot.status in Generation.ENDED or len(found) != snapshot.sequence - number:
        return None
    return [
        DeltaAdded(
            conversation=snapshot.conversation,
            message=snapshot.message,
            generation=snapshot.generation,
            sequence=row.sequence,
            part=row.part,
            operation=row.operation,
            text=row.text,
        )
        for row in found
    ]
