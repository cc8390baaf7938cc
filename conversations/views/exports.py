"""Taking conversations away: one, chosen ones, or all."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.text import slugify
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.audit import record
from accounts.middleware import is_fetch
from accounts.spreadsheet import AS_IT_IS
from conversations.exports import files
from conversations.exports.asking import TooMany, ask_for_export, cancel, delete, is_large
from conversations.exports.writing import EXPORT_FORMATS, ExportFile, ExportFormat, export_file
from conversations.forms import ExportForm
from conversations.models import Conversation, Export
from conversations.responses import refuse, refuse_form
from conversations.views.kept_file import kept_file

SHOWN = 20
KEPT = "conversations:import-home"


@require_POST
def export_create(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    own = Conversation.objects.visible_to(request.user)
    form = ExportForm(request.POST, conversations=own)
    if not form.is_valid():
        return refuse_form(request, form, back_to="conversations:import-home")
    chosen = form.cleaned_data["which"] == "chosen"
    wanted = form.cleaned_data["conversation"] if chosen else own
    export_format = EXPORT_FORMATS[form.cleaned_data["format"]]
    if is_large(wanted):
        return _made_ahead(request, export_format, wanted, chosen)
    _note(request, export_format, wanted.count())
    return _sent(export_file(wanted, export_format))


@require_GET
def conversation_export(request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse:
    found = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    form = EXPORT_FORMATS.get(request.GET.get("format", ""), EXPORT_FORMATS["json"])
    _note(request, form, 1)
    stem = slugify(found.title)[:60] or "conversation"
    return _sent(export_file(Conversation.objects.filter(pk=found.pk), form, stem=stem))


@require_GET
@never_cache
def export_list(request: HttpRequest) -> HttpResponse:
    """Those that were made ahead, for the page that shows them."""
    if not is_fetch(request):
        return redirect("conversations:import-home")
    return render(request, "conversations/exports/_kept.html", kept_exports(request))


@require_GET
def export_file_get(request: HttpRequest, pk: uuid.UUID) -> HttpResponse | StreamingHttpResponse:
    found = get_object_or_404(Export.objects.visible_to(request.user), pk=pk)
    if not constant_time_compare(request.GET.get("token", ""), found.token):
        raise Http404
    if not Export.objects.ready(timezone.now()).filter(pk=pk).exists():
        messages.error(request, _("This file is no longer kept. Export once more."))
        return redirect(KEPT)
    told = {"name": found.file_name, "content_type": found.content_type, "version": found.stored}
    try:
        return kept_file(request, files.path_of(found.stored), **told)
    except OSError:
        messages.error(request, _("The file cannot be read. Export once more."))
        return redirect(KEPT)


@require_POST
def export_cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Export.objects.visible_to(request.user), pk=pk)
    cancel(found)
    return redirect(KEPT)


@require_POST
def export_delete(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Export.objects.visible_to(request.user), pk=pk)
    delete(found)
    return redirect(KEPT)


def kept_exports(request: HttpRequest) -> dict[str, Any]:
    found = list(Export.objects.visible_to(request.user).recent_first()[:SHOWN])
    for each in found:
        form = EXPORT_FORMATS.get(each.format)
        each.label = form.label if form else each.format
    return {"exports": found, "any_at_work": any(each.is_at_work for each in found)}


def _made_ahead(
    request: HttpRequest, form: ExportFormat, wanted: QuerySet[Conversation], chosen: bool
) -> HttpResponse:
    ids = [str(pk) for pk in wanted.values_list("pk", flat=True)]
    try:
        ask_for_export(request.user, form, count=len(ids), chosen=ids if chosen else None)
    except TooMany:
        sentence = _("Exports of yours are being made already. Wait for them, or cancel one.")
        return refuse(request, code="busy", sentence=sentence, status=409, back_to=KEPT)
    _note(request, form, len(ids))
    messages.info(request, _("This is much: it is being made, and stands below when it is ready."))
    return redirect(KEPT)


def _note(request: HttpRequest, form: ExportFormat, count: int) -> None:
    detail = f"{form.name}, {count}"
    record("conversations_exported", actor=request.user, detail=detail, request=request)


def _sent(file: ExportFile) -> StreamingHttpResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="{file.name}"',
        "Cache-Control": "no-store",
        **AS_IT_IS,
    }
    return StreamingHttpResponse(
        _pieces(file.pieces, get_language() or "en"),
        content_type=file.content_type,
        headers=headers,
    )


async def _pieces(pieces: Iterator[bytes], language: str) -> AsyncIterator[bytes]:
    """Each piece is made when the one before has been sent."""

    def following() -> bytes | None:
        with override(language):
            return next(pieces, None)

    while (piece := await sync_to_async(following)()) is not None:
        yield piece
