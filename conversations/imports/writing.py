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

from conversations.imports.attaching import Brought, bring_files
from conversations.imports.files_beside import FilesBeside
from conversations.imports.inserting import insert, prepared
from conversations.imports.pieces import (
    PIECE_BYTES,
    forget_earlier_originals,
    in_pieces,
    keep_original,
    save_pieces,
)
from conversations.imports.reading import Read
from conversations.imports.trees import Placed, Tree, plant
from conversations.imports.values import ImportedConversation
from conversations.models import Conversation, ImportRow, Message, Origin
from conversations.models.conversation import TITLE_LENGTH
from conversations.models.message import Message as MessageRow
from conversations.models.prompt_settings import PromptSettings
from conversations.titles import title_from

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
    missing: int = 0  # files that did not come along


def known_by_content(owner: Any, digest: str, beside: FilesBeside) -> Written | None:
    """What is there already just as it stands in the file, found without reading it."""
    origins = Origin.objects.filter(owner=owner, content_digest=digest)
    if beside.any:
        origins = origins.filter(missing_files=0)
    origin = (
        origins.filter(conversation__is_arriving=False)
        .values_list("conversation", "conversation__title", "format", "conversation__deleted_at")
        .first()
    )
    if origin is None:
        return None
    pk, title, form, deleted_at = origin
    reason = _in_trash() if deleted_at else _("It is here already, and nothing in it is new.")
    return Written(Outcome.SKIPPED, reason, title, form, 0, pk)


def write_conversation(
    owner: Any, read: Read, *, digest: str, note: Note, beside: FilesBeside | None = None
) -> Written:
    """`note` is called in the transaction that completes it, so that what is told of it is true whatever happens."""
    brought = bring_files(owner.pk, read.conversation, beside or FilesBeside(), read.embedded)
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
    writing = _Writing(owner, read, tree, title, foreign, digest, note, brought)
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
    brought: Brought

    def bring_in(self) -> Written:
        original = zlib.compress(self.read.original, 1)
        conversation = self._conversation()
        messages = self._messages(conversation.pk, self.tree.messages)
        pieces = in_pieces(messages)
        conversation.is_arriving = (
            len(pieces) > 1 or len(original) > PIECE_BYTES or bool(self.brought.attachments)
        )
        origin = Origin(
            owner=self.owner,
            conversation=conversation,
            format=self.read.format.NAME,
            foreign_digest=self.foreign,
            content_digest=self.digest,
            title=self.title,
            missing_files=self.brought.missing,
        )
        leaf = self._leaf(conversation.pk)
        written = self._written(Outcome.IMPORTED, conversation)
        if not conversation.is_arriving:
            origin.leaf_id = conversation.current_leaf_id = leaf
            origin.original = original
            rows = prepared(messages)
            with transaction.atomic():
                conversation.save(force_insert=True)
                insert(rows)
                origin.save(force_insert=True)
                self.note(written)
            return written
        with transaction.atomic():
            conversation.save(force_insert=True)
            origin.save(force_insert=True)
        self._keep(origin, original)
        save_pieces(pieces)
        return self._complete(conversation, leaf, written)

    def go_on(self, origin: Origin) -> Written:
        """One whose import broke off in the middle: nobody has seen it yet."""
        conversation = origin.conversation
        messages = self._messages(conversation.pk, self.tree.messages)
        there = _there(message.pk for message in messages)
        self._keep(origin, zlib.compress(self.read.original, 1))
        save_pieces(in_pieces(message for message in messages if message.pk not in there))
        written = self._written(Outcome.IMPORTED, conversation)
        return self._complete(conversation, self._leaf(conversation.pk), written)

    def _complete(
        self, conversation: Conversation, leaf: uuid.UUID | None, written: Written
    ) -> Written:
        self.brought.attach(conversation.pk)
        with transaction.atomic():
            Conversation.objects.filter(pk=conversation.pk).update(
                is_arriving=False, current_leaf=leaf
            )
            Origin.objects.filter(conversation=conversation).update(
                leaf_id=leaf, content_digest=self.digest, missing_files=self.brought.missing
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
        self.brought.attach(conversation.pk)
        *before, last = in_pieces(new) or [[]]
        *grown_before, grown_last = in_pieces(grown) or [[]]
        save_pieces(before)
        for piece in grown_before:
            _save_grown(piece)
        leaf = self._leaf(conversation.pk)
        written = self._written(Outcome.UPDATED, conversation)
        written.messages = len(new) + len(grown)
        keep_original(origin, zlib.compress(self.read.original, 1), self.digest)
        rows = prepared(last)
        with transaction.atomic():
            insert(rows)
            _save_grown(grown_last)
            changed = self._follow(origin, leaf) or bool(new or grown)
            origin.content_digest, origin.title, origin.leaf_id = self.digest, self.title, leaf
            origin.missing_files = self.brought.missing
            origin.save()
            if not changed:
                written.outcome = Outcome.SKIPPED
                written.reason = _("It is here already, and nothing in it is new.")
            self.note(written)
        forget_earlier_originals(origin)
        return written

    def _keep(self, origin: Origin, original: bytes) -> None:
        keep_original(origin, original, self.digest)
        if origin.original:
            Origin.objects.filter(pk=origin.pk).update(original=origin.original)

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
        missing = self.brought.missing
        form = self.read.format.NAME
        return Written(outcome, "", self.title, form, count, conversation.pk, missing)

    def _conversation(self) -> Conversation:
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


def _save_grown(grown: list[MessageRow]) -> None:
    if grown:
        Message.objects.bulk_update(grown, ("text", "reasoning", "parts"))


def _there(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, MessageRow]:
    wanted = list(ids)
    found: dict[uuid.UUID, MessageRow] = {}
    for at in range(0, len(wanted), ASKED_AT_ONCE):
        found |= Message.objects.in_bulk(wanted[at : at + ASKED_AT_ONCE])
    return found


def _grown(messages: list[MessageRow], there: dict[uuid.UUID, MessageRow]) -> list[MessageRow]:
    """Those that broke off when they were exported, and are longer now, and those whose files come along only now. One
    that was continued here is left alone.
    """
    grown = []
    for message in messages:
        known = there.get(message.pk)
        if known is not None and _brings_files(message.parts, known.parts):
            known.parts = message.parts
            grown.append(known)
            continue
        if known is None or {"type": "incomplete"} not in known.parts:
            continue
        if message.text.startswith(known.text) and message.text != known.text:
            if known.generations.exists():
                continue
            known.text, known.reasoning = message.text, message.reasoning
            known.parts = message.parts
            grown.append(known)
    return grown


def _brings_files(parts: list[dict[str, Any]], known: list[dict[str, Any]]) -> bool:
    pairs = zip(parts, known, strict=False)
    return len(parts) == len(known) and any(
        "digest" in new and "digest" not in old for new, old in pairs
    )


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
