"""Where the composer saves what is being written. Each view: find, form, verb, respond."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from conversations.drafts import save_draft
from conversations.forms import DraftForm
from conversations.models import Conversation
from conversations.responses import refuse_form


@require_POST
def draft_of_new_save(request: HttpRequest) -> HttpResponse:
    return _save(request, None)


@require_POST
def draft_save(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _save(request, get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk))


def _save(request: HttpRequest, conversation: Conversation | None) -> HttpResponse:
    form = DraftForm(request.POST)
    if not form.is_valid():
        return refuse_form(request, form, back_to=conversation or "conversations:home")
    save_draft(request.user, conversation, **form.cleaned_data)
    return HttpResponse(status=204)
