"""What a member does with one message. Each view: find, form, verb, respond."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.middleware import is_fetch
from conversations.branch import Window
from conversations.branching import (
    choose_version,
    copy_conversation,
    delete_message,
    restore_message,
)
from conversations.context import end_context, leave_out
from conversations.forms import ContextForm
from conversations.generation.sent import read_sent
from conversations.message_details import details_of
from conversations.models import Conversation, Message
from conversations.responses import busy, refuse_form
from conversations.turns import TurnBusy
from conversations.views.branches import show_branch
from upstream.models import LanguageModel


@require_POST
def message_version(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show the branch through this version of a message."""
    message = _own(request, pk)
    return _moved(request, message, lambda: (choose_version(message), message.pk))


@require_POST
def message_delete(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    message = _own(request, pk)
    return _moved(request, message, lambda: delete_message(message))


@require_POST
def message_restore(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    deleted = Message.objects.deleted_by(request.user).select_related("conversation")
    message = get_object_or_404(deleted, pk=pk)
    return _moved(request, message, lambda: (restore_message(message), message.pk))


@require_POST
def message_copy(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Copy the conversation down to this message into a new one."""
    message = _own(request, pk)
    try:
        url = copy_conversation(message).get_absolute_url()
    except TurnBusy:
        return busy(request, message.conversation)
    return JsonResponse({"url": url}, status=201) if is_fetch(request) else redirect(url)


@require_POST
def message_context(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    message = _own(request, pk)
    form = ContextForm(request.POST)
    if not form.is_valid():
        return refuse_form(request, form, back_to=message.conversation)
    on = form.cleaned_data["on"]
    if form.cleaned_data["mark"] == "left_out":
        leave_out(message, left_out=on)
    else:
        end_context(message, ends_context=on)
    return show_branch(request, message.conversation_id, Window(around=message.pk))


@require_GET
@never_cache
def message_details(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """How the message came about, and what the upstream was sent for it."""
    message = _own(request, pk)
    newest = message.generations.select_related(
        "language_model__provider", "answered_by__provider", "credential__provider", "message"
    )
    generation = newest.order_by("-created_at", "-pk").first()
    usable = list(LanguageModel.objects.usable_by(request.user))
    details = details_of(message, generation, usable=usable)
    sent = read_sent(generation) if generation else None
    if (
        sent and not details.provider
    ):  # what they may not use any more is called by its old title alone
        sent = replace(sent, model=details.model, body=None)
    body = json.dumps(sent.body, ensure_ascii=False, indent=2) if sent and sent.body else ""
    context = {"details": details, "sent": sent, "body": body}
    return render(request, "conversations/_details.html", context)


def _own(request: HttpRequest, pk: uuid.UUID) -> Message:
    own = Message.objects.visible_to(request.user)
    return get_object_or_404(own.select_related("conversation__owner"), pk=pk)


def _moved(
    request: HttpRequest, message: Message, verb: Callable[[], tuple[Any, uuid.UUID]]
) -> HttpResponse:
    """Show the branch around the message that `verb` says is to be looked at."""
    try:
        conversation, at = verb()
    except TurnBusy:
        return busy(request, message.conversation)
    except Conversation.DoesNotExist as error:
        raise Http404 from error
    return show_branch(request, conversation.pk, Window(around=at))
