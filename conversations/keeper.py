"""What the portal keeps for a person here, for when their account ends (accounts/leaving.py)."""

from __future__ import annotations

from collections.abc import Collection

from django.utils import timezone
from django.utils.translation import ngettext

from accounts.leaving import Holding
from accounts.models import User
from conversations.dispatch import dispatch_after_commit
from conversations.exports.asking import erase_exports_of
from conversations.generation.farewell import TRIED_FOR
from conversations.models import Conversation, Generation, Message, PromptTemplate
from conversations.shelf import delete_for_ever


def holdings_of(people: Collection[int]) -> list[Holding]:
    conversations = Conversation.objects.filter(owner__in=people).count()
    messages = Message.objects.filter(conversation__owner__in=people).count()
    templates = PromptTemplate.objects.filter(owner__in=people).count()
    return [
        Holding(
            _said(ngettext("%d conversation", "%d conversations", conversations), conversations),
            conversations,
        ),
        Holding(_said(ngettext("%d message", "%d messages", messages), messages), messages),
        Holding(
            _said(ngettext("%d prompt template", "%d prompt templates", templates), templates),
            templates,
        ),
    ]


def erase(person: User) -> bool:
    """Conversation by conversation, each in a transaction of its own. What an upstream keeps of one is deleted there by
    the engine (generation/farewell.py), for which an empty row stays until it has been.
    """
    now = timezone.now()
    erase_exports_of(person)
    for generation in Generation.objects.active().filter(conversation__owner=person):
        generation.request_stop()
    dispatch_after_commit()
    own = Conversation.objects.filter(owner=person)
    own.filter(deleted_at=None).update(deleted_at=now)
    delete_for_ever(own.exclude(messages=None).distinct())
    delete_for_ever(own.filter(messages=None, credential=None))
    kept_upstream = own.filter(credential__isnull=False, deleted_at__gt=now - TRIED_FOR)
    return not kept_upstream.exclude(upstream_conversation_id="").exists()


def _said(sentence: str, count: int) -> str:
    return sentence % count
