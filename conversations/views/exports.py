"""Taking conversations away: one, chosen ones, or all."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language, override
from django.views.decorators.http import require_GET, require_POST

from accounts.audit import record
from accounts.spreadsheet import AS_IT_IS
from conversations.exports.writing import EXPORT_FORMATS, ExportFormat, export_conversations
from conversations.forms import ExportForm
from conversations.models import Conversation
from conversations.responses import refuse_form

END = object()


@require_POST
def export_create(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    own = Conversation.objects.visible_to(request.user)
    form = ExportForm(request.POST, conversations=own)
    if not form.is_valid():
        return refuse_form(request, form, back_to="conversations:import-home")
    if form.cleaned_data["which"] == "chosen":
        own = form.cleaned_data["conversation"]
    record(
        "conversations_exported",
        actor=request.user,
        detail=f"{form.cleaned_data['format']}, {own.count()}",
        request=request,
    )
    name = f"conversations-{timezone.localdate():%Y-%m-%d}"
    return _sent(EXPORT_FORMATS[form.cleaned_data["format"]], name, own)


@require_GET
def conversation_export(request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse:
    found = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    form = EXPORT_FORMATS.get(request.GET.get("format", ""), EXPORT_FORMATS["json"])
    record("conversations_exported", actor=request.user, detail=f"{form.name}, 1", request=request)
    return _sent(
        form, slugify(found.title)[:60] or "conversation", Conversation.objects.filter(pk=found.pk)
    )


def _sent(
    form: ExportFormat, name: str, conversations: QuerySet[Conversation]
) -> StreamingHttpResponse:
    pieces = export_conversations(conversations, form)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{form.module.SUFFIX}"',
        "Cache-Control": "no-store",
        **AS_IT_IS,
    }
    return StreamingHttpResponse(
        _pieces(pieces, get_language() or "en"),
        content_type=f"{form.module.MEDIA_TYPE}; charset=utf-8",
        headers=headers,
    )


async def _pieces(pieces: Iterator[str], language: str) -> AsyncIterator[str]:
    """Each piece is made when the one before has been sent."""

    def following() -> object:
        with override(language):
            return next(pieces, END)

    while (piece := await sync_to_async(following)()) is not END:
        yield str(piece)
