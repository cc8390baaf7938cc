"""The pages on which a member brings conversations along, and takes them away. Each view: find, form, verb, respond."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.audit import record
from accounts.middleware import is_fetch
from accounts.spreadsheet import csv_response
from conversations.exports.writing import EXPORT_FORMATS
from conversations.imports import files
from conversations.imports.recognising import TITLES
from conversations.imports.undoing import undo
from conversations.imports.working import cancel, counts_of, start
from conversations.models import Conversation, Import, ImportRow
from conversations.views.exports import kept_exports

MOST_UNFINISHED = 5  # imports of one member, so that nobody fills the disk
MOST_FILES = 200
SHOWN = 300  # rows to choose from, and of a report
OFFERED = 200  # conversations to choose from for an export
IN_A_BATCH = 500
OUTCOMES = ("failed", "skipped", "updated", "imported", "pending")


@require_http_methods(["GET", "POST"])
@never_cache
def import_home(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return _home(request)
    uploaded = [each for each in request.FILES.getlist("files") if isinstance(each, UploadedFile)]
    if refusal := _refusal(request, uploaded):
        if is_fetch(request):
            return JsonResponse({"error": {"code": "rejected", "message": refusal}}, status=422)
        return _home(request, refusal=refusal, status=422)
    kept = [files.keep(each) for each in uploaded]
    made = Import.objects.create(owner=request.user, files=kept)  # type: ignore[misc]
    if is_fetch(request):
        return JsonResponse({"url": made.get_absolute_url()}, status=201)
    return redirect(made)


@require_GET
@never_cache
def import_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Import.objects.visible_to(request.user), pk=pk)
    fragment = "conversations/imports/_standing.html"
    page = fragment if is_fetch(request) else "conversations/imports/detail.html"
    return render(request, page, _standing(found))


@require_POST
def import_start(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Import.objects.visible_to(request.user), pk=pk)
    if found.state == Import.State.WAITING:
        _choose(found, set(request.POST.getlist("row")), rest="rest" in request.POST)
        start(found)
    return redirect(found)


@require_POST
def import_cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Import.objects.visible_to(request.user), pk=pk)
    cancel(found)
    return redirect(found)


@require_POST
def import_undo(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Import.objects.visible_to(request.user), pk=pk)
    count = undo(found)
    record("import_undone", actor=request.user, detail=str(count), request=request)
    said = ngettext(
        "%d conversation was moved to the trash.",
        "%d conversations were moved to the trash.",
        count,
    )
    messages.info(request, said % count)
    return redirect(found)


@require_GET
def import_report(request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse:
    found = get_object_or_404(Import.objects.visible_to(request.user), pk=pk)
    head = (_("Place"), _("Title"), _("From"), _("Messages"), _("Outcome"), _("Reason"))

    def read(mark: int | None) -> tuple[list[Any], int | None]:
        after = -1 if mark is None else mark
        rows = list(found.rows.filter(number__gt=after).order_by("number")[:IN_A_BATCH])
        lines = [
            (
                *(row.place, row.title, TITLES.get(row.format, ""), row.messages),
                *(row.get_outcome_display(), row.reason),
            )
            for row in rows
        ]
        return lines, rows[-1].number if len(rows) == IN_A_BATCH else None

    return csv_response(f"import-{found.created_at:%Y-%m-%d}.csv", head, read)


def _home(request: HttpRequest, *, refusal: str = "", status: int = 200) -> HttpResponse:
    own = Conversation.objects.visible_to(request.user).recent_first()
    context = {
        "imports": Import.objects.visible_to(request.user).recent_first()[:20],
        "refusal": refusal,
        "largest": filesizeformat(settings.PORTAL_IMPORT_MAX_BYTES),
        "conversations": own[:OFFERED],
        "count": own.count(),
        "formats": EXPORT_FORMATS.values(),
        **kept_exports(request),
    }
    return render(request, "conversations/imports/home.html", context, status=status)


def _refusal(request: HttpRequest, uploaded: list[UploadedFile]) -> str:
    if not uploaded:
        return _("Choose a file first.")
    if len(uploaded) > MOST_FILES:
        return _("At most %d files can be taken at once. Put them into a ZIP.") % MOST_FILES
    most = settings.PORTAL_IMPORT_MAX_BYTES
    if sum(each.size or 0 for each in uploaded) > most:
        return _("Together they are larger than %s, which is the most that is taken.") % (
            filesizeformat(most)
        )
    unfinished = Import.objects.unfinished().filter(owner=request.user.pk).count()
    if unfinished >= MOST_UNFINISHED:
        return _("Several imports are waiting for you already. Finish or cancel one of them first.")
    return ""


def _choose(found: Import, chosen: set[str], *, rest: bool) -> None:
    """Of the rows that were shown, those that are not ticked are left out; and all others where `rest` is not."""
    pending = found.rows.filter(outcome=ImportRow.Outcome.PENDING).order_by("number")
    shown = list(pending.values_list("pk", flat=True)[:SHOWN])
    unwanted = [pk for pk in shown if str(pk) not in chosen]
    with transaction.atomic():
        found.rows.filter(pk__in=unwanted).update(is_wanted=False)
        if not rest and shown:
            pending.exclude(pk__in=shown).update(is_wanted=False)


def _standing(found: Import) -> dict[str, Any]:
    counts = counts_of(found)
    total = sum(counts.values())
    rows = found.rows.order_by("number")
    listed = [row for each in OUTCOMES for row in rows.filter(outcome=each)[:SHOWN]][:SHOWN]
    if found.state == Import.State.WAITING:
        listed = list(rows.filter(outcome=ImportRow.Outcome.PENDING)[:SHOWN])
    for row in listed:
        row.source = TITLES.get(row.format, "")  # type: ignore[attr-defined]
    return {
        "import": found,
        "counts": counts,
        "total": total,
        "done": total - counts["pending"],
        "rows": listed if not found.is_at_work else [],
        "more": (counts["pending"] if found.state == "waiting" else total) - len(listed),
        "others": counts["failed"] + counts["skipped"],
        "can_undo": found.state in {"completed", "cancelled", "failed"} and counts["imported"],
        "url": reverse("conversations:import", args=[found.pk]),
    }
