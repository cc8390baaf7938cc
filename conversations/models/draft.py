"""What a person is writing and has not sent, so that it is there at their next device, too."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class Draft(models.Model):
    """One for each conversation, and one for the conversation that is not begun.

    `client_id` is what the text will be sent under. When it was sent the row stays, empty, with the id of what was
    sent: so a page that still has a text can tell whether that was its own.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts"
    )
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, null=True, related_name="drafts"
    )
    text = models.TextField(blank=True)
    client_id = models.UUIDField(null=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("owner", "conversation"), name="one_draft_a_conversation"
            ),
            models.UniqueConstraint(
                fields=("owner",),
                condition=models.Q(conversation=None),
                name="one_draft_of_a_new_conversation",
            ),
        )

    def __str__(self) -> str:
        return f"draft {self.pk}"
