"""One attempt to have a model write one assistant message.

    pending ──▶ streaming ──▶ completed
       │            │ ├─────▶ failed, interrupted
       │            ▼ │
       │        stopping ───▶ stopped
       └──────────────────▶ stopped, failed
    pending ◀── streaming: sent back, when a credential failed before the first delta

The row is the truth: every move is a conditional UPDATE that says whether it happened.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.protocol import details, seconds_between


class GenerationQuerySet(models.QuerySet["Generation"]):
    def visible_to(self, user: Any) -> GenerationQuerySet:
        return self.filter(conversation__owner=user, conversation__deleted_at=None)

    def active(self) -> GenerationQuerySet:
        return self.filter(status__in=Generation.ACTIVE)

    def pending(self) -> GenerationQuerySet:
        """Those that wait for a credential, and for an engine to take them, oldest first."""
        return self.filter(status=Generation.Status.PENDING).order_by("created_at", "pk")


class Generation(models.Model):
    class Status(models.TextChoices):
        PENDING = "pending", _("waiting")
        STREAMING = "streaming", _("writing")
        STOPPING = "stopping", _("stopping")
        COMPLETED = "completed", _("completed")
        STOPPED = "stopped", _("stopped")
        FAILED = "failed", _("failed")
        INTERRUPTED = "interrupted", _("interrupted")

    ACTIVE = (Status.PENDING, Status.STREAMING, Status.STOPPING)
    ENDED = (Status.COMPLETED, Status.STOPPED, Status.FAILED, Status.INTERRUPTED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="generations"
    )
    message = models.ForeignKey(
        "conversations.Message", on_delete=models.CASCADE, related_name="generations"
    )
    lane = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=16, choices=Status, default=Status.PENDING)
    language_model = models.ForeignKey(
        "upstream.LanguageModel", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    credential = models.ForeignKey(
        "upstream.Credential", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    engine = models.ForeignKey(
        "conversations.EngineProcess",
        on_delete=models.SET_NULL,
        null=True,
        related_name="generations",
    )
    # While it waits: its place in line, as last told. And what was tried for it: credentials, providers, error codes.
    position = models.PositiveIntegerField(null=True, editable=False)
    tried = models.JSONField(default=dict, editable=False)
    # The model that answered, where the one asked for could not.
    answered_by = models.ForeignKey(
        "upstream.LanguageModel", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # What the upstream was sent, as a record from which it can be shown again (generation/sent.py).
    sent = models.JSONField(null=True, editable=False)
    # Whether it goes on with the text that the message has, instead of answering anew.
    continues = models.BooleanField(default=False)
    # Whether the branch was told anew to an upstream that keeps conversations itself, and did not have this one.
    replayed = models.BooleanField(default=False)
    # The number of the last delta, set at the end; while it is active the delta rows tell.
    sequence = models.PositiveIntegerField(default=0)
    finish_reason = models.CharField(max_length=16, blank=True)
    error_code = models.CharField(max_length=32, blank=True)
    error_detail = models.TextField(blank=True)
    prompt_tokens = models.PositiveIntegerField(null=True)
    completion_tokens = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    claimed_at = models.DateTimeField(null=True)
    first_text_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        verbose_name = _("generation")
        verbose_name_plural = _("generations")
        constraints = (
            models.UniqueConstraint(
                fields=("conversation", "lane"),
                condition=models.Q(status__in=("pending", "streaming", "stopping")),
                name="one_active_turn_a_conversation",
            ),
        )
        indexes = (
            models.Index(
                fields=("status", "created_at"),
                condition=models.Q(status__in=("pending", "streaming", "stopping")),
                name="generations_active",
            ),
            models.Index(fields=("message", "created_at"), name="generations_of_a_message"),
        )

    def __str__(self) -> str:
        return f"{self.status} {self.pk}"

    @property
    def details(self) -> dict[str, Any]:
        """What a member may look up of how the answer came about (protocol.py)."""
        return details(
            self.replayed,
            str(self.answered_by) if self.answered_by_id else None,
            len(self.tried.get("errors", ())) + 1,
            (self.sent or {}).get("cut", 0),
            seconds_between(self.claimed_at, self.first_text_at),
        )

    @property
    def is_active(self) -> bool:
        return self.status in self.ACTIVE

    def claim(self, engine_id: uuid.UUID, **fields: Any) -> bool:
        """Take it for an engine; False when another engine or a stop was first."""
        return self._move(
            (self.Status.PENDING,),
            self.Status.STREAMING,
            engine_id=engine_id,
            claimed_at=timezone.now(),
            position=None,
            **fields,
        )

    def send_back(self, **fields: Any) -> bool:
        """Wait again, for another credential; False when it was stopped meanwhile."""
        return self._move((self.Status.STREAMING,), self.Status.PENDING, engine_id=None, **fields)

    def request_stop(self) -> bool:
        """Stop it: at once where no engine has it, else by its engine; False when it has ended already."""
        if self._move((self.Status.PENDING,), self.Status.STOPPED, finished_at=timezone.now()):
            return True
        return self._move((self.Status.STREAMING,), self.Status.STOPPING)

    def refuse(self, code: str) -> bool:
        """End one that waits, unasked; what it was to continue is kept. False when it waits no longer."""
        to = self.Status.INTERRUPTED if self.continues else self.Status.FAILED
        ended = {"error_code": code, "finished_at": timezone.now()}
        return self._move((self.Status.PENDING,), to, **ended)

    def finish(self, status: str, **fields: Any) -> bool:
        """End an active generation with `status` and what is known of it."""
        return self._move(self.ACTIVE, status, finished_at=timezone.now(), **fields)

    def _move(self, sources: tuple[str, ...], to: str, **fields: Any) -> bool:
        moved = Generation.objects.filter(pk=self.pk, status__in=sources).update(
            status=to, **fields
        )
        if moved:
            self.status = to
            for name, value in fields.items():
                setattr(self, name, value)
        return bool(moved)
