"""The whole portal, served by uvicorn in a thread of the test, and people at their browsers."""

from __future__ import annotations

import contextlib
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import httpx
import pytest
import uvicorn
from django.conf import settings
from django.db import connections
from django.test import Client
from websockets.sync.client import ClientConnection, connect

from accounts.models import User
from chatportal.serving import StreamsEndFirst
from conversations.models import Conversation, Generation, Message
from tests.upstreams.scripted import ScriptedUpstream
from upstream.models import Credential, LanguageModel, Provider

SOON = 10.0  # seconds within which what is awaited has to happen
PATIENCE = 30.0  # seconds for a request where the machine does two things at once
ENDED = {str(status) for status in Generation.ENDED}
SECRET = "sk-canary-5ee1ba17"


def eventually(condition: Callable[[], Any], *, within: float = SOON) -> Any:
    """Wait until `condition()` is true, and return what it gave."""
    deadline = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < deadline, f"did not happen within {within} s"
        time.sleep(0.01)
    return found


class Portal:
    """uvicorn with the settings of `manage.py serve`, on a free port. Its lifespan starts and drains the engine."""

    def __init__(self) -> None:
        self._browsers: list[Browser] = []

    def __enter__(self) -> Self:
        config = uvicorn.Config(
            "chatportal.asgi:application",
            port=0,
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            lifespan="on",
            proxy_headers=False,
            log_level="warning",
            timeout_graceful_shutdown=2,
        )
        self._server = StreamsEndFirst(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        eventually(lambda: self._server.started or not self._thread.is_alive())
        self.port: int = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *error: object) -> None:
        for browser in self._browsers:
            browser.http.close()
        self._server.should_exit = True
        self._thread.join(30)
        connections.close_all()

    def opened_by(self, person: User) -> Browser:
        browser = Browser(self, person)
        self._browsers.append(browser)
        return browser


class Browser:
    """What the page of a logged-in person sends."""

    def __init__(self, portal: Portal, person: User) -> None:
        client = Client()
        client.force_login(person)
        self.portal = portal
        self.session_key = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.http = httpx.Client(
            base_url=portal.url,
            cookies={settings.SESSION_COOKIE_NAME: self.session_key},
            timeout=PATIENCE,
        )
        self.http.get("/")
        self.http.headers["X-Requested-With"] = "fetch"
        self.http.headers["X-CSRFToken"] = self.http.cookies.get(settings.CSRF_COOKIE_NAME, "")

    def post(self, path: str, **form: Any) -> httpx.Response:
        return self.http.post(path, data=form)

    def start(self, text: str = "Is it so?", **form: Any) -> Conversation:
        answer = self.post("/conversations/new/", text=text, client_id=str(uuid.uuid4()), **form)
        assert answer.status_code == 201, answer.text
        return Conversation.objects.get(pk=answer.json()["conversation"])

    def say(
        self, conversation: Conversation, text: str = "And then?", **form: Any
    ) -> httpx.Response:
        form.setdefault("client_id", str(uuid.uuid4()))
        return self.post(f"/conversations/{conversation.pk}/messages/", text=text, **form)

    def ask_again(self, answer: Message, kind: str) -> httpx.Response:
        return self.post(f"/messages/{answer.pk}/generations/", kind=kind)

    def branch(self, conversation: Conversation) -> str:
        """The messages that a page of `conversation` would show, without the templates of their parts."""
        text: str = self.http.get(f"/conversations/{conversation.pk}/branch/").text
        return text

    def stop(self, generation: Generation) -> httpx.Response:
        return self.post(f"/generations/{generation.pk}/stop/")

    def socket(self, **options: Any) -> Socket:
        return Socket(self, **options)


@dataclass
class Watched:
    """What a page would show of one message."""

    text: str = ""
    sequence: int = 0
    status: str = ""
    error: Any = None


