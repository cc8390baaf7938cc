"""Asking for an export: sent at once where it is small, made ahead where one would wait for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Func, IntegerField, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import User
from conversations.exports import files
from conversations.exports.attached import attachments_of
from conversations.exports.writing import ExportFormat
from conversations.models import Conversation, Export, Message

State = Export.State
MOST_UNFINISHED = 2  # of one member
MOST_KEPT = 3  # files of one member: a further one takes the place of the oldest
A_MESSAGE = 1000  # bytes that one counts for beside its text
FORGOTTEN_AFTER = timedelta(days=7)  # what is told of one that has ended


class TooMany(Exception):
    """Some of theirs are not finished yet."""


class _Octets(Func):
    """Bytes of a text, for which neither database reads it."""

    function = "OCTET_LENGTH"
    output_field = IntegerField()


def is_large(conversations: QuerySet[Conversation]) -> bool:
    most = settings.PORTAL_EXPORT_DIRECT_BYTES
    said = Message.objects.filter(conversation__in=conversations.order_by().values("pk"))
    count = said.values("pk")[: most // A_MESSAGE + 1].count()
    if count * A_MESSAGE > most:
        return True
    octets = Sum(_Octets("text")) + Sum(_Octets("reasoning"))
    files_beside = attachments_of(conversations).aggregate(size=Sum("size"))["size"] or 0
    texts = said.aggregate(octets=octets)["octets"] or 0
    return texts + count * A_MESSAGE + files_beside > most


def ask_for_export(
    owner: Any, form: ExportFormat, *, count: int, chosen: list[str] | None
) -> Export:
    """`chosen` are ids of conversations of theirs; None for all. Raises TooMany."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=owner.pk)  # of two at once, one counts the other
        own = Export.objects.filter(owner=owner)
        if own.unfinished().count() >= MOST_UNFINISHED:
            raise TooMany
        for old in own.filter(state=State.READY).recent_first()[MOST_KEPT - 1 :]:
            _end(old, State.EXPIRED)
        return Export.objects.create(
            owner=owner,
            format=form.name,
            language=get_language() or "en",
            chosen=chosen,
            total=count,
        )


def cancel(unwanted: Export) -> bool:
    """Returns whether it was still being made, or waited for that."""
    return unwanted.state in Export.UNFINISHED and _end(unwanted, State.CANCELLED)


def delete(unwanted: Export) -> None:
    _end(unwanted, State.CANCELLED)
    Export.objects.filter(pk=unwanted.pk).delete()


def erase_exports_of(person: User) -> None:
    for each in Export.objects.filter(owner=person):
        delete(each)


def expire(now: datetime) -> None:
    """Delete the files whose time is over; what is told of them is forgotten later."""
    for due in Export.objects.filter(state=State.READY, expires_at__lte=now):
        _end(due, State.EXPIRED)
    Export.objects.filter(finished_at__lt=now - FORGOTTEN_AFTER).exclude(state=State.READY).delete()


def _end(export: Export, state: str) -> bool:
    same = Export.objects.filter(pk=export.pk, state=export.state)
    moved = same.update(state=state, worker=None, finished_at=timezone.now())
    # Where a worker moved it on meanwhile, the name of the file may be another.
    now = Export.objects.filter(pk=export.pk).values_list("stored", flat=True).first()
    if moved:
        transaction.on_commit(lambda: files.remove(now or ""))
    return bool(moved)
