"""Stop keeps what was written, closes the upstream request, and works from anywhere."""

from __future__ import annotations

import pytest

from conversations.models import Generation
from tests.portal import Browser, answer_of, eventually, settled
from tests.upstreams.scripted import DONE, FINISH, HEAD, Hold, ScriptedUpstream, delta

pytestmark = pytest.mark.usefixtures("model")


def test_stop_keeps_what_was_written_and_hangs_up(
    ada_at: Browser, upstream: ScriptedUpstream
) -> None:
    upstream.will([HEAD, delta("Half an"), Hold(), delta(" answer"), FINISH, DONE])
    conversation = ada_at.start()
    with ada_at.socket().join(conversation) as socket:
        socket.until_text("Half an")
        assert ada_at.stop(conversation.generations.get()).status_code == 204
        shown = socket.until_ended()
    assert (shown.text, shown.status) == ("Half an", "stopped")
    assert answer_of(conversation).text == "Half an"
    assert upstream.requests[0].hung_up.wait(5)


def test_stop_before_the_first_text(ada_at: Browser, upstream: ScriptedUpstream) -> None:
    hold = Hold()
    upstream.will([hold])
    conversation = ada_at.start()
    assert hold.reached.wait(5)
    ada_at.stop(conversation.generations.get())
    assert settled(conversation).status == "stopped"
    assert upstream.requests[0].hung_up.wait(5)


def test_stop_from_another_process_is_heeded(ada_at: Browser, upstream: ScriptedUpstream) -> None:
    """Only the row says so: nobody wakes the engine."""
    upstream.will([HEAD, delta("Half"), Hold()])
    conversation = ada_at.start()
    with ada_at.socket().join(conversation) as socket:
        socket.until_text("Half")
    assert Generation.objects.get().request_stop()
    assert settled(conversation).status == "stopped"
    assert upstream.requests[0].hung_up.wait(5)


def test_stopping_what_has_ended_changes_nothing(ada_at: Browser) -> None:
    conversation = ada_at.start()
    generation = settled(conversation)
    assert ada_at.stop(generation).status_code == 204
    generation.refresh_from_db()
    assert generation.status == "completed"


def test_what_no_engine_has_claimed_is_stopped_at_once(
    ada_at: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.generation.engine.claim_pending", lambda engine_id: [])
    conversation = ada_at.start()
    with ada_at.socket().join(conversation) as socket:
        assert socket.until("snapshot")["status"] == "pending"
        ada_at.stop(conversation.generations.get())
        assert socket.until("status", status="stopped")


def test_deleting_a_conversation_stops_its_answer(
    ada_at: Browser, upstream: ScriptedUpstream
) -> None:
    upstream.will([HEAD, delta("On and on"), Hold()])
    conversation = ada_at.start()
    eventually(lambda: upstream.requests)
    ada_at.post(f"/conversations/{conversation.pk}/delete/")
    assert upstream.requests[0].hung_up.wait(5)
    assert settled(conversation).status == "stopped"


def test_a_member_who_is_shut_out_is_answered_no_more(
    ada_at: Browser, upstream: ScriptedUpstream
) -> None:
    upstream.will([HEAD, delta("On and on"), Hold()])
    conversation = ada_at.start()
    with ada_at.socket().join(conversation) as socket:
        socket.until_text("On and on")
    owner = conversation.owner
    owner.is_active = False
    owner.save()
    assert upstream.requests[0].hung_up.wait(5)
    assert settled(conversation).status == "stopped"
