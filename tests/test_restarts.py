"""kill -9 at any instant loses no character that anyone has seen; SIGTERM lets answers finish."""

from __future__ import annotations

import os
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from conversations.generation import ledger, reaper
from conversations.generation.manuscript import Ending, Manuscript
from conversations.models import Conversation, Delta, EngineProcess, Generation, Message
from conversations.protocol import DeltaAdded
from tests.portal import Portal, answer_of, eventually, settled
from tests.upstreams.scripted import DONE, FINISH, HEAD, Hold, ScriptedUpstream, Wait, delta
from upstream.models import LanguageModel

NO_PROCESS = 2**22 + 1  # beyond the largest process number of Linux


@pytest.fixture
def left_behind(ada: object) -> Generation:
    """A generation as kill -9 leaves it: claimed by a process that is gone, with two deltas saved."""
    engine = EngineProcess.objects.create(host=reaper.own_host(), process_id=NO_PROCESS)
    conversation = Conversation.objects.create(owner=ada, title="Cut short")
    question = Message.objects.create(conversation=conversation, role="user", text="Well?")
    answer = Message.objects.create(conversation=conversation, parent=question, role="assistant")
    conversation.current_leaf = answer
    conversation.save()
    generation = Generation.objects.create(
        conversation=conversation, message=answer, status="streaming", engine=engine
    )
    for number, text in enumerate(("So much ", "was saved"), 1):
        Delta.objects.create(
            generation=generation, sequence=number, part="text", operation="append", text=text
        )
    return generation


def test_what_a_dead_process_left_is_interrupted_with_its_text(left_behind: Generation) -> None:
    own = reaper.register_engine()
    assert reaper.reap_dead_engines(own) == [left_behind]
    left_behind.refresh_from_db()
    assert (left_behind.status, left_behind.error_code, left_behind.sequence) == (
        "interrupted",
        "interrupted",
        2,
    )
    assert left_behind.message.text == "So much was saved"
    assert not Delta.objects.exists()
    assert reaper.reap_dead_engines(own) == []


def test_a_process_of_another_host_is_dead_when_it_falls_silent(left_behind: Generation) -> None:
    own = reaper.register_engine()
    EngineProcess.objects.exclude(pk=own).update(host="elsewhere", heartbeat_at=timezone.now())
    assert reaper.reap_dead_engines(own) == []
    EngineProcess.objects.exclude(pk=own).update(
        heartbeat_at=timezone.now() - timedelta(seconds=11)
    )
    assert reaper.reap_dead_engines(own) == [left_behind]


def test_our_own_process_number_in_an_earlier_life_is_dead(left_behind: Generation) -> None:
    """In a container every life has number 1."""
    EngineProcess.objects.update(process_id=os.getpid())
    assert reaper.reap_dead_engines(reaper.register_engine()) == [left_behind]


def test_a_living_process_is_left_alone(left_behind: Generation) -> None:
    EngineProcess.objects.update(process_id=os.getppid())
    assert reaper.reap_dead_engines(reaper.register_engine()) == []


def test_who_was_taken_for_dead_writes_nothing_more(left_behind: Generation) -> None:
    engine_id = left_behind.engine_id
    reaper.reap_dead_engines(reaper.register_engine())
    late = DeltaAdded(
        conversation=str(left_behind.conversation_id),
        message=str(left_behind.message_id),
        generation=str(left_behind.pk),
        sequence=3,
        part="text",
        operation="append",
        text=" too late",
    )
    with pytest.raises(ledger.EngineDisowned):
        ledger.save(engine_id, [late], [])
    assert not Delta.objects.exists()


def test_an_end_that_is_saved_twice_is_saved_once(left_behind: Generation) -> None:
    """A commit whose outcome is unknown is repeated."""
    manuscript = Manuscript(left_behind.pk, left_behind.message_id, left_behind.conversation_id)
    manuscript.append("text", "So much was saved")
    deltas = manuscript.number_open()
    for _ in range(2):
        ledger.save(left_behind.engine_id, deltas, [(manuscript, Ending("completed"))])
    message = Message.objects.get(pk=left_behind.message_id)
    assert message.text == "So much was saved"
    assert not Delta.objects.exists()


