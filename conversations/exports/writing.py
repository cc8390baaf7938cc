"""Conversations as a file, in the form that is wanted: piece by piece, so that memory does not grow with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from conversations.exports.formats import chatgpt, chatgpt_web, html, markdown, portal_json
from conversations.exports.plain import plain_conversations
from conversations.models import Conversation

PIECE = 64 * 1024  # characters


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


def export_conversations(
    conversations: QuerySet[Conversation], form: ExportFormat
) -> Iterator[str]:
    """Those that whoever asks may see."""
    pieces: list[str] = []
    size = 0
    for text in form.module.write(plain_conversations(conversations)):
        pieces.append(text)
        size += len(text)
        if size >= PIECE:
            yield "".join(pieces)
            pieces, size = [], 0
    yield "".join(pieces)
