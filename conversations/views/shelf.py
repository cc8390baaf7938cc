"""What a member does with a conversation as a whole. Each view: find, form, verb, respond."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.middleware import is_fetch
from conversations.branching import clear_conversation
from conversations.context import change_settings
from conversations.forms import PromptSettingsForm, SwitchForm, TitleForm
from conversations.models import Conversation
from conversations.responses import busy, refuse_form
from conversations.shelf import (
    archive_conversation,
    delete_all,
    delete_conversation,
    delete_for_ever,
    pin_conversation,
    rename_conversation,
    restore_conversation,
    see_conversation,
)
from conversations.turns import TurnBusy


@require_POST
def conversation_rename(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    form = TitleForm(request.POST)
    if not form.is_valid():
        return refuse_form(request, form, back_to=found)
    rename_conversation(found, title=form.cleaned_data["title"])
    return JsonResponse({"title": found.title}) if is_fetch(request) else redirect(found)


@require_POST
def conversation_delete(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    delete_conversation(found)
    restore_url = reverse("conversations:conversation-restore", args=[found.pk])
    if is_fetch(request):
        return JsonResponse({"restore_url": restore_url, "title": found.title})
    messages.info(
        request, format_html(_("“{}” was deleted."), found.title), extra_tags=f"undo:{restore_url}"
    )
    return redirect("conversations:home")


@require_POST
def conversation_restore(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Conversation.objects.deleted_by(request.user), pk=pk)
    restore_conversation(found)
    return JsonResponse({"url": found.get_absolute_url()}) if is_fetch(request) else redirect(found)


@require_POST
def conversation_pin(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    form = SwitchForm(request.POST)
    if not form.is_valid():
        return refuse_form(request, form, back_to=found)
    pin_conversation(found, pinned=form.cleaned_data["on"])
    return HttpResponse(status=204) if is_fetch(request) else redirect(found)


@require_POST
def conversation_archive(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    form = SwitchForm(request.POST)
    if not form.is_valid():
        return refuse_form(request, form, back_to=found)
    archive_conversation(found, archived=form.cleaned_data["on"])
    return HttpResponse(status=204) if is_fetch(request) else redirect(found)


@require_POST
def conversation_seen(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    see_conversation(get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk))
    return HttpResponse(status=204)


@require_POST
def conversation_settings(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    form = PromptSettingsForm(request.POST)
    if not form.is_valid():
        return refuse_form(request, form, back_to=found)
    change_settings(found, **form.cleaned_data)
    return HttpResponse(status=204) if is_fetch(request) else redirect(found)


@require_POST
def conversation_clear(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Begin it anew; Undo turns back to what was said."""
    found = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    try:
        leaf = clear_conversation(found)
    except TurnBusy:
        return busy(request, found)
    except Conversation.DoesNotExist as error:  # deleted meanwhile
        raise Http404 from error
    if leaf:
        undo = reverse("conversations:message-version", args=[leaf])
        text = _("Begun anew. What was said is still there.")
        messages.info(request, text, extra_tags=f"undo:{undo}")
    return redirect(found)


@require_POST
def delete_everything(request: HttpRequest) -> HttpResponse:
    """All conversations at hand, into the trash: from there each can be brought back."""
    count = delete_all(request.user)
    said = ngettext(
        "%(count)s conversation is in the trash now.",
        "%(count)s conversations are in the trash now.",
        count,
    )
    messages.info(request, said % {"count": count})
    return redirect(f"{reverse('conversations:home')}?state=deleted")


@require_POST
def conversation_erase(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Conversation.objects.deleted_by(request.user), pk=pk)
    delete_for_ever([found])
    return HttpResponse(status=204) if is_fetch(request) else redirect("conversations:home")


@require_POST
def trash_empty(request: HttpRequest) -> HttpResponse:
    count = delete_for_ever(Conversation.objects.deleted_by(request.user))
    said = ngettext(
        "%(count)s conversation was deleted for ever.",
        "%(count)s conversations were deleted for ever.",
        count,
    )
    if is_fetch(request):
        return JsonResponse({"text": said % {"count": count}})
    messages.info(request, said % {"count": count})
    return redirect("conversations:home")
