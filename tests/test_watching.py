"""Whoever watches, from wherever, however late: overlap may be, a silent gap never."""

from __future__ import annotations

import time

import pytest

from accounts.models import User
from tests.portal import Browser, Portal, Socket, answer_of, settled
from tests.upstreams.scripted import DONE, FINISH, HEAD, Hold, ScriptedUpstream, Wait, delta, stream

pytestmark = pytest.mark.usefixtures("model")


def test_a_late_watcher_misses_nothing(ada_at: Browser, upstream: ScriptedUpstream) -> None:
    hold = Hold()
    upstream.will([HEAD, delta("Early"), hold, delta(" and late."), FINISH, DONE])
    conversation = ada_at.start()
    with ada_at.socket().join(conversation) as first:
        first.until_text("Early")
        with ada_at.socket().join(conversation) as late:
            assert late.until("snapshot")["text"] == "Early"
            hold.release()
            assert late.until_ended().text == first.until_ended().text == "Early and late."


def test_watchers_who_come_at_any_moment_see_the_same_text(
    ada_at: Browser, upstream: ScriptedUpstream
) -> None:
    words = [f"word{number} " for number in range(60)]
    script = [HEAD]
    for word in words:
        script += [delta(word), Wait(0.01)]
    upstream.will([*script, FINISH, DONE])
    conversation = ada_at.start()
    sockets: list[Socket] = []
    for _ in range(8):
        sockets.append(ada_at.socket().join(conversation))
        time.sleep(0.05)
    assert {socket.until_ended().text for socket in sockets} == {"".join(words)}
    for socket in sockets:
        socket.connection.close()


def test_numbers_grow_by_one(ada_at: Browser, upstream: ScriptedUpstream) -> None:
    start = Hold()
    script = [HEAD, start]
    for number in range(20):
        script += [delta(f"{number} "), Wait(0.03)]
    upstream.will([*script, FINISH, DONE])
    conversation = ada_at.start()
    with ada_at.socket().join(conversation) as socket:
        socket.until("joined")
        start.release()
        socket.until_ended()
    numbers = [event["sequence"] for event in socket.events if event["type"] == "delta"]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_a_page_that_comes_back_says_where_it_stands(
    ada_at: Browser, upstream: ScriptedUpstream
) -> None:
    conversation = ada_at.start()
    generation = settled(conversation)
    with ada_at.socket().join(conversation, {str(generation.pk): 0}) as socket:
        assert socket.until("snapshot")["text"] == "Yes, indeed."
        assert socket.until("joined")["leaf"] == str(answer_of(conversation).pk)


def test_the_same_events_come_over_http_after_a_number(
    ada_at: Browser, upstream: ScriptedUpstream
) -> None:
    one, two, hold = Hold(), Hold(), Hold()
    said = [delta("One"), one, delta(" two"), two, delta(" three"), hold]
    upstream.will([HEAD, *said, FINISH, DONE])
    conversation = ada_at.start()
    with ada_at.socket().join(conversation) as socket:
        socket.until_text("One")
        one.release()
        socket.until_text("One two")
        two.release()
        socket.until_text("One two three")
    generation = conversation.generations.get()
    events = _events(ada_at, conversation, generation=generation.pk, after=1)
    assert [(event["type"], event["sequence"]) for event in events] == [("delta", 2), ("delta", 3)]
    assert "".join(event["text"] for event in events) == " two three"
    hold.release()
    settled(conversation)
    (snapshot,) = _events(ada_at, conversation, generation=generation.pk, after=1)
    assert (snapshot["type"], snapshot["text"], snapshot["status"]) == (
        "snapshot",
        "One two three",
        "completed",
    )


def test_a_second_tab_hears_of_a_new_turn(ada_at: Browser) -> None:
    conversation = ada_at.start()
    settled(conversation)
    with ada_at.socket().join(conversation) as other_tab:
        other_tab.until("joined")
        ada_at.say(conversation, "From the first tab")
        assert other_tab.until("branch")["leaf"] == str(answer_of(conversation).pk)
        assert other_tab.until_ended().text == "Yes, indeed."


def test_every_page_hears_of_titles_and_of_answers_that_end(
    ada_at: Browser, upstream: ScriptedUpstream
) -> None:
    upstream.will(stream("Done."))
    with ada_at.socket() as socket:
        socket.until("welcome")
        conversation = ada_at.start("A new one")
        assert socket.until("conversation", writing=True)["title"] == "A new one"
        socket.until("conversation", writing=False)
        ada_at.post(f"/conversations/{conversation.pk}/title/", title="Renamed")
        assert socket.until("conversation")["title"] == "Renamed"
        ada_at.post(f"/conversations/{conversation.pk}/delete/")
        assert socket.until("conversation_deleted")["conversation"] == str(conversation.pk)


def test_a_page_that_reads_too_slowly_starts_again_from_a_snapshot(
    ada_at: Browser, upstream: ScriptedUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.generation.hub.MOST_WAITING", 0)
    hold = Hold()
    upstream.will([HEAD, delta("One"), hold, delta(" two"), FINISH, DONE])
    conversation = ada_at.start()
    with ada_at.socket().join(conversation) as socket:
        socket.until("joined")
        hold.release()
        assert socket.until_ended().text == "One two"


def test_a_quiet_line_beats(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.generation.engine.HEARTBEAT_SECONDS", 0.2)
    with Portal() as portal, portal.opened_by(ada).socket() as socket:
        for _ in range(2):
            socket.until("heartbeat")


def _events(browser: Browser, conversation: object, **query: object) -> list[dict[str, object]]:
    answer = browser.http.get(f"/conversations/{conversation.pk}/events/", params=query)  # type: ignore[attr-defined]
    return list(answer.json()["events"])
