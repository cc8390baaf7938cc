"""One thing said, and its place in the tree."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: Any) -> MessageQuerySet:
        return self.in_conversations_of(user).filter(deleted_at=None)

    def deleted_by(self, user: Any) -> MessageQuerySet:
        return self.in_conversations_of(user).filter(deleted_at__isnull=False)

    def asked_since(self, moment: datetime) -> MessageQuerySet:
        """What members have said, whoever they are: for counting."""
        return self.filter(role=Message.Role.USER, created_at__gte=moment)

    def in_conversations_of(self, user: Any) -> MessageQuerySet:
        return self.filter(
            conversation__owner=user,
            conversation__deleted_at=None,
            conversation__is_arriving=False,
        )


class Message(models.Model):
    """`text` is what is settled. The deltas of an active generation stand behind it (standing.py)."""

    class Role(models.TextChoices):
        USER = "user", _("Member")
        ASSISTANT = "assistant", _("Model")
        SYSTEM = "system", _("System")
        TOOL = "tool", _("Tool")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="messages"
    )
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="children")
    role = models.CharField(max_length=16, choices=Role)
    text = models.TextField(blank=True)
    reasoning = models.TextField(blank=True)
    # The model that answered, and its title as it then was: models go, what was said stays.
    language_model = models.ForeignKey(
        "upstream.LanguageModel", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    model_title = models.CharField(max_length=120, blank=True)
    # What was imported beside the text: tool calls, citations, files that stayed behind, and what nobody knows
    # (imports/values.py); and whether the system that it comes from showed it at all.
    parts = models.JSONField(default=list, blank=True, editable=False)
    is_hidden = models.BooleanField(default=False, editable=False)
    # What it is called in the conversation that the upstream keeps; empty where it is not in it.
    upstream_message_id = models.CharField(max_length=200, blank=True, editable=False)
    # What later prompts show of it: nothing where it is left out; and where it ends the context, the mark stands below
    # it, and neither it nor what stands above it is sent.
    left_out = models.BooleanField(default=False)
    ends_context = models.BooleanField(default=False)
    # Out of sight and of every prompt; what was said below it stays.
    deleted_at = models.DateTimeField(null=True, editable=False)
    client_id = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = (
            models.UniqueConstraint(
                fields=("conversation", "client_id"), name="one_message_a_client_id"
            ),
        )
        indexes = (
            # How much was asked today is counted on the administration's front page.
            models.Index(
                fields=("created_at",), condition=models.Q(role="user"), name="questions_by_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} {self.pk}"
