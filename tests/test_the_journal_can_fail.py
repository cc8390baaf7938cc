"""Saving fails: nothing is published that is not saved, nobody hangs, and what is saved stays."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError

from chatportal.sqlite.base import write_lock
from conversations.generation import ledger
from conversations.models import Conversation, Delta
from tests.portal import Browser, answer_of, eventually, settled
from tests.upstreams.scripted import DONE, FINISH, HEAD, Hold, ScriptedUpstream, Wait, delta

pytestmark = pytest.mark.usefixtures("model")


class FailingDisk:
    """Makes each commit of the journal fail while `full` is set, as a full disk or a database that is away does."""

    def __init__(self) -> None:
        self.full = threading.Event()
        self.refused = 0
        self._insert: Callable[[Any], None] = ledger.insert_deltas

    def insert_deltas(self, deltas: Any) -> None:
        if self.full.is_set():
            self.refused += 1
            raise OperationalError("database or disk is full")
        self._insert(deltas)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[FailingDisk]:
    failing = FailingDisk()
    monkeypatch.setattr(ledger, "insert_deltas", failing.insert_deltas)
    yield failing
    failing.full.clear()


def test_what_cannot_be_saved_is_not_shown_until_it_can(
    ada_at: Browser, upstream: ScriptedUpstream, disk: FailingDisk
) -> None:
    hold = Hold()
    upstream.will(
        [HEAD, delta("Saved. "), hold, delta("Held back. "), delta("And more."), FINISH, DONE]
    )
    conversation = ada_at.start()
    with ada_at.socket().join(conversation) as socket:
        socket.until_text("Saved. ")
        disk.full.set()
        hold.release()
        eventually(lambda: disk.refused >= 3)
        socket.until_quiet(0.3)
        assert socket.messages[str(answer_of(conversation).pk)].text == "Saved. "
        disk.full.clear()
        assert socket.until_ended().text == "Saved. Held back. And more."
    assert answer_of(conversation).text == "Saved. Held back. And more."
    assert settled(conversation).status == "completed"


def test_reading_from_upstream_pauses_meanwhile(
    ada_at: Browser, upstream: ScriptedUpstream, disk: FailingDisk
) -> None:
    """What has been read and cannot be saved does not grow with the answer."""
    letters = "x" * 64_000
    upstream.will(
        [HEAD, delta("Begin"), Wait(0.2), *[delta(letters) for _ in range(200)], FINISH, DONE]
    )
    disk.full.set()
    conversation = ada_at.start()
    eventually(lambda: disk.refused >= 3)
    disk.full.clear()
    assert settled(conversation, within=60).status == "completed"
    assert len(answer_of(conversation).text) == len("Begin") + 200 * len(letters)


def test_after_its_time_is_up_the_answer_ends_with_what_is_saved(
    ada_at: Browser, upstream: ScriptedUpstream, disk: FailingDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.generation.journal.GIVE_UP_SECONDS", 0.5)
    hold = Hold()
    upstream.will([HEAD, delta("Saved."), hold, delta(" Lost."), Hold()])
    conversation = ada_at.start()
    with ada_at.socket().join(conversation) as socket:
        socket.until_text("Saved.")
        disk.full.set()
        hold.release()
        shown = socket.until_ended()
    assert (shown.text, shown.status, shown.error["code"]) == (
        "Saved.",
        "interrupted",
        "internal_error",
    )
    assert upstream.requests[0].hung_up.wait(5)
    disk.full.clear()
    generation = settled(conversation)
    assert (generation.status, generation.error_code) == ("interrupted", "internal_error")
    assert answer_of(conversation).text == "Saved."
    assert not Delta.objects.exists()
    assert ada_at.say(conversation, "Again?").status_code == 201
    assert settled(conversation).status == "completed"


def test_one_that_cannot_be_saved_does_not_hold_up_the_others(
    ada_at: Browser, upstream: ScriptedUpstream
) -> None:
    """A conversation is deleted for good, by the administrator of the database, while it is being answered."""
    first, second = Hold(), Hold()
    upstream.will([HEAD, delta("Doomed"), first, delta(" words"), Hold()])
    doomed = ada_at.start("Doomed?")
    eventually(lambda: Delta.objects.filter(generation__conversation=doomed).exists())
    upstream.will([HEAD, delta("Spared"), second, delta(" words"), FINISH, DONE])
    spared = ada_at.start("Spared?")
    eventually(lambda: Delta.objects.filter(generation__conversation=spared).exists())
    Conversation.objects.filter(pk=doomed.pk).delete()
    first.release()
    second.release()
    assert settled(spared).status == "completed"
    assert answer_of(spared).text == "Spared words"
    assert upstream.requests[0].hung_up.wait(5)


@pytest.mark.sqlite
def test_a_writer_that_holds_the_lock_delays_and_loses_nothing(
    ada_at: Browser, upstream: ScriptedUpstream
) -> None:
    hold = Hold()
    upstream.will([HEAD, delta("Before. "), hold, delta("After."), FINISH, DONE])
    conversation = ada_at.start()
    with ada_at.socket().join(conversation) as socket:
        shown = socket.until_text("Before. ")
        with write_lock:
            hold.release()
            socket.until_quiet(0.5)
            assert shown.text == "Before. "
        assert socket.until_ended().text == "Before. After."


@pytest.mark.postgresql
def test_a_database_that_drops_its_connections_delays_and_loses_nothing(
    ada_at: Browser, upstream: ScriptedUpstream
) -> None:
    from django.db import connection

    hold = Hold()
    upstream.will([HEAD, delta("Before. "), hold, delta("After."), FINISH, DONE])
    conversation = ada_at.start()
    with ada_at.socket().join(conversation) as socket:
        socket.until_text("Before. ")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        hold.release()
        assert socket.until_ended().text == "Before. After."
    assert answer_of(conversation).text == "Before. After."
