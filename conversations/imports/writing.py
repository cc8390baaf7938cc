"""Bringing one foreign conversation in: in a transaction that nobody has to wait for, or in several, unseen until it is
whole. What is there already is added to, and nothing that the member changed is overwritten.
"""

from __future__ import annotations

import hashlib
import uuid
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.imports.inserting import insert, prepared
from conversations.imports.reading import Read
from conversations.imports.trees import Placed, Tree, plant
from conversations.imports.values import ImportedConversation
from conversations.models import Conversation, ImportRow, Message, Origin
from conversations.models.conversation import TITLE_LENGTH
from conversations.models.message import Message as MessageRow
from conversations.models.prompt_settings import PromptSettings
from conversations.titles import title_from

PIECE = 100  # messages of one transaction: 10 to 20 ms on SQLite
ASKED_AT_ONCE = 500  # ids
MODEL_LENGTH = 120

Outcome = ImportRow.Outcome
Note = Callable[["Written"], None]


@dataclass(slots=True)
class Written:
    """What became of it. `conversation` is None where there is none."""

    outcome: str
    reason: str = ""
    title: str = ""
    format: str = ""
    messages: int = 0
    conversation: uuid.UUID | None = None


def known_by_content(owner: Any, digest: str) -> Written | None:
    """What is there already just as it stands in the file, found without reading it."""
    origin = (
        Origin.objects.filter(owner=owner, content_digest=digest, conversation__is_arriving=False)
        .values_list("conversation", "conversation__title", "format", "conversation__deleted_at")
        .first()
    )
    if origin is None:
        return None
    pk, title, form, deleted_at = origin
    reason = _in_trash() if deleted_at else _("It is here already, and nothing in it is new.")
    return Written(Outcome.SKIPPED, reason, title, form, 0, pk)


def write_conversation(owner: Any, read: Read, *, digest: str, note: Note) -> Written:
    """`note` is called in the transaction that completes it, so that what is told of it is true whatever happens."""
    tree = plant(read.conversation, now=timezone.now())
    title = _title(read.conversation, tree)
    if not tree.messages:
        written = Written(Outcome.SKIPPED, _("There is no message in it."), title, read.format.NAME)
        with transaction.atomic():
            note(written)
        return written
    foreign = hashlib.sha256(read.conversation.id.encode("utf-8", "replace")).hexdigest()
    origin = (
        Origin.objects.filter(owner=owner, format=read.format.NAME, foreign_digest=foreign)
        .select_related("conversation")
        .first()
    )
    writing = _Writing(owner, read, tree, title, foreign, digest, note)
    if origin is None:
        return writing.bring_in()
    if origin.conversation.is_arriving:
        return writing.go_on(origin)
    if origin.conversation.deleted_at is not None:
        written = Written(
            Outcome.SKIPPED, _in_trash(), title, read.format.NAME, 0, origin.conversation_id
        )
        with transaction.atomic():
            note(written)
        return written
    return writing.add_to(origin)


def _in_trash() -> str:
    return _(
        "It is in your trash. Bring it back from there, or delete it for ever and import again."
    )


