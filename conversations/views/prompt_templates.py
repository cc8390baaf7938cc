"""The pages of prompt templates, and what the composer asks for. Each view: find, form, verb, respond."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.audit import record
from conversations.models import PromptTemplate
from conversations.prompt_files import PromptFile, write_prompt_file
from conversations.prompt_templates import (
    Added,
    add_templates,
    delete_templates,
    matching,
    restore_templates,
)
from conversations.template_forms import PromptImportForm, PromptTemplateForm

PAGE = "conversations:prompt-template-list"
ON_A_PAGE = 100
EXCERPT = 120  # characters
NAMED = 10  # titles or faults that are told one by one


@require_GET
@never_cache
def template_list(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "")[:200]
    own = PromptTemplate.objects.owned_by(request.user).by_title()
    found = matching(own, query)
    context = {
        "query": query,
        "own": Paginator(found, ON_A_PAGE).get_page(request.GET.get("page")),
        "shared": matching(PromptTemplate.objects.owned_by(None).by_title(), query),
        "has_own": bool(found) or own.exists(),
    }
    return render(request, "conversations/prompt_templates/list.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def template_create(request: HttpRequest) -> HttpResponse:
    form = PromptTemplateForm(request.POST or None, user=request.user)
    return _edit(request, form)


@require_http_methods(["GET", "POST"])
@never_cache
def template_edit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(PromptTemplate.objects.editable_by(request.user), pk=pk)
    return _edit(
        request, PromptTemplateForm(request.POST or None, user=request.user, template=found)
    )


@require_POST
def template_delete(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(PromptTemplate.objects.editable_by(request.user), pk=pk)
    moment = delete_templates(PromptTemplate.objects.filter(pk=found.pk))
    return _deleted(request, moment, format_html(_("“{}” was deleted."), found.title))


@require_POST
def template_delete_all(request: HttpRequest) -> HttpResponse:
    """All of one's own; those for everybody stay."""
    own = PromptTemplate.objects.owned_by(request.user)
    sentence = _("Your templates were deleted, %d in all.") % own.count()
    return _deleted(request, delete_templates(own), sentence)


@require_POST
def template_restore(request: HttpRequest) -> HttpResponse:
    if not restore_templates(request.user, deleted_at=_moment(request.GET.get("deleted_at", ""))):
        raise Http404
    return redirect(PAGE)


@require_http_methods(["GET", "POST"])
@never_cache
def template_import(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return _import_page(request, PromptImportForm(user=request.user))
    form = PromptImportForm(request.POST, request.FILES, user=request.user)
    if not form.is_valid():
        return _import_page(request, form, status=422)
    added = add_templates(form.read.rows, owner=form.owner)
    if faults := _faults(form.read, added):
        return _import_page(request, form, status=422, faults=faults, outcome=_outcome(added))
    messages.info(request, _outcome(added))
    return redirect(PAGE)


@require_GET
@never_cache
def template_export(request: HttpRequest) -> HttpResponse:
    text = write_prompt_file(PromptTemplate.objects.owned_by(request.user).by_title())
    record("prompt_templates_exported", actor=request.user, request=request)
    headers = {"Content-Disposition": 'attachment; filename="prompt-templates.json"'}
    return HttpResponse(text, content_type="application/json; charset=utf-8", headers=headers)


@require_GET
@never_cache
def template_titles(request: HttpRequest) -> HttpResponse:
    """What "/" in the composer finds; the text of the one that is chosen is fetched then."""
    found = PromptTemplate.objects.visible_to(request.user).by_title()
    return JsonResponse({"templates": [_entry(template) for template in found]})


@require_GET
@never_cache
def template_text(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(PromptTemplate.objects.visible_to(request.user), pk=pk)
    return JsonResponse({"title": found.title, "text": found.text})


def _edit(request: HttpRequest, form: PromptTemplateForm) -> HttpResponse:
    if not form.is_bound or not form.is_valid():
        status = 422 if form.is_bound else 200
        context = {"form": form, "template": form.template}
        return render(request, "conversations/prompt_templates/edit.html", context, status=status)
    template = form.save()
    messages.info(request, format_html(_("“{}” was saved."), template.title))
    return redirect(PAGE)


def _deleted(request: HttpRequest, moment: datetime, sentence: str) -> HttpResponse:
    query = urlencode({"deleted_at": moment.isoformat()})
    undo = f"{reverse('conversations:prompt-template-restore')}?{query}"
    messages.info(request, sentence, extra_tags=f"undo:{undo}")
    return redirect(PAGE)


def _import_page(
    request: HttpRequest, form: PromptImportForm, *, status: int = 200, **context: Any
) -> HttpResponse:
    page = "conversations/prompt_templates/import.html"
    return render(request, page, {"form": form, **context}, status=status)


def _outcome(added: Added) -> str:
    sentence = (
        ngettext("%d template was added", "%d templates were added", added.count) % added.count
    )
    if not added.known:
        return f"{sentence}."
    already = ngettext("%d was there already", "%d were there already", len(added.known))
    return f"{sentence}, {already % len(added.known)}: {_some(added.known)}."


def _some(titles: list[str]) -> str:
    named = ", ".join(f"“{Truncator(title).chars(40)}”" for title in titles[:NAMED])
    more = len(titles) - NAMED
    return (
        named
        if more <= 0
        else ngettext("%(named)s and %(more)d more", "%(named)s and %(more)d more", more)
        % {
            "named": named,
            "more": more,
        }
    )


def _faults(read: PromptFile, added: Added) -> list[str]:
    faults = read.faults[:NAMED]
    if more := len(read.faults) - len(faults):
        faults.append(ngettext("And %d more row.", "And %d more rows.", more) % more)
    if added.too_many:
        faults.append(_("There is no room for more: %s was left out.") % _some(added.too_many))
    return faults


def _entry(template: PromptTemplate) -> dict[str, Any]:
    return {
        "title": template.title,
        "excerpt": " ".join(template.text[: EXCERPT * 2].split())[:EXCERPT],
        "is_shared": template.is_shared,
        "url": reverse("conversations:prompt-template-text", args=[template.pk]),
    }


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:  # no moment, or one beyond the calendar
        raise Http404 from error
    raise Http404
