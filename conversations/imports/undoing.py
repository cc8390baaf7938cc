"""Undoing a whole import: what it brought goes into the trash, from where each can be brought back."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from conversations.models import Conversation, Import, ImportRow
from conversations.publishing import publish_deletion
from conversations.shelf import delete_conversation

STEP = 200


def undo(undone: Import) -> int:
    """Returns how many conversations went. What was added to one that was there before stays: it is told by its row."""
    moved = Import.objects.filter(pk=undone.pk).exclude(state__in=Import.UNFINISHED)
    if not moved.exclude(state=Import.State.UNDONE).update(state=Import.State.UNDONE):
        return 0
    rows = undone.rows.filter(outcome=ImportRow.Outcome.IMPORTED, conversation__isnull=False)
    ids: list[Any] = list(rows.values_list("conversation", flat=True))
    return sum([_move(undone, ids[at : at + STEP]) for at in range(0, len(ids), STEP)])


def _move(undone: Import, ids: list[Any]) -> int:
    own = Conversation.objects.filter(owner=undone.owner, deleted_at=None, pk__in=ids)
    busy = own.filter(generations__status__in=("pending", "streaming", "stopping")).distinct()
    count = 0
    for conversation in list(busy):
        delete_conversation(conversation)
        count += 1
    with transaction.atomic():
        rest = list(own)
        Conversation.objects.filter(pk__in=[each.pk for each in rest]).update(
            deleted_at=timezone.now()
        )
        for conversation in rest:
            publish_deletion(conversation)
    return count + len(rest)
