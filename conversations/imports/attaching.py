"""Bringing the files and pictures of one conversation along: each is kept, and the part that speaks of it names it."""

from __future__ import annotations

import errno
import io
import mimetypes
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from conversations.attached_files import Kept, TooLarge, claimed, keep
from conversations.imports.embedded import POINTER
from conversations.imports.files_beside import FilesBeside
from conversations.imports.sources import DAMAGED
from conversations.imports.values import ImportedConversation, NotReadable
from conversations.models import Attachment

ROWS_AT_ONCE = 100
LEFT_FREE = 500 * 1024**2  # bytes of the disk, for all that the portal has to save


@dataclass(slots=True)
class Brought:
    """What is to be written down for a conversation; `missing` are the files that it only speaks of."""

    attachments: dict[str, dict[str, Any]] = field(default_factory=dict)  # by digest
    missing: int = 0

    def attach(self, conversation: Any) -> None:
        rows = [
            Attachment(conversation_id=conversation, **values)
            for values in self.attachments.values()
        ]
        for at in range(0, len(rows), ROWS_AT_ONCE):
            with transaction.atomic():
                Attachment.objects.bulk_create(rows[at : at + ROWS_AT_ONCE], ignore_conflicts=True)


def bring_files(
    owner: int, conversation: ImportedConversation, beside: FilesBeside, embedded: dict[str, bytes]
) -> Brought:
    """Raises NotReadable where the disk takes no more: then nothing of the conversation is brought in."""
    brought, known = Brought(), dict[str, Kept | None]()
    for part in _attachments(conversation):
        pointer = part.pop("pointer", "")
        if pointer not in known:
            known[pointer] = _kept(owner, pointer, beside, embedded)
        kept = known[pointer]
        if kept is None:
            brought.missing += 1
            continue
        _describe(part, kept)
        brought.attachments.setdefault(
            kept.digest,
            {
                "digest": kept.digest,
                "name": part["name"],
                "media_type": part["media_type"],
                "size": kept.size,
            },
        )
    return brought


def _attachments(conversation: ImportedConversation) -> Iterator[dict[str, Any]]:
    for message in conversation.messages:
        for part in message.parts:
            if part["type"] == "attachment":
                yield part


def _kept(owner: int, pointer: str, beside: FilesBeside, embedded: dict[str, bytes]) -> Kept | None:
    try:
        if pointer.startswith(POINTER):
            return keep(owner, io.BytesIO(embedded[pointer])) if pointer in embedded else None
        file = beside.open(pointer) if pointer else None
        if file is None:
            return None
        _refuse_without_room(beside)
        with file:
            kept = keep(owner, file)
        beside.room -= kept.size
        return kept
    except (TooLarge, *DAMAGED):
        return None
    except OSError as error:
        if error.errno is None:  # no disk's: bzip2 says so of what is damaged
            return None
        raise NotReadable(
            _("Its files cannot be kept: %s. See to the disk, and import again.")
            % (error.strerror or "")
        ) from error


def _refuse_without_room(beside: FilesBeside) -> None:
    """Little that is packed may be much that is not, and a full disk is everybody's."""
    if beside.room <= 0:
        raise NotReadable(_("The files of this import unpack to more than can be kept."))
    if shutil.disk_usage(settings.ATTACHMENTS_DIR).free < LEFT_FREE:
        raise NotReadable(
            _("Its files cannot be kept: %s. See to the disk, and import again.")
            % os.strerror(errno.ENOSPC)
        )


def _describe(part: dict[str, Any], kept: Kept) -> None:
    said = claimed(part["media_type"])
    guessed = mimetypes.guess_type(part["name"])[0] or ""
    if not said or said.endswith("/*"):
        said = claimed(guessed)
    part["digest"], part["size"] = kept.digest, kept.size
    part["media_type"] = kept.media_type or said
    if kept.width:
        part["width"], part["height"] = kept.width, kept.height
