"""Turns: what a person starts. Transactional and synchronous; nothing here knows that answers are streamed.

Each verb saves a pending Generation and returns. Whoever waits for the answer watches that row. What it may take of the
owner's limits is reserved in the same transaction: where they leave no room, each verb raises LimitReached and saves
nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations.dispatch import dispatch_after_commit
from conversations.drafts import clear_draft
from conversations.models import Conversation, Generation, Message
from conversations.publishing import publish_branch, publish_conversation, publish_status
from conversations.reserving import tokens_wanted
from conversations.titles import title_from
from upstream.models import LanguageModel
from upstream.quotas import reserve, settle


class TurnBusy(Exception):
    """The conversation has an active turn; the next one can start when it has ended."""


class NothingToContinue(Exception):
    """The answer is whole, or empty."""


class NotTheLast(Exception):
    """Something has been said after this answer, which a new one would hide."""


@dataclass(frozen=True, slots=True)
class Turn:
    message: Message
    answer: Message
    generation: Generation


def start_conversation(
    owner: Any, *, text: str, model: LanguageModel, client_id: uuid.UUID, **prompt_settings: Any
) -> Turn:
    """Start a conversation with a first turn. The same `client_id` again returns the one there is."""
    existing = Conversation.objects.filter(owner=owner, client_id=client_id).first()
    if existing is None:
        try:
            with transaction.atomic():
                conversation = Conversation.objects.create(
                    owner=owner,
                    title=title_from(text),
                    language_model=model,
                    client_id=client_id,
                    **prompt_settings,
                )
                clear_draft(owner, None, sent_as=client_id)
                return _new_turn(
                    conversation, parent_id=None, text=text, model=model, client_id=client_id
                )
        except IntegrityError:
            existing = Conversation.objects.get(owner=owner, client_id=client_id)
    turn = _turn_of(existing, client_id)
    if turn is None:
        raise Conversation.DoesNotExist
    return turn


def start_turn(
    conversation: Conversation, *, text: str, model: LanguageModel, client_id: uuid.UUID
) -> Turn:
    """Say `text` at the end of the current branch and ask `model` to answer. The same `client_id` is the same turn.

    Raises TurnBusy while an answer is being written, and Conversation.DoesNotExist for one that was deleted meanwhile.
    """
    try:
        with transaction.atomic():
            locked = _locked(conversation.pk)
            if turn := _turn_of(locked, client_id):
                return turn
            clear_draft(locked.owner_id, locked, sent_as=client_id)
            return _new_turn(
                locked,
                parent_id=locked.current_leaf_id,
                text=text,
                model=model,
                client_id=client_id,
            )
    except IntegrityError as error:
        if turn := _turn_of(conversation, client_id):
            return turn
        raise TurnBusy from error


def edit_turn(message: Message, *, text: str, model: LanguageModel, client_id: uuid.UUID) -> Turn:
    """Say `text` instead of `message`, beside it: both stay, each with what was said below it. The same `client_id` is
    the same turn.

    Raises TurnBusy or Conversation.DoesNotExist.
    """
    with _one_active_turn(), transaction.atomic():
        conversation = _locked(message.conversation_id)
        if turn := _turn_of(conversation, client_id):  # sent again: it may be what is being written
            return turn
        return _new_turn(
            conversation, parent_id=message.parent_id, text=text, model=model, client_id=client_id
        )


def retry_turn(answer: Message, *, model: LanguageModel) -> Generation:
    """Have `model` answer once more: in a sibling of `answer`, or in `answer` itself where nothing was written.

    Raises TurnBusy or Conversation.DoesNotExist.
    """
    with _one_active_turn(), transaction.atomic():
        conversation = unbusy(answer.conversation_id)
        answer = _as_it_now_is(answer)
        if answer.text or answer.reasoning or answer.children.exists():
            message = _empty_answer(conversation, parent=answer.parent, model=model)
        else:
            Message.objects.filter(pk=answer.pk).update(
                language_model=model, model_title=str(model)
            )
            message = answer
        return _ask(conversation, message, model=model)


def continue_turn(answer: Message, *, model: LanguageModel) -> Generation:
    """Have `model` go on with `answer`, in place; where something was said below it and deleted, in a copy beside it,
    for that was told of the text as it stands.

    Raises TurnBusy, NotTheLast, NothingToContinue or Conversation.DoesNotExist.
    """
    with _one_active_turn(), transaction.atomic():
        conversation = unbusy(answer.conversation_id)
        if conversation.current_leaf_id != answer.pk:
            raise NotTheLast
        answer = _as_it_now_is(answer)
        if not can_continue(answer, answer.generations.order_by("-created_at").first()):
            raise NothingToContinue
        if answer.children.exists():
            answer = _copy_beside(answer)
        return _ask(conversation, answer, model=model, continues=True)


def can_continue(answer: Message, generation: Generation | None) -> bool:
    """Whether `answer` has a beginning that wants an end."""
    if generation is None or not answer.text:
        return False
    broken = generation.status in {Generation.Status.INTERRUPTED, Generation.Status.STOPPED}
    return broken or generation.finish_reason == "length"


def stop_generation(generation: Generation) -> bool:
    """Ask for the end of a generation, wherever it runs; False when it had ended already."""
    with transaction.atomic():
        stopped = generation.request_stop()
        if generation.status == Generation.Status.STOPPED:
            settle(generation.pk, counts=False)  # nobody was asked
    if generation.status == Generation.Status.STOPPED:  # no engine had it, so that none will say so
        publish_status(generation)
        publish_conversation(generation.conversation, writing=False)
    dispatch_after_commit()
    return stopped


def unbusy(conversation_id: uuid.UUID) -> Conversation:
    """The conversation, locked until the transaction ends. Raises TurnBusy while something is being written in it."""
    conversation = _locked(conversation_id)
    if conversation.generations.active().exists():
        raise TurnBusy
    return conversation


@contextmanager
def _one_active_turn() -> Iterator[None]:
    """Turns the refusal of the constraint `one_active_turn_a_conversation` into TurnBusy."""
    try:
        yield
    except IntegrityError as error:
        raise TurnBusy from error


def _locked(conversation_id: uuid.UUID) -> Conversation:
    """The conversation as it now is, until the transaction ends. On SQLite the transaction itself is the lock."""
    return Conversation.objects.select_for_update().get(pk=conversation_id, deleted_at=None)


def _as_it_now_is(answer: Message) -> Message:
    """Read under the conversation's lock: what was read before may still have been in deltas."""
    return Message.objects.select_related("parent").get(pk=answer.pk)


