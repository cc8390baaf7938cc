"""Moving in the tree of a conversation: other versions, deleted messages, a copy from here on.

The current leaf is never a deleted message: what is said or continued next goes on from what a member sees last.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.models import Attachment, Conversation, Message
from conversations.models.conversation import TITLE_LENGTH
from conversations.path import end_of, path_to
from conversations.publishing import publish_branch, publish_conversation
from conversations.siblings import siblings_of
from conversations.turns import TurnBusy, unbusy

COPIED = (
    "role",
    "text",
    "reasoning",
    "language_model_id",
    "model_title",
    "left_out",
    "ends_context",
    "parts",
    "is_hidden",
    "created_at",
)
BATCH = 500


def choose_version(message: Message) -> Conversation:
    """Show the branch through `message`, as far down as was said last. Raises TurnBusy or Conversation.DoesNotExist."""
    with transaction.atomic():
        conversation = unbusy(message.conversation_id)
        if message.pk not in path_to(conversation.current_leaf_id):
            _show(conversation, leaf=_newest_below(message))
        return conversation


def delete_message(message: Message) -> tuple[Conversation, uuid.UUID]:
    """Take one message out of sight and of every later prompt. What was said below it stays; where it has another
    version, that one is shown, and its id is returned. Raises TurnBusy or Conversation.DoesNotExist.
    """
    with transaction.atomic():
        conversation = unbusy(message.conversation_id)
        place = siblings_of([message])[message.pk]
        message.deleted_at = timezone.now()
        message.save(update_fields=["deleted_at"])
        beside = place.previous or place.next
        if beside and message.pk in path_to(conversation.current_leaf_id):
            _show(conversation, leaf=_newest_below(Message.objects.get(pk=beside)))
        elif message.pk == conversation.current_leaf_id:
            _show(conversation, leaf=message.pk)
        else:
            publish_branch(conversation, changed=True)
        return conversation, beside or message.pk


def clear_conversation(conversation: Conversation) -> uuid.UUID | None:
    """Begin the conversation anew, under the same title and settings. What was said stays as another version of its
    beginning; the id of the message it ended in is returned, None where nothing had been said. Raises TurnBusy or
    Conversation.DoesNotExist.
    """
    with transaction.atomic():
        locked = unbusy(conversation.pk)
        leaf = locked.current_leaf_id
        locked.current_leaf = None
        locked.save(update_fields=["current_leaf"])
        publish_branch(locked, changed=True)
        return leaf


def restore_message(message: Message) -> Conversation:
    """Bring a deleted message back, and into sight. Raises TurnBusy or Conversation.DoesNotExist."""
    with transaction.atomic():
        conversation = unbusy(message.conversation_id)
        message.deleted_at = None
        message.save(update_fields=["deleted_at"])
        if message.pk in path_to(conversation.current_leaf_id):
            publish_branch(conversation, changed=True)
        else:
            _show(conversation, leaf=_newest_below(message))
        return conversation


def copy_conversation(message: Message) -> Conversation:
    """A new conversation that holds the branch down to `message`, with the same settings. Raises TurnBusy while a
    message of it is being written.
    """
    source = message.conversation
    path = path_to(message.pk)
    with transaction.atomic():
        if message.generations.active().exists():  # only a leaf is being written
            raise TurnBusy
        copy = Conversation.objects.create(
            owner=source.owner,
            title=_("Copy of %(title)s") % {"title": source.title[: TITLE_LENGTH - 30]},
            language_model=source.language_model,
            **source.prompt_settings(),
        )
        copy.current_leaf_id = _copy_messages(copy, path)
        copy.save(update_fields=["current_leaf"])
        _copy_attachments(copy, source)
        publish_conversation(copy, writing=False)
    return copy


def _copy_attachments(copy: Conversation, source: Conversation) -> None:
    """Of what the copied messages speak of. Rows alone: the files lie with their owner, who is the same."""
    spoken_of = {
        part.get("digest")
        for parts in Message.objects.filter(conversation=copy).values_list("parts", flat=True)
        for part in parts
    }
    rows = [
        row for row in Attachment.objects.filter(conversation=source) if row.digest in spoken_of
    ]
    for row in rows:
        row.pk, row.conversation = None, copy
    Attachment.objects.bulk_create(rows, batch_size=BATCH)


def _copy_messages(copy: Conversation, path: list[uuid.UUID]) -> uuid.UUID | None:
    """Copies of the messages of `path` that are not deleted, under one another; returns the last one's id."""
    parent: uuid.UUID | None = None
    for start in range(0, len(path), BATCH):
        part = path[start : start + BATCH]
        found = Message.objects.filter(deleted_at=None).in_bulk(part)
        copies = []
        for pk in part:
            if pk not in found:
                continue
            values: dict[str, Any] = {name: getattr(found[pk], name) for name in COPIED}
            copies.append(Message(conversation=copy, parent_id=parent, **values))
            parent = copies[-1].pk
        Message.objects.bulk_create(copies)
    return parent


def _show(conversation: Conversation, *, leaf: uuid.UUID) -> None:
    conversation.current_leaf_id = end_of(leaf)
    conversation.save(update_fields=["current_leaf"])
    publish_branch(conversation)


def _newest_below(message: Message) -> uuid.UUID:
    """The message at the end of the branch that goes on below `message`, by what was said last at each fork."""
    rows = Message.objects.filter(conversation=message.conversation_id).order_by("created_at", "pk")
    newest: dict[uuid.UUID | None, uuid.UUID] = {}
    standing: dict[uuid.UUID | None, uuid.UUID] = {}
    for pk, parent, deleted_at in rows.values_list("pk", "parent", "deleted_at"):
        newest[parent] = pk
        if deleted_at is None:
            standing[parent] = pk
    leaf = message.pk
    while below := standing.get(leaf) or newest.get(leaf):
        leaf = below
    return leaf