class Socket:
    """A page's socket: it keeps each event, and the text that a page would show."""

    def __init__(
        self, browser: Browser, *, origin: str | None = None, cookie: str | None = None
    ) -> None:
        cookie = (
            f"{settings.SESSION_COOKIE_NAME}={browser.session_key}" if cookie is None else cookie
        )
        self.connection: ClientConnection = connect(
            browser.portal.url.replace("http", "ws") + "/ws/",
            origin=origin or browser.portal.url,  # type: ignore[arg-type]
            additional_headers={"Cookie": cookie},
            legacy=True,  # connects at once; closed by __exit__
        )
        self.events: list[dict[str, Any]] = []
        self.messages: dict[str, Watched] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.connection.close()

    def join(self, conversation: Any, positions: dict[str, int] | None = None) -> Self:
        pk = str(getattr(conversation, "pk", conversation))
        self.send({"type": "join", "conversation": pk, "positions": positions or {}})
        return self

    def send(self, said: Any) -> None:
        self.connection.send(said if isinstance(said, str | bytes) else json.dumps(said))

    def next(self, *, within: float = SOON) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.connection.recv(timeout=within))
        self.events.append(event)
        self._show(event)
        return event

    def until(self, kind: str, *, within: float = SOON, **fields: Any) -> dict[str, Any]:
        """Read on to the next event of `kind` that has these fields."""
        while True:
            event = self.next(within=within)
            if event["type"] == kind and all(
                event[name] == value for name, value in fields.items()
            ):
                return event

    def until_ended(self) -> Watched:
        """Read on until an answer has ended."""
        while True:
            event = self.next()
            if event["type"] in {"status", "snapshot"} and event["status"] in ENDED:
                return self.messages[event["message"]]

    def until_text(self, text: str) -> Watched:
        """Read on until a message shows `text`."""
        while True:
            event = self.next()
            if (shown := self.messages.get(event.get("message", ""))) and shown.text == text:
                return shown

    def until_quiet(self, seconds: float) -> None:
        """Read on until nothing has come for so long."""
        with contextlib.suppress(TimeoutError):
            while True:
                self.next(within=seconds)

    def _show(self, event: dict[str, Any]) -> None:
        if event["type"] not in {"snapshot", "delta", "status"}:
            return
        shown = self.messages.setdefault(event["message"], Watched())
        if event["type"] == "snapshot":
            shown.text, shown.sequence = event["text"], event["sequence"]
        elif event["type"] == "delta" and event["sequence"] > shown.sequence:
            assert event["sequence"] == shown.sequence + 1, "a gap"
            shown.sequence += 1
            if event["part"] == "text":
                shown.text += event["text"]
        if "status" in event:
            shown.status, shown.error = event["status"], event["error"]


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as scripted:
        yield scripted


@pytest.fixture
def model(transactional_db: None, upstream: ScriptedUpstream) -> LanguageModel:
    """A model of the scripted upstream, with a credential that opens it."""
    provider = Provider.objects.create(
        title="Scripted",
        base_url=upstream.base_url,
        own_host_may_be_private=True,
        silence_seconds=60,
        longest_wait_seconds=5,
    )
    Credential.objects.create(provider=provider, secret=SECRET)
    return LanguageModel.objects.create(provider=provider, name="scripted-1", title="Scripted")


@pytest.fixture
def portal(transactional_db: None) -> Iterator[Portal]:
    with Portal() as served:
        yield served


@pytest.fixture
def ada_at(transactional_db: None, ada: User, portal: Portal) -> Browser:
    return portal.opened_by(ada)


@pytest.fixture
def bob_at(transactional_db: None, bob: User, portal: Portal) -> Browser:
    return portal.opened_by(bob)


def answer_of(conversation: Conversation) -> Message:
    """The answer at the end of the current branch."""
    conversation.refresh_from_db()
    assert conversation.current_leaf is not None
    return conversation.current_leaf


def settled(conversation: Conversation, *, within: float = SOON) -> Generation:
    """The newest generation of a conversation, once it has ended. `within` is in seconds."""

    def newest() -> Generation | None:
        generation = conversation.generations.order_by("-created_at").first()
        return generation if generation and not generation.is_active else None

    found: Generation = eventually(newest, within=within)
    return found
