"""What a member does. Each view: find, form, verb, respond."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.middleware import is_fetch
from conversations.branch import Branch
from conversations.defaults import defaults_of
from conversations.drafts import save_draft
from conversations.forms import GenerationForm, PromptSettingsForm, TurnForm
from conversations.models import Conversation, Generation, Message
from conversations.responses import busy, limited, refuse, refuse_form
from conversations.turns import (
    NothingToContinue,
    NotTheLast,
    TurnBusy,
    continue_turn,
    edit_turn,
    retry_turn,
    start_conversation,
    start_turn,
    stop_generation,
)
from conversations.views.branches import branch_context, show_branch
from upstream.quotas import LimitReached


@require_POST
def conversation_create(request: HttpRequest) -> HttpResponse:
    prompt_settings = defaults_of(request.user)
    preferred = prompt_settings.pop("language_model")
    form = TurnForm(request.POST, user=request.user, preferred=preferred)
    if not form.is_valid():
        return refuse_form(request, form, back_to="conversations:home")
    if "has_settings" in request.POST:
        settings_form = PromptSettingsForm(request.POST)
        if not settings_form.is_valid():
            return refuse_form(request, settings_form, back_to="conversations:home")
        prompt_settings = settings_form.cleaned_data
    try:
        turn = start_conversation(request.user, **form.cleaned_data, **prompt_settings)
    except LimitReached as reached:
        _keep_draft(request, None, form)
        return limited(request, reached, back_to="conversations:home")
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
    except LimitReached as reached:
        _keep_draft(request, found, form)
        return limited(request, reached, back_to=found)
    except TurnBusy:
        return busy(request, found)
    except Conversation.DoesNotExist as error:
        raise Http404 from error
    if not is_fetch(request):
        return redirect(found)
    found.refresh_from_db()
    context = branch_context(request, found)
    new = {turn.message.pk, turn.answer.pk}
    shown = [view for view in context["branch"].messages if view.id in new]
    context["branch"] = Branch(shown)
    return render(request, "conversations/_branch.html", context, status=201)


@require_POST
def message_edit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Say something else instead: the message and all below it stay, as another version."""
    own = Message.objects.visible_to(request.user).filter(role=Message.Role.USER)
    message = get_object_or_404(own.select_related("conversation__language_model"), pk=pk)
    conversation = message.conversation
    form = TurnForm(request.POST, user=request.user, preferred=conversation.language_model)
    if not form.is_valid():
        return refuse_form(request, form, back_to=conversation)
    try:
        edit_turn(message, **form.cleaned_data)
    except LimitReached as reached:
        return limited(request, reached, back_to=conversation)
    except TurnBusy:
        return busy(request, conversation)
    except Conversation.DoesNotExist as error:
        raise Http404 from error
    return show_branch(request, conversation.pk, status=201)


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
    except LimitReached as reached:
        return limited(request, reached, back_to=answer.conversation)
    except TurnBusy:
        return busy(request, answer.conversation)
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
    return show_branch(request, answer.conversation_id, status=201)


@require_POST
def generation_stop(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Generation.objects.visible_to(request.user), pk=pk)
    stop_generation(found)
    return HttpResponse(status=204) if is_fetch(request) else redirect(found.conversation)


def _keep_draft(request: HttpRequest, found: Conversation | None, form: TurnForm) -> None:
    """A page with a script keeps what was typed itself; for a plain form it is kept here."""
    if not is_fetch(request):
        text, client_id = form.cleaned_data["text"], form.cleaned_data["client_id"]
        save_draft(request.user, found, text=text, client_id=client_id)
