"""The list of conversations beside the page: at hand, archived, in the trash, or found."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.models import Conversation
from conversations.search import LONGEST_QUERY, Hit, search

SHOWN = 200  # conversations
MOST_PINNED = 100


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
    def is_pinned(self) -> bool:
        return self.conversation.is_pinned

    @property
    def is_archived(self) -> bool:
        return self.conversation.archived_at is not None

    @property
    def is_writing(self) -> bool:
        return bool(getattr(self.conversation, "is_writing", False))

    @property
    def is_unseen(self) -> bool:
        return bool(getattr(self.conversation, "is_unseen", False))

    def get_absolute_url(self) -> str:
        return self.conversation.get_absolute_url()


def sidebar(request: HttpRequest) -> dict[str, Any]:
    """What `q` finds; else the conversations of a `state`, newest first, from before the moment in `before` on."""
    query = request.GET.get("q", "")[:LONGEST_QUERY].strip()
    if query:
        hits: list[Hit] = search(request.user, query)
        return {"query": query, "hits": hits, "state": "", "conversations": [], "older_url": ""}
    state = request.GET.get("state", "")
    state = state if state in {"archived", "deleted"} else ""
    rows = _rows(request.user, state)
    pinned = [] if state else list(rows.filter(pinned_at__isnull=False)[:MOST_PINNED])
    before = _moment(request.GET.get("before", ""))
    rest = rows if state else rows.filter(pinned_at=None)
    found = list((rest.filter(updated_at__lt=before) if before else rest)[: SHOWN + 1])
    shown, more = found[:SHOWN], found[SHOWN:]
    query_string = urlencode(
        {"before": shown[-1].updated_at.isoformat(), **({"state": state} if state else {})}
        if more
        else {}
    )
    entries = [] if before else [Entry(each, "pinned", _("Pinned")) for each in pinned]
    entries += [Entry(each, *_period(each.updated_at)) for each in shown]
    return {
        "query": "",
        "state": state,
        "conversations": entries,
        "older_url": f"{request.path}?{query_string}" if more else "",
    }


def _rows(user: Any, state: str) -> Any:
    conversations = Conversation.objects
    if state == "deleted":
        return conversations.deleted_by(user).recent_first()
    own = conversations.visible_to(user).with_marks().recent_first()
    return own.archived() if state == "archived" else own.at_hand()


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):  # no moment, or one beyond the calendar
        return None


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
