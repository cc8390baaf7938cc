"""The files that go along with exported conversations: each once, under a name that the format gives it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from conversations.attached_files import path_of
from conversations.exports.archive import Member
from conversations.exports.plain import Plain
from conversations.models import Attachment, Conversation


def attachments_of(conversations: QuerySet[Conversation]) -> QuerySet[Attachment]:
    return Attachment.objects.filter(conversation__in=conversations.order_by().values("pk"))


def members(conversations: QuerySet[Conversation], form: Any) -> Iterator[Member]:
    """`form` is the format's module, whose `file_name` is given an attachment's part."""
    told: set[str] = set()
    rows = attachments_of(conversations).select_related("conversation").order_by("digest", "pk")
    for row in rows.iterator():
        if row.digest not in told:
            told.add(row.digest)
            path = path_of(row.conversation.owner_id, row.digest)
            yield Member(form.file_name(row.digest, row.name), path, row.media_type)


def with_pictures(
    values: Iterator[Plain], conversations: QuerySet[Conversation]
) -> Iterator[Plain]:
    """The same, where each part that is a picture says in `path` where it lies: for a format that draws them."""
    owner = conversations.order_by().values_list("owner", flat=True).first()
    for value in values:
        for message in value["messages"]:
            for part in message["parts"]:
                if part.get("width") and part.get("digest") and owner is not None:
                    part["path"] = path_of(owner, part["digest"])
        yield value