@dataclass(slots=True)
class _Writing:
    owner: Any
    read: Read
    tree: Tree
    title: str
    foreign: str
    digest: str
    note: Note

    def bring_in(self) -> Written:
        placed = self.tree.messages
        conversation = self._conversation(is_arriving=len(placed) > PIECE)
        origin = Origin(
            owner=self.owner,
            conversation=conversation,
            format=self.read.format.NAME,
            foreign_digest=self.foreign,
            content_digest=self.digest,
            title=self.title,
            original=zlib.compress(self.read.original, 1),
        )
        messages = self._messages(conversation.pk, placed)
        origin.leaf_id = conversation.current_leaf_id = self._leaf(conversation.pk)
        written = self._written(Outcome.IMPORTED, conversation)
        if not conversation.is_arriving:
            rows = prepared(messages)
            with transaction.atomic():
                conversation.save(force_insert=True)
                insert(rows)
                origin.save(force_insert=True)
                self.note(written)
            return written
        leaf, conversation.current_leaf_id = conversation.current_leaf_id, None
        with transaction.atomic():
            conversation.save(force_insert=True)
            origin.save(force_insert=True)
        _save_in_pieces(messages)
        return self._complete(conversation, leaf, written)

    def go_on(self, origin: Origin) -> Written:
        """One whose import broke off in the middle: nobody has seen it yet."""
        conversation = origin.conversation
        messages = self._messages(conversation.pk, self.tree.messages)
        there = _there(message.pk for message in messages)
        _save_in_pieces([message for message in messages if message.pk not in there])
        written = self._written(Outcome.IMPORTED, conversation)
        return self._complete(conversation, self._leaf(conversation.pk), written)

    def _complete(
        self, conversation: Conversation, leaf: uuid.UUID | None, written: Written
    ) -> Written:
        with transaction.atomic():
            Conversation.objects.filter(pk=conversation.pk).update(
                is_arriving=False, current_leaf=leaf
            )
            Origin.objects.filter(conversation=conversation).update(
                leaf_id=leaf, content_digest=self.digest
            )
            self.note(written)
        return written

    def add_to(self, origin: Origin) -> Written:
        """Parents before children, and the leaf last: at each moment it is a whole tree."""
        conversation = origin.conversation
        messages = self._messages(conversation.pk, self.tree.messages)
        there = _there(message.pk for message in messages)
        new = [message for message in messages if message.pk not in there]
        grown = _grown(messages, there)
        _save_in_pieces(new[:-PIECE])
        leaf = self._leaf(conversation.pk)
        written = self._written(Outcome.UPDATED, conversation)
        written.messages = len(new) + len(grown)
        last = prepared(new[-PIECE:])
        with transaction.atomic():
            insert(last)
            if grown:
                Message.objects.bulk_update(grown, ("text", "reasoning", "parts"))
            changed = self._follow(origin, leaf) or bool(new or grown)
            origin.content_digest, origin.title, origin.leaf_id = self.digest, self.title, leaf
            origin.original = zlib.compress(self.read.original, 1)
            origin.save()
            if not changed:
                written.outcome = Outcome.SKIPPED
                written.reason = _("It is here already, and nothing in it is new.")
            self.note(written)
        return written

    def _follow(self, origin: Origin, leaf: uuid.UUID | None) -> bool:
        """Title and leaf, where the member left them as they were; whether either moved."""
        # Read again under the write lock: meanwhile its owner may have said something.
        now = Conversation.objects.select_for_update().get(pk=origin.conversation_id)
        changes: dict[str, Any] = {}
        if now.title == origin.title and now.title != self.title:
            changes["title"] = self.title
        if now.current_leaf_id == origin.leaf_id and origin.leaf_id != leaf:
            changes["current_leaf"] = leaf
            changes["updated_at"] = max(now.updated_at, self._updated_at())
        if changes:
            Conversation.objects.filter(pk=now.pk).update(**changes)
        return bool(changes)

    def _written(self, outcome: str, conversation: Conversation) -> Written:
        count = len(self.tree.messages)
        return Written(outcome, "", self.title, self.read.format.NAME, count, conversation.pk)

    def _conversation(self, *, is_arriving: bool) -> Conversation:
        foreign = self.read.conversation
        updated = self._updated_at()
        begun = min(each.at for each in self.tree.messages)
        return Conversation(
            owner=self.owner,
            title=self.title,
            created_at=_moment(foreign.created_at) or begun,
            updated_at=updated,
            seen_at=timezone.now(),
            pinned_at=updated if foreign.is_pinned and not foreign.is_archived else None,
            archived_at=updated if foreign.is_archived else None,
            is_arriving=is_arriving,
            **_settings(foreign),
        )

    def _updated_at(self) -> datetime:
        latest = max(each.at for each in self.tree.messages)
        return min(_moment(self.read.conversation.updated_at) or latest, timezone.now())

    def _messages(self, conversation: uuid.UUID, placed: list[Placed]) -> list[MessageRow]:
        return [
            Message(
                id=message_id(conversation, each.message.id),
                conversation_id=conversation,
                parent_id=message_id(conversation, each.parent) if each.parent else None,
                role=each.message.role,
                text=each.message.text,
                reasoning=each.message.reasoning,
                model_title=each.message.model[:MODEL_LENGTH],
                is_hidden=each.message.is_hidden,
                left_out=each.message.is_hidden
                if each.message.left_out is None
                else each.message.left_out,
                ends_context=each.message.ends_context,
                parts=each.message.parts,
                created_at=each.at,
            )
            for each in placed
        ]

    def _leaf(self, conversation: uuid.UUID) -> uuid.UUID | None:
        return message_id(conversation, self.tree.current) if self.tree.current else None


def message_id(conversation: uuid.UUID, foreign: str) -> uuid.UUID:
    """The same message of a file is the same row each time; and no file names a row of anybody else, for nobody knows
    the conversation's id.
    """
    name = foreign.encode("utf-8", "surrogatepass")
    return uuid.UUID(bytes=hashlib.sha256(conversation.bytes + name).digest()[:16], version=4)


def _save_in_pieces(messages: list[MessageRow]) -> None:
    for at in range(0, len(messages), PIECE):
        rows = prepared(messages[at : at + PIECE])
        with transaction.atomic():
            insert(rows)


def _there(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, MessageRow]:
    wanted = list(ids)
    found: dict[uuid.UUID, MessageRow] = {}
    for at in range(0, len(wanted), ASKED_AT_ONCE):
        found |= Message.objects.in_bulk(wanted[at : at + ASKED_AT_ONCE])
    return found


def _grown(messages: list[MessageRow], there: dict[uuid.UUID, MessageRow]) -> list[MessageRow]:
    """Those that broke off when they were exported, and are longer now. One that was continued here is left alone."""
    grown = []
    for message in messages:
        known = there.get(message.pk)
        if known is None or {"type": "incomplete"} not in known.parts:
            continue
        if message.text.startswith(known.text) and message.text != known.text:
            if known.generations.exists():
                continue
            known.text, known.reasoning = message.text, message.reasoning
            known.parts = message.parts
            grown.append(known)
    return grown


def _title(foreign: ImportedConversation, tree: Tree) -> str:
    title = " ".join(foreign.title.split())[:TITLE_LENGTH]
    if title:
        return title
    asked = (each.message.text for each in tree.messages if each.message.role == "user")
    return title_from(next(asked, ""))


def _settings(foreign: ImportedConversation) -> dict[str, Any]:
    """Those that fit here; what another system calls so may be anything."""
    kept: dict[str, Any] = {}
    for name, value in foreign.settings.items():
        field = PromptSettings._meta.get_field(name)
        try:
            kept[name] = field.clean(value, None)  # type: ignore[union-attr]
        except ValidationError:
            continue
    return kept


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
