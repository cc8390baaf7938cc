"""Where no socket gets through, the same events come in one response that goes on; who may have it, and its end."""

from __future__ import annotations

import contextlib
import json
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.conf import settings

from accounts.models import User
from conversations.generation import lifespan
from conversations.models import Conversation
from tests.portal import ENDED, Browser, Portal, answer_of, eventually, settled
from tests.upstreams.scripted import DONE, FINISH, HEAD, Hold, ScriptedUpstream, Wait, delta

pytestmark = pytest.mark.usefixtures("model")
PROMISED = 5.0  # seconds


class Stream:
    """A page's stream: an iterator over its events."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._events = self._read()

    def _read(self) -> Iterator[dict[str, Any]]:
        for line in self.response.iter_lines():
            if line:
                assert line.startswith("data: ")
                yield json.loads(line.removeprefix("data: "))

    def until(self, kind: str) -> dict[str, Any]:
        return next(event for event in self._events if event["type"] == kind)

    def until_ended(self) -> str:
        """The text that a page would show."""
        text, number = "", 0
        for event in self._events:
            if event["type"] == "snapshot":
                text, number = event["text"], event["sequence"]
            elif event["type"] == "delta" and event["sequence"] > number:
                assert event["sequence"] == number + 1, "a gap"
                text, number = text + event["text"], number + 1
            if event.get("status") in ENDED:
                return text
        raise AssertionError("it closed")

    def rest(self) -> list[dict[str, Any]]:
        return list(self._events)


@contextlib.contextmanager
def streaming(
    browser: Browser, conversation: object = "", *, headers: Any = None, **query: str
) -> Iterator[Stream]:
    query["conversation"] = str(getattr(conversation, "pk", conversation))
    with browser.http.stream("GET", "/stream/", params=query, headers=headers) as response:
        assert response.status_code == 200
        yield Stream(response)


def test_an_answer_is_told_while_it_is_written(ada_at: Browser, upstream: ScriptedUpstream) -> None:
    hold = Hold()
    upstream.will([HEAD, delta("One"), hold, delta(" two"), FINISH, DONE])
    conversation = ada_at.start()
    with streaming(ada_at, conversation) as stream:
        assert stream.until("welcome")["heartbeat_seconds"] == 5
        stream.until("joined")
        hold.release()
        assert stream.until_ended() == "One two"


def test_it_tells_proxies_to_keep_nothing(ada_at: Browser) -> None:
    headers = {"Accept-Encoding": "gzip, br"}
    with streaming(ada_at, headers=headers) as stream:
        answered = stream.response.headers
    assert answered["X-Accel-Buffering"] == "no"
    assert "no-transform" in answered["Cache-Control"]
    assert answered["Content-Type"].startswith("text/event-stream")
    assert "Content-Encoding" not in answered


def test_watchers_who_come_at_any_moment_see_the_same_text(
    ada_at: Browser, upstream: ScriptedUpstream
) -> None:
    words = [f"word{number} " for number in range(30)]
    script = [HEAD]
    for word in words:
        script += [delta(word), Wait(0.02)]
    upstream.will([*script, FINISH, DONE])
    conversation = ada_at.start()
    with contextlib.ExitStack() as until_the_end:
        streams = []
        for _ in range(5):
            time.sleep(0.05)
            streams.append(until_the_end.enter_context(streaming(ada_at, conversation)))
        assert {stream.until_ended() for stream in streams} == {"".join(words)}


def test_a_page_that_comes_back_says_where_it_stands(
    ada_at: Browser,
) -> None:
    conversation = ada_at.start()
    first = settled(conversation)
    ada_at.say(conversation)
    settled(conversation)
    positions = json.dumps({str(first.pk): 0})
    with streaming(ada_at, conversation, positions=positions) as stream:
        told = {stream.until("snapshot")["generation"] for _ in range(2)}
    assert str(first.pk) in told


@pytest.mark.parametrize("said", ["{", "[]", "[" * 4000, '{"x": "y"}'])
def test_positions_that_are_none_are_left_out(ada_at: Browser, said: str) -> None:
    conversation = ada_at.start()
    settled(conversation)
    with streaming(ada_at, conversation, positions=said) as stream:
        assert stream.until("joined")["leaf"] == str(answer_of(conversation).pk)


def test_a_page_without_a_conversation_hears_of_its_persons_others(ada_at: Browser) -> None:
    with streaming(ada_at) as stream:
        stream.until("welcome")
        conversation = ada_at.start("A new one")
        assert stream.until("conversation")["conversation"] == str(conversation.pk)


def test_a_quiet_stream_beats(ada_at: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.protocol.STREAM_HEARTBEAT_SECONDS", 0.1)
    with streaming(ada_at) as stream:
        for _ in range(2):
            stream.until("heartbeat")


def test_it_is_read_too_slowly_and_starts_again_from_a_snapshot(
    ada_at: Browser, upstream: ScriptedUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.generation.hub.MOST_WAITING", 0)
    hold = Hold()
    upstream.will([HEAD, delta("One"), hold, delta(" two"), FINISH, DONE])
    conversation = ada_at.start()
    with streaming(ada_at, conversation) as stream:
        stream.until("joined")
        hold.release()
        assert stream.until_ended() == "One two"


class TestWhoMayHaveIt:
    def test_a_stranger_hears_the_same_as_of_nothing(
        self, ada_at: Browser, bob_at: Browser, upstream: ScriptedUpstream
    ) -> None:
        hold = Hold()
        upstream.will([HEAD, delta("Secret"), hold, delta(" words"), FINISH, DONE])
        conversation = ada_at.start()
        heard = []
        for pk in (conversation.pk, uuid.uuid4()):
            with streaming(bob_at, pk) as stream:
                assert stream.until("gone") == {"type": "gone", "conversation": str(pk)}
                heard.append(stream)
        with streaming(bob_at, conversation) as stream:
            stream.until("gone")
            hold.release()
            settled(conversation)
            own = bob_at.start()
            told: list[dict[str, Any]] = []
            while not any(event.get("conversation") == str(own.pk) for event in told):
                told.append(next(stream._events))
        assert str(conversation.pk) not in str(told)

    def test_nobody_gets_nothing(self, portal: Portal) -> None:
        for cookie in ("", "made-up"):
            answer = httpx.get(
                f"{portal.url}/stream/", cookies={settings.SESSION_COOKIE_NAME: cookie}
            )
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "logged_out")

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
    )
    def test_a_page_of_another_origin_gets_nothing(
        self, ada_at: Browser, headers: dict[str, str]
    ) -> None:
        answer = ada_at.http.get("/stream/", headers=headers)
        assert (answer.status_code, answer.content) == (403, b"")

    def test_it_only_tells(self, ada_at: Browser) -> None:
        assert ada_at.post("/stream/").status_code == 405

    def test_one_member_cannot_hold_any_number(
        self, ada_at: Browser, bob_at: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("conversations.event_stream.MOST_FOR_ONE", 2)
        with streaming(ada_at) as first, streaming(ada_at) as second:
            first.until("welcome")
            second.until("welcome")
            assert ada_at.http.get("/stream/").status_code == 429
            with streaming(bob_at) as other:
                other.until("welcome")
        # A page that is gone makes room.
        eventually(lambda: _gets_in(ada_at))


def _gets_in(browser: Browser) -> bool:
    with browser.http.stream("GET", "/stream/") as response:
        return response.status_code == 200


class TestItsEnd:
    @pytest.fixture
    def logged_out(self, ada_at: Browser) -> Iterator[None]:
        with streaming(ada_at) as stream:
            stream.until("welcome")
            began = time.monotonic()
            yield
            assert stream.rest()[-1] == {"type": "closing", "code": 4401}
            assert time.monotonic() - began < PROMISED

    @pytest.mark.usefixtures("logged_out")
    def test_a_changed_password_ends_it(self, ada: User) -> None:
        ada.set_password("another correct horse")
        ada.save()

    @pytest.mark.usefixtures("logged_out")
    def test_being_made_inactive_ends_it(self, ada: User) -> None:
        ada.is_active = False
        ada.save()

    @pytest.mark.usefixtures("logged_out")
    def test_logging_out_ends_it(self, ada_at: Browser) -> None:
        ada_at.post("/accounts/logout/")

    def test_the_portal_that_ends_says_so_and_does_not_wait_for_it(
        self, ada: User, upstream: ScriptedUpstream, settings: Any
    ) -> None:
        settings.PORTAL_DRAIN_SECONDS = 20
        upstream.will([HEAD, delta("Nearly "), Wait(0.5), delta("there."), FINISH, DONE])
        with Portal() as portal:
            browser = portal.opened_by(ada)
            conversation = browser.start()
            with streaming(browser, conversation) as stream:
                stream.until("joined")
                began = time.monotonic()
                heard: list[dict[str, Any]] = []
                reading = threading.Thread(target=lambda: heard.extend(stream.rest()))
                reading.start()
                portal._server.should_exit = True
                reading.join(PROMISED)
                assert heard[-1] == {"type": "closing", "code": 1012}
                assert time.monotonic() - began < 10, "it waited for the stream"
        assert Conversation.objects.get().generations.get().status == "completed"

    def test_nothing_of_it_is_left_behind(self, ada_at: Browser) -> None:
        engine = lifespan._engine
        assert engine is not None
        before = len(engine.hub.everyone)
        with streaming(ada_at) as stream:
            stream.until("welcome")
            assert len(engine.hub.everyone) == before + 1
        eventually(lambda: len(engine.hub.everyone) == before)
        assert not engine.sockets.visitors()