def test_after_a_restart_the_answer_is_continued_and_pending_ones_begin(
    left_behind: Generation, model: LanguageModel, upstream: ScriptedUpstream
) -> None:
    Generation.objects.filter(pk=left_behind.pk).update(language_model=model)
    waiting = Conversation.objects.create(owner=left_behind.conversation.owner, title="Waiting")
    answer = Message.objects.create(conversation=waiting, role="assistant")
    Generation.objects.create(conversation=waiting, message=answer, language_model=model)
    upstream.will([HEAD, delta("It began at last."), FINISH, DONE])
    with Portal() as portal:
        browser = portal.opened_by(waiting.owner)
        settled(waiting)
        answer.refresh_from_db()
        assert answer.text == "It began at last."
        conversation = left_behind.conversation
        page = browser.branch(conversation)
        assert "So much was saved" in page
        assert "The line to the model broke." in page
        upstream.will([HEAD, delta(", and the rest came later."), FINISH, DONE])
        assert browser.ask_again(left_behind.message, "continue").status_code == 201
        settled(conversation)
    assert answer_of(conversation).text == "So much was saved, and the rest came later."


def test_sigterm_lets_an_answer_finish(
    ada: object, model: LanguageModel, upstream: ScriptedUpstream, settings: Any
) -> None:
    settings.PORTAL_DRAIN_SECONDS = 20
    upstream.will([HEAD, delta("Nearly "), Wait(0.5), delta("there."), FINISH, DONE])
    with Portal() as portal:
        conversation = portal.opened_by(ada).start()  # type: ignore[arg-type]
        assert upstream_is_asked(upstream)
    generation = conversation.generations.get()
    assert (generation.status, answer_of(conversation).text) == ("completed", "Nearly there.")
    assert not EngineProcess.objects.exists()


def test_what_does_not_finish_in_time_is_interrupted(
    ada: object, model: LanguageModel, upstream: ScriptedUpstream
) -> None:
    upstream.will([HEAD, delta("Endless"), Hold()])
    with Portal() as portal:
        conversation = portal.opened_by(ada).start()  # type: ignore[arg-type]
        assert upstream_is_asked(upstream)
    generation = conversation.generations.get()
    assert (generation.status, generation.error_code) == ("interrupted", "interrupted")
    assert answer_of(conversation).text == "Endless"
    assert upstream.requests[0].hung_up.is_set()


def test_a_generation_that_was_claimed_and_forgotten_is_ended(
    ada: object, model: LanguageModel, upstream: ScriptedUpstream
) -> None:
    """The engine has it by its row, but nothing runs it."""
    with Portal():
        engine = EngineProcess.objects.get()
        conversation = Conversation.objects.create(owner=ada, title="Forgotten")
        answer = Message.objects.create(conversation=conversation, role="assistant")
        Generation.objects.create(
            conversation=conversation,
            message=answer,
            status="streaming",
            engine=engine,
            pk=uuid.uuid4(),
        )
        assert settled(conversation).error_code == "internal_error"


def test_an_engine_that_was_taken_for_dead_begins_again(
    ada: User, model: LanguageModel, upstream: ScriptedUpstream
) -> None:
    """A process that was frozen for long: another one reaped it, and it wakes up."""
    upstream.will([HEAD, delta("Before the frost"), Hold()])
    with Portal() as portal:
        browser = portal.opened_by(ada)
        conversation = browser.start()
        with browser.socket().join(conversation) as socket:
            socket.until_text("Before the frost")
            frozen = EngineProcess.objects.get()
            other = reaper.register_engine()
            with transaction.atomic():  # it beats, for it is not frozen: not between these two
                EngineProcess.objects.filter(pk=frozen.pk).update(
                    host="elsewhere", heartbeat_at=timezone.now() - timedelta(hours=1)
                )
                reaped = reaper.reap_dead_engines(other)
            assert [found.pk for found in reaped] == [conversation.generations.get().pk]
            reaper.retire_engine(other)
            assert socket.until_ended().status == "interrupted"
        assert upstream.requests[0].hung_up.wait(5)
        assert eventually(lambda: EngineProcess.objects.exclude(pk=frozen.pk).first())
        again = browser.start("Again?")
        assert settled(again).status == "completed"
    assert answer_of(conversation).text == "Before the frost"


def test_what_was_claimed_and_not_begun_waits_for_the_next_start(left_behind: Generation) -> None:
    Delta.objects.all().delete()
    assert left_behind.engine_id is not None
    reaper.retire_engine(left_behind.engine_id)
    left_behind.refresh_from_db()
    assert (left_behind.status, left_behind.engine) == ("pending", None)


def upstream_is_asked(upstream: ScriptedUpstream) -> bool:
    return bool(eventually(lambda: upstream.requests))
