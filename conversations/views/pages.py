"""What a member looks at: the page of a conversation, or of one that is not yet begun, and its fragments."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from conversations.branch import THE_END, Elsewhere, Window
from conversations.branching import choose_version
from conversations.defaults import defaults_of
from conversations.drafts import draft_of
from conversations.forms import PromptSettingsForm
from conversations.gauge import gauge_of
from conversations.joining import snapshots
from conversations.models import Conversation, Message
from conversations.protocol import Event
from conversations.responses import refuse
from conversations.search import LONGEST_QUERY
from conversations.standing import deltas_after
from conversations.turns import TurnBusy
from conversations.views.branches import branch_context, window_asked_for
from conversations.views.sidebar import sidebar
from upstream.models import LanguageModel
from upstream.quota_sentences import what_is_short
from upstream.quotas import allowance_of


@require_GET
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    return _shown(request, _page(request, None))


@require_GET
@never_cache
def conversation(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The end of the current branch; or, with `at`, what stands around that message, whichever branch it is on."""
    found = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    window = window_asked_for(request)
    if at := _message_of(found, request.GET.get("at", "")):
        window = _turn_to(found, at)
    try:
        context = _page(request, found, window)
    except Elsewhere:
        context = _page(request, found)
    return _shown(request, context)


def _shown(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The service worker keeps such pages, and has to know when they become another person's."""
    page = render(request, "conversations/page.html", context)
    page["X-Portal-Person"] = salted_hmac("kept pages", str(request.user.pk)).hexdigest()[:16]
    return page


@require_GET
@never_cache
def conversation_list(request: HttpRequest) -> HttpResponse:
    return render(request, "conversations/_list.html", sidebar(request))


@require_GET
@never_cache
def conversation_branch(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    try:
        context = branch_context(request, found, window_asked_for(request))
    except Elsewhere:
        sentence = _("The conversation has gone on elsewhere. Here is its end.")
        return refuse(request, code="elsewhere", sentence=sentence, status=409, back_to=found)
    return render(request, "conversations/_branch.html", context)


@require_GET
@never_cache
def conversation_events(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The events after a number, for a page that missed some or has no socket: see docs/protocol.md."""
    found = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    generation, after = request.GET.get("generation", ""), request.GET.get("after", "")
    number = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    events: list[Event] = []
    for snapshot in snapshots(found, {generation: number} if generation else {}):
        later = deltas_after(snapshot, number) if snapshot.generation == generation else None
        events += [snapshot] if later is None else later
    return JsonResponse({"events": [event.as_dict() for event in events]})


@require_GET
@never_cache
def conversation_gauge(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What the next question would be sent with, for the window of the model chosen."""
    found = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    usable = LanguageModel.objects.usable_by(request.user)
    chosen = request.GET.get("model", "")
    is_number = chosen.isascii() and chosen.isdigit() and len(chosen) < 10
    model = usable.filter(pk=chosen).first() if is_number else None
    return JsonResponse(gauge_of(found, window=model.context_window if model else None))


def _message_of(found: Conversation, said: str) -> Message | None:
    try:
        return found.messages.filter(pk=uuid.UUID(said), deleted_at=None).first()
    except ValueError:
        return None


def _turn_to(found: Conversation, message: Message) -> Window:
    """Show the branch that `message` is on; while an answer is being written the page stays where that is."""
    try:
        choose_version(message)
    except (TurnBusy, Conversation.DoesNotExist):
        return THE_END
    found.refresh_from_db()
    return Window(around=message.pk)


def _page(
    request: HttpRequest, found: Conversation | None, window: Window = THE_END
) -> dict[str, Any]:
    models = list(LanguageModel.objects.usable_by(request.user))
    defaults = {} if found else defaults_of(request.user)
    preferred = found.language_model if found else defaults["language_model"]
    chosen = preferred if preferred in models else next(iter(models), None)
    branch = branch_context(request, found, window) if found else {"conversation": None}
    allowance = allowance_of(request.user.pk)  # type: ignore[arg-type]
    return {
        **branch,
        **sidebar(request),
        "draft": draft_of(request.user, found),
        "client_id": uuid.uuid4(),  # for the form that is sent without script
        "language_models": models,
        "some_model": bool(models) or LanguageModel.objects.exists(),
        "chosen_model": chosen,
        "allowance": allowance,
        "what_is_short": what_is_short(allowance),
        "settings_form": PromptSettingsForm(instance=found, initial=defaults),
        "lit": request.GET.get("lit", "")[:LONGEST_QUERY],
        "at": request.GET.get("at", "") if window.around else "",
    }
