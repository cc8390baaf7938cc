"""One odd answer, one bad moment or one broken socket is nobody else's trouble."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import struct
import threading
from typing import Any

import pytest
from django.db import OperationalError, connection

from accounts.models import User
from conversations.generation import ledger, lifespan, reaper
from conversations.generation.engine import Engine
from conversations.generation.manuscript import Manuscript
from conversations.models import Conversation, Delta, EngineProcess, Message
from conversations.standing import fold
from conversations.turns import NotTheLast, TurnBusy, continue_turn, retry_turn, start_turn
from tests.portal import SOON, Browser, Portal, answer_of, eventually, settled
from tests.upstreams.scripted import (
    DONE,
    FINISH,
    HEAD,
    Hold,
    ScriptedUpstream,
    Wait,
    delta,
    frame,
    refuse,
    stream,
)
from upstream.models import LanguageModel

pytestmark = pytest.mark.usefixtures("model")


@pytest.mark.parametrize("character", ["\\ud800", "\\u0000"])
def test_an_error_text_that_no_database_takes(
    ada_at: Browser, upstream: ScriptedUpstream, character: str
) -> None:
    upstream.will(refuse(400, b'{"error":{"message":"bad ' + character.encode() + b' character"}}'))
    generation = settled(ada_at.start())
    assert (generation.status, generation.error_code) == ("failed", "rejected")
    assert "bad \ufffd character" in generation.error_detail
    assert settled(ada_at.start("And the next?")).status == "completed"


@pytest.mark.parametrize("count", [10**30, -5, "7", None])
def test_a_usage_that_is_no_count_loses_no_answer(
    ada_at: Browser, upstream: ScriptedUpstream, count: Any
) -> None:
    usage = frame({"choices": [], "usage": {"prompt_tokens": count, "completion_tokens": 3}})
    upstream.will([HEAD, delta("Whole."), FINISH, usage, DONE])
    conversation = ada_at.start()
    generation = settled(conversation)
    assert (generation.status, generation.prompt_tokens) == ("completed", None)
    assert answer_of(conversation).text == "Whole."


def test_a_failure_that_nobody_thought_of_ends_one_answer_only(
    ada_at: Browser, upstream: ScriptedUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert = ledger.insert_deltas

    def insert_unless_odd(deltas: Any) -> None:
        if any("odd" in added.text for added in deltas):
            raise RuntimeError("nobody thought of this")
        insert(deltas)

    monkeypatch.setattr(ledger, "insert_deltas", insert_unless_odd)
    first, second = Hold(), Hold()
    upstream.will([HEAD, first, delta("odd"), Hold()])
    odd = ada_at.start("Odd?")
    assert first.reached.wait(5)
    upstream.will([HEAD, second, delta("even"), FINISH, DONE])
    even = ada_at.start("Even?")
    assert second.reached.wait(5)
    first.release()
    second.release()
    assert settled(even).status == "completed"
    assert settled(odd).error_code == "internal_error"
    assert upstream.requests[0].hung_up.wait(5)


def test_a_retry_that_meets_the_end_of_an_answer_doubles_nothing(
    ada_at: Browser, upstream: ScriptedUpstream, model: LanguageModel
) -> None:
    hold = Hold()
    upstream.will([HEAD, delta("First answer."), hold, FINISH, DONE])
    conversation = ada_at.start()
    eventually(Delta.objects.exists)
    as_the_view_read_it = answer_of(conversation)
    assert as_the_view_read_it.text == ""
    with pytest.raises(TurnBusy):
        retry_turn(as_the_view_read_it, model=model)
    hold.release()
    settled(conversation)
    retry_turn(as_the_view_read_it, model=model)
    settled(conversation)
    answers = conversation.messages.filter(role="assistant").order_by("created_at")
    assert [answer.text for answer in answers] == ["First answer.", "Yes, indeed."]


def test_no_turn_begins_in_a_conversation_that_was_deleted_meanwhile(
    ada_at: Browser, model: LanguageModel
) -> None:
    conversation = ada_at.start()
    settled(conversation)
    ada_at.post(f"/conversations/{conversation.pk}/delete/")
    with pytest.raises(Conversation.DoesNotExist):
        start_turn(conversation, text="Hello?", model=model, client_id=conversation.pk)


def test_an_answer_in_the_middle_does_not_go_on_under_what_was_said_below(
    ada_at: Browser, model: LanguageModel
) -> None:
    conversation = ada_at.start()
    settled(conversation)
    first = answer_of(conversation)
    ada_at.say(conversation, "More.")
    settled(conversation)
    refused = ada_at.ask_again(first, "continue")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "not_last")
    with pytest.raises(NotTheLast):
        continue_turn(first, model=model)


def test_an_engine_that_fails_to_begin_again_tries_once_more(
    ada_at: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    register, tries = reaper.register_engine, []

    def register_at_the_second_try() -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("the database is just coming back")
        return register()

    monkeypatch.setattr(reaper, "register_engine", register_at_the_second_try)
    EngineProcess.objects.all().delete()
    assert settled(ada_at.start("After all?")).status == "completed"
    assert len(tries) == 2


def test_sockets_that_break_while_they_join_are_forgotten(
    ada_at: Browser, upstream: ScriptedUpstream
) -> None:
    upstream.will(stream("x" * 500_000))
    conversation = ada_at.start()
    settled(conversation)
    for number in range(12):
        _join_and_reset(ada_at, conversation, after_the_handshake=number % 2 == 0)
    engine = lifespan._engine
    assert engine is not None
    eventually(lambda: not engine.hub.everyone)
    assert not engine.hub.subscriptions
    assert not engine.sockets.visitors()


@pytest.mark.postgresql
def test_a_database_that_hangs_is_told_of_like_one_that_refuses(
    ada_at: Browser, upstream: ScriptedUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.generation.journal.GIVE_UP_SECONDS", 2.0)
    hold = Hold()
    upstream.will([HEAD, delta("Saved."), hold, delta(" Hangs."), Hold()])
    conversation = ada_at.start()
    locked, unlock = threading.Event(), threading.Event()
    holding = threading.Thread(target=_hold_the_table, args=(locked, unlock))
    with ada_at.socket().join(conversation) as page:
        page.until_text("Saved.")
        holding.start()
        assert locked.wait(5)
        hold.release()
        shown = page.until_ended()
        unlock.set()
        holding.join()
    assert (shown.text, shown.status, shown.error["code"]) == (
        "Saved.",
        "interrupted",
        "internal_error",
    )
    assert settled(conversation).status == "interrupted"
    assert settled(ada_at.start("And now?")).status == "completed"


def test_a_stopped_turn_that_nobody_claimed_leaves_no_mark_in_the_sidebar(
    ada_at: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.generation.engine.claim_pending", lambda engine_id: [])
    with ada_at.socket() as page:
        page.until("welcome")
        conversation = ada_at.start()
        page.until("conversation", writing=True)
        ada_at.stop(conversation.generations.get())
        page.until("conversation", writing=False)


def test_who_has_to_change_the_password_is_told_so_and_loses_nothing(
    ada_at: Browser, ada: User
) -> None:
    conversation = ada_at.start()
    settled(conversation)
    User.objects.filter(pk=ada.pk).update(must_change_password=True)
    refused = ada_at.say(conversation, "Precious")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "password_change")


def test_a_replacement_replaces_what_this_generation_wrote(ada: User) -> None:
    """What a dialect of whole texts needs: the text before a Continue stays."""
    conversation = Conversation.objects.create(owner=ada, title="T")
    message = Message.objects.create(conversation=conversation, role="assistant", text="Before. ")
    manuscript = Manuscript(message.pk, message.pk, conversation.pk, text_before="Before. ")
    manuscript.append("text", "Draft")
    deltas = manuscript.number_open()
    manuscript.replace("text", "Final")
    manuscript.append("text", " words")
    deltas += manuscript.number_open()
    assert manuscript.text == "Before. Final words"
    assert [(each.sequence, each.operation) for each in deltas] == [(1, "append"), (2, "replace")]
    rows = [
        Delta(sequence=d.sequence, part=d.part, operation=d.operation, text=d.text) for d in deltas
    ]
    assert fold(rows).text == "Final words"


def test_shutting_down_does_not_wait_for_ever(ada: User, upstream: ScriptedUpstream) -> None:
    upstream.will([HEAD, delta("x"), Wait(30)])
    with Portal() as portal:
        portal.opened_by(ada).start()
        eventually(lambda: upstream.requests)
    assert not portal._thread.is_alive()


def test_a_second_signal_before_the_drain_has_begun_is_not_lost(
    ada: User, upstream: ScriptedUpstream, settings: Any
) -> None:
    settings.PORTAL_DRAIN_SECONDS = 120  # longer than the portal's end is waited for
    upstream.will([HEAD, delta("Half an answer"), Hold()])
    with Portal() as portal:
        conversation = portal.opened_by(ada).start()
        eventually(lambda: Delta.objects.filter(generation__conversation=conversation).exists())
        lifespan.hurry()
    assert not portal._thread.is_alive()
    assert settled(conversation).status == "interrupted"
    assert answer_of(conversation).text == "Half an answer"


async def test_a_round_that_is_woken_and_ended_at_once_ends() -> None:
    """Else the drain would wait for it for ever: asyncio.wait_for of Python 3.11 swallows such a cancellation."""
    engine = Engine()
    looking = asyncio.create_task(engine._look_for_work())
    for _ in range(3):
        await asyncio.sleep(0)
    engine._wake.set()
    await asyncio.sleep(0)
    looking.cancel()
    await asyncio.wait({looking}, timeout=SOON)
    assert looking.cancelled()


def _hold_the_table(locked: threading.Event, unlock: threading.Event) -> None:
    with connection.cursor() as cursor:
        cursor.execute("BEGIN; LOCK TABLE conversations_delta IN ACCESS EXCLUSIVE MODE")
        locked.set()
        unlock.wait(30)
        cursor.execute("ROLLBACK")
    connection.close()


def _join_and_reset(
    browser: Browser, conversation: Conversation, *, after_the_handshake: bool
) -> None:
    """Open a socket by hand, ask to join, and reset the connection instead of reading."""
    key = base64.b64encode(os.urandom(16)).decode()
    join = json.dumps(
        {"type": "join", "conversation": str(conversation.pk), "positions": {}}
    ).encode()
    mask = os.urandom(4)
    masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(join))
    with socket.create_connection(("127.0.0.1", browser.portal.port)) as line:
        line.sendall(
            f"GET /ws/ HTTP/1.1\r\nHost: 127.0.0.1:{browser.portal.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Cookie: portal_session={browser.session_key}\r\n\r\n".encode()
        )
        if after_the_handshake:
            line.recv(4096)
            line.sendall(bytes([0x81, 0x80 | 126]) + struct.pack(">H", len(join)) + mask + masked)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
