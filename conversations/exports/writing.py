"""Conversations as a file, in the form that is wanted: piece by piece, so that memory does not grow with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.exports.archive import archived
from conversations.exports.attached import attachments_of, members, with_pictures
from conversations.exports.formats import chatgpt, chatgpt_web, html, markdown, portal_json
from conversations.exports.plain import Plain, plain_conversations
from conversations.models import Conversation

PIECE = 64 * 1024  # characters

Watch = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """`label` as a member is offered it."""

    module: Any
    label: Any

    @property
    def name(self) -> str:
        return str(self.module.NAME)


EXPORT_FORMATS = {
    each.name: each
    for each in (
        ExportFormat(portal_json, _("JSON: everything, for a portal")),
        ExportFormat(markdown, _("Markdown: for reading")),
        ExportFormat(html, _("HTML: one page, for keeping")),
        ExportFormat(chatgpt, _("As ChatGPT exports it")),
        ExportFormat(chatgpt_web, _("As chatgpt-web exports it")),
    )
}


@dataclass(frozen=True, slots=True)
class ExportFile:
    """What is sent or kept: a file name, its content type, and its bytes as they are made."""

    name: str
    content_type: str
    pieces: Iterator[bytes]


def export_file(
    conversations: QuerySet[Conversation],
    form: ExportFormat,
    *,
    stem: str = "",
    watch: Watch | None = None,
) -> ExportFile:
    """`watch` is told, before each conversation and after the last, how many are done; what it raises ends it."""
    stem = stem or f"conversations-{timezone.localdate():%Y-%m-%d}"
    pieces = (piece.encode() for piece in export_conversations(conversations, form, watch))
    if hasattr(form.module, "file_name") and attachments_of(conversations).exists():
        beside = members(conversations, form.module)
        packed = archived("conversations.json", pieces, beside)
        return ExportFile(f"{stem}.zip", "application/zip", packed)
    content_type = f"{form.module.MEDIA_TYPE}; charset=utf-8"
    return ExportFile(f"{stem}.{form.module.SUFFIX}", content_type, pieces)


def export_conversations(
    conversations: QuerySet[Conversation], form: ExportFormat, watch: Watch | None = None
) -> Iterator[str]:
    """Those that whoever asks may see."""
    pieces: list[str] = []
    size = 0
    values = _watched(plain_conversations(conversations), watch)
    if getattr(form.module, "DRAWS_PICTURES", False):
        values = with_pictures(values, conversations)
    for text in form.module.write(values):
        pieces.append(text)
        size += len(text)
        if size >= PIECE:
            yield "".join(pieces)
            pieces, size = [], 0
    yield "".join(pieces)


def _watched(values: Iterator[Plain], watch: Watch | None) -> Iterator[Plain]:
    done = 0
    for done, value in enumerate(values, start=1):
        if watch is not None:
            watch(done - 1)
        yield value
    if watch is not None:
        watch(done)
