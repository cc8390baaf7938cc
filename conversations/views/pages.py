"""What a member looks at: the page of a conversation, or of one that is not yet begun, and its fragments."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from conversations.branch import read_branch
from conversations.defaults import defaults_of
from conversations.drafts import draft_of
from conversations.joining import snapshots
from conversations.models import Conversation
from conversations.protocol import Event
from conversations.standing import deltas_after
from upstream.models import LanguageModel

SIDEBAR = 200  # conversations


@require_GET
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "conversations/page.html", _page(request, None))


@require_GET
@never_cache
def conversation(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    return render(request, "conversations/page.html", _page(request, found))


@require_GET
@never_cache
def conversation_list(request: HttpRequest) -> HttpResponse:
    return render(request, "conversations/_list.html", _sidebar(request))


@require_GET
@never_cache
def conversation_branch(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    return render(request, "conversations/_branch.html", branch_context(request, found))


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


def branch_context(request: HttpRequest, found: Conversation) -> dict[str, Any]:
    staff = getattr(request.user, "is_staff", False)
    return {"conversation": found, "messages_shown": read_branch(found, show_details=staff)}


def _page(request: HttpRequest, found: Conversation | None) -> dict[str, Any]:
    models = list(LanguageModel.objects.usable_by(request.user))
    preferred = found.language_model if found else defaults_of(request.user)["language_model"]
    chosen = preferred if preferred in models else next(iter(models), None)
    branch = (
        branch_context(request, found) if found else {"conversation": None, "messages_shown": []}
    )
    return {
        **branch,
        **_sidebar(request),
        "draft": draft_of(request.user, found),
        "client_id": uuid.uuid4(),  # for the form that is sent without script
        "language_models": models,
        "chosen_model": chosen,
    }


@dataclass(frozen=True, slots=True)
class Entry:
    """A conversation as the sidebar shows it, under the heading of its period."""

    conversation: Conversation
    period: str
    period_label: str

    @property
    def id(self) -> uuid.UUID:
        return self.conversation.pk

    @property
    def title(self) -> str:
        return self.conversation.title

    @property
    def updated_at(self) -> datetime:
        return self.conversation.updated_at

    @property
    def is_writing(self) -> bool:
        return bool(getattr(self.conversation, "is_writing", False))

    def get_absolute_url(self) -> str:
        return self.conversation.get_absolute_url()


def _sidebar(request: HttpRequest) -> dict[str, Any]:
    """The newest conversations, or those from before the moment in `before`, and where the next ones are."""
    recent = Conversation.objects.visible_to(request.user).with_writing().recent_first()
    if before := _moment(request.GET.get("before", "")):
        recent = recent.filter(updated_at__lt=before)
    found = list(recent[: SIDEBAR + 1])
    shown, more = found[:SIDEBAR], found[SIDEBAR:]
    query = urlencode({"before": shown[-1].updated_at.isoformat()}) if more else ""
    return {
        "conversations": [Entry(each, *_period(each.updated_at)) for each in shown],
        "older_url": f"{request.path}?{query}" if more else "",
    }


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _period(moment: datetime) -> tuple[str, str]:
    today = timezone.localdate()
    day = timezone.localtime(moment).date()
    if day >= today:
        return "today", _("Today")
    if day == today - timedelta(days=1):
        return "yesterday", _("Yesterday")
    if day >= today - timedelta(days=7):
        return "week", _("Previous 7 days")
    return "older", _("Older")