def _new_turn(
    conversation: Conversation,
    *,
    parent_id: uuid.UUID | None,
    text: str,
    model: LanguageModel,
    client_id: uuid.UUID,
) -> Turn:
    message = Message.objects.create(
        conversation=conversation,
        parent_id=parent_id,
        role=Message.Role.USER,
        text=text,
        client_id=client_id,
    )
    answer = _empty_answer(conversation, parent=message, model=model)
    return Turn(message, answer, _ask(conversation, answer, model=model))


def _empty_answer(
    conversation: Conversation, *, parent: Message | None, model: LanguageModel
) -> Message:
    return Message.objects.create(
        conversation=conversation,
        parent=parent,
        role=Message.Role.ASSISTANT,
        language_model=model,
        model_title=str(model),
    )


def _copy_beside(answer: Message) -> Message:
    """Another version of `answer` that says the same."""
    return Message.objects.create(
        conversation=answer.conversation,
        parent=answer.parent,
        role=answer.role,
        text=answer.text,
        reasoning=answer.reasoning,
        language_model=answer.language_model,
        model_title=answer.model_title,
        upstream_message_id=answer.upstream_message_id,
    )


def _ask(
    conversation: Conversation, answer: Message, *, model: LanguageModel, continues: bool = False
) -> Generation:
    generation = Generation.objects.create(
        conversation=conversation, message=answer, language_model=model, continues=continues
    )
    reserve(
        generation.pk,
        conversation.owner_id,
        wanted=lambda: tokens_wanted(conversation, answer, model=model, continues=continues),
    )
    conversation.current_leaf = answer
    conversation.language_model = model
    conversation.updated_at = timezone.now()
    conversation.archived_at = None  # what is talked in is at hand
    conversation.save(update_fields=["current_leaf", "language_model", "updated_at", "archived_at"])
    publish_branch(conversation)
    publish_conversation(conversation, writing=True)
    dispatch_after_commit()
    return generation


def _turn_of(conversation: Conversation, client_id: uuid.UUID) -> Turn | None:
    message = conversation.messages.filter(client_id=client_id).first()
    if message is None:
        return None
    answer = message.children.filter(role=Message.Role.ASSISTANT).earliest("created_at")
    return Turn(message, answer, answer.generations.earliest("created_at"))
