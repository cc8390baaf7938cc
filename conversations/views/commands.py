"""What a member does. Each view: find, form, verb, respond."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.middleware import is_fetch
from conversations.defaults import defaults_of
from conversations.forms import GenerationForm, TitleForm, TurnForm
from conversations.models import Conversation, Generation, Message
from conversations.responses import refuse, refuse_form
from conversations.turns import (
    NothingToContinue,
    NotTheLast,
    TurnBusy,
    continue_turn,
    delete_conversation,
    rename_conversation,
    restore_conversation,
    retry_turn,
    start_conversation,
    start_turn,
    stop_generation,
)
from conversations.views.pages import branch_context


@require_POST
def conversation_create(request: HttpRequest) -> HttpResponse:
    preferred = defaults_of(request.user)["language_model"]
    form = TurnForm(request.POST, user=request.user, preferred=preferred)
    if not form.is_valid():
        return refuse_form(request, form, back_to="conversations:home")
    turn = start_conversation(request.user, **form.cleaned_data)
    url = turn.message.conversation.get_absolute_url()
    if is_fetch(request):
        return JsonResponse(
            {"conversation": str(turn.message.conversation_id), "url": url}, status=201
        )
    return redirect(url)


@require_POST
def message_create(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    form = TurnForm(request.POST, user=request.user, preferred=found.language_model)
    if not form.is_valid():
        return refuse_form(request, form, back_to=found)
    try:
        turn = start_turn(found, **form.cleaned_data)
    except TurnBusy:
        return _busy(request, found)
    except Conversation.DoesNotExist as error:
        raise Http404 from error
    if not is_fetch(request):
        return redirect(found)
    found.refresh_from_db()
    context = branch_context(request, found)
    new = {turn.message.pk, turn.answer.pk}
    context["messages_shown"] = [view for view in context["messages_shown"] if view.id in new]
    return render(request, "conversations/_branch.html", context, status=201)


@require_POST
def generation_create(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    answers = Message.objects.visible_to(request.user).filter(role=Message.Role.ASSISTANT)
    answer = get_object_or_404(answers.select_related("conversation", "language_model"), pk=pk)
    form = GenerationForm(request.POST, user=request.user, preferred=answer.language_model)
    if not form.is_valid():
        return refuse_form(request, form, back_to=answer.conversation)
    verb = (
        continue_turn if form.cleaned_data["kind"] == GenerationForm.Kind.CONTINUE else retry_turn
    )
    try:
        verb(answer, model=form.cleaned_data["model"])
    except TurnBusy:
        return _busy(request, answer.conversation)
    except NothingToContinue:
        sentence = _("There is nothing to continue here. Ask again, or regenerate the answer.")
        return refuse(
            request, code="whole", sentence=sentence, status=409, back_to=answer.conversation
        )
    except NotTheLast:
        sentence = _(
            "Something has been said after this answer. Ask again at the end of the conversation."
        )
        return refuse(
            request, code="not_last", sentence=sentence, status=409, back_to=answer.conversation
        )
    except Conversation.DoesNotExist as error:
        raise Http404 from error
    if not is_fetch(request):
        return redirect(answer.conversation)
    found = Conversation.objects.get(pk=answer.conversation_id)
    return render(request, "conversations/_branch.html", branch_context(request, found), status=201)


@require_POST
def generation_stop(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Generation.objects.visible_to(request.user), pk=pk)
    stop_generation(found)
    return HttpResponse(status=204) if is_fetch(request) else redirect(found.conversation)


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


def _busy(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    sentence = _(
        "An answer is being written here. Wait for it, or stop it; what you typed is kept."
    )
    return refuse(request, code="busy", sentence=sentence, status=409, back_to=conversation)
