"""A titled exchange owned by one person: a tree of messages with a current leaf."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.generation import Generation
from conversations.models.message import Message
from conversations.models.prompt_settings import PromptSettings

TITLE_LENGTH = 200


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, user: Any) -> ConversationQuerySet:
        """The one permission check: what a person may see is what they own and have not deleted."""
        return self.filter(owner=user, deleted_at=None, is_arriving=False)

    def deleted_by(self, user: Any) -> ConversationQuerySet:
        """What is in a person's trash. One without a message was erased."""
        held = Message.objects.filter(conversation=models.OuterRef("pk"))
        return self.filter(
            models.Exists(held), owner=user, deleted_at__isnull=False, is_arriving=False
        )

    def archived(self) -> ConversationQuerySet:
        return self.filter(archived_at__isnull=False)

    def at_hand(self) -> ConversationQuerySet:
        """Neither archived nor deleted."""
        return self.filter(archived_at=None, deleted_at=None)

    def recent_first(self) -> ConversationQuerySet:
        return self.order_by("-updated_at", "-pk")

    def with_marks(self) -> ConversationQuerySet:
        """Adds `is_writing`, whether an answer is being written in it, and `is_unseen`, whether one ended unseen."""
        own = Generation.objects.filter(conversation=models.OuterRef("pk"))
        ended = own.filter(finished_at__gt=models.OuterRef("seen_at"))
        return self.annotate(is_writing=models.Exists(own.active()), is_unseen=models.Exists(ended))


class Conversation(PromptSettings):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="conversations"
    )
    title = models.CharField(_("title"), max_length=TITLE_LENGTH)
    current_leaf = models.ForeignKey(
        "conversations.Message", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    language_model = models.ForeignKey(
        "upstream.LanguageModel", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # Where an upstream keeps the conversation itself: its id there, and the credential whose account it belongs to.
    upstream_conversation_id = models.CharField(max_length=200, blank=True, editable=False)
    credential = models.ForeignKey(
        "upstream.Credential",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    # Chosen by the page that starts it, so that starting twice is one conversation. Unique for its owner only:
    # what is taken by somebody else must not show.
    client_id = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    # When its owner last looked at it: an answer that ended later is unseen.
    seen_at = models.DateTimeField(default=timezone.now, editable=False)
    pinned_at = models.DateTimeField(null=True, editable=False)
    archived_at = models.DateTimeField(null=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    # A long one is imported in pieces: nobody sees it until it is whole.
    is_arriving = models.BooleanField(default=False, editable=False)

    # Where with_marks() was asked for.
    is_writing: bool
    is_unseen: bool

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "client_id"), name="one_conversation_a_client_id"
            ),
        )
        indexes = (
            models.Index(
                fields=("owner", "deleted_at", "-updated_at"), name="conversations_recent_first"
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("conversations:conversation", args=[self.pk])

    @property
    def is_pinned(self) -> bool:
        return self.pinned_at is not None

    def delete_softly(self) -> bool:
        """Move it out of sight, until `restore`; returns whether that happened."""
        return self._move(deleted_at=None, to=timezone.now())

    def restore(self) -> bool:
        return self._move(deleted_at=self.deleted_at, to=None)

    def _move(self, *, deleted_at: Any, to: Any) -> bool:
        moved = Conversation.objects.filter(pk=self.pk, deleted_at=deleted_at).update(deleted_at=to)
        self.deleted_at = to
        return bool(moved)
