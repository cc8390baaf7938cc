"""An access-token gateway: the protocol that community reverse proxies of ChatGPT speak, on a real socket.

It keeps conversations as trees, as the service does, so that a test can look where a turn was hung. Its answers repeat
the question by default; what else it does is set for the next request, or for all:

    emulator.next(status=401)            # the next request alone
    emulator.always(echo=True)           # every request
    emulator.expire("token")             # the token that was good is so no longer

Verified by driving it with the clients that others wrote (tests/test_the_emulator.py). The shapes of requests, events
and errors are those of the npm package `chatgpt` 5.2.5 and of pandora-chatgpt 1.3.5.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
import uuid
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any, Self

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
    b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
)
CLOUDFLARE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>cf-chl</body></html>"
)
EXPIRED = {
    "message": "Your authentication token has expired. Please try signing in again.",
    "type": "invalid_request_error",
    "param": None,
    "code": "token_expired",
}
GONE = {"message": "Conversation not found", "code": "conversation_not_found"}
ONE_AT_A_TIME = (
    "Only one message at a time. Please allow any other responses to complete before sending "
    "another message, or wait one minute."
)
TOO_LONG = {
    "message": "The message you submitted was too long, please reload the conversation and submit"
    " something shorter.",
    "code": "message_length_exceeds_limit",
}
MODEL_CAP = {
    "message": "You have sent too many messages to the model. Please try again later.",
    "code": "model_cap_exceeded",
    "clears_in": 13078,
}
MODELS = [
    {"slug": "text-davinci-002-render-sha", "max_tokens": 8191, "title": "Default (GPT-3.5)"},
    {"slug": "gpt-4", "max_tokens": 4095, "title": "GPT-4"},
]
ROOT, USER, ASSISTANT = "root", "user", "assistant"


@dataclass(frozen=True)
class Behaviour:
    """How a request is answered. Numbers count the pieces of the answer."""

    text: str = ""  # empty: the question is repeated
    status: int = 200
    body: Any = None  # of a refusal: as it is, or as JSON
    headers: tuple[tuple[str, str], ...] = ()
    echo: bool = False  # the system's message and the question come first, as events
    hang_after: int | None = None  # it falls silent
    cut_after: int | None = None  # the connection breaks
    error_after: int | None = None  # an event with an error
    done: bool = True  # `[DONE]` comes at the end
    noise: bool = False  # comments, dates, moderation and title events in between
    split: int = 0  # bytes a network write: characters are cut
    pause: float = 0.0  # seconds between two pieces
    early_form: bool = False  # of March 2023: the role stands at the message
    finish: str = "stop"
    rewrites: bool = False  # the second half of the answer changes the first
    other_recipient: bool = False  # a tool is asked, and answers, before the answer
    escaped: bool = True  # JSON with \\u escapes
    held: bool = False  # it begins when it is let go


@dataclass
class Node:
    id: str
    role: str
    text: str
    parent: str
    children: list[str] = field(default_factory=list)


@dataclass
class UpstreamConversation:
    id: str
    token: str
    nodes: dict[str, Node]
    visible: bool = True

    def add(self, node: Node) -> Node:
        self.nodes[node.id] = node
        self.nodes[node.parent].children.append(node.id)
        return node

    def texts(self, leaf: str) -> list[str]:
        """What was said from the root to `leaf`."""
        said: list[str] = []
        while self.nodes[leaf].role != ROOT:
            said.insert(0, self.nodes[leaf].text)
            leaf = self.nodes[leaf].parent
        return said


@dataclass
class Seen:
    """A request as it came, and when its answer began and ended (seconds of a monotonic clock)."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    status: int = 0
    began: float = 0.0
    ended: float = 0.0

    @property
    def token(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


class ChatGPTEmulator:
    """Serves on a free loopback port, in a thread of its own, from `with` to its end."""

    def __init__(self, *, tokens: tuple[str, ...] = (), one_at_a_time: bool = False) -> None:
        self.tokens = set(tokens)  # empty: each token is good
        self.one_at_a_time = one_at_a_time
        self.conversations: dict[str, UpstreamConversation] = {}
        self.seen: list[Seen] = []
        self.held: list[Seen] = []  # turns that wait to be let go
        self._open: set[str] = set()
        self._let_go: dict[int, asyncio.Event] = {}
        self._next: deque[Behaviour] = deque()
        self._always = Behaviour()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._in_loop(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *error: object) -> None:
        self._in_loop(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        """As API_REVERSE_PROXY has it: the whole address."""
        return f"http://127.0.0.1:{self.port}/backend-api/conversation"

    @property
    def turns(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.path.endswith("/conversation")]

    def next(self, **behaviour: Any) -> None:
        self._next.append(replace(self._always, **behaviour))

    def always(self, **behaviour: Any) -> None:
        self._always = Behaviour(**behaviour)

    def expire(self, token: str) -> None:
        self.tokens.discard(token)

    def forget(self) -> None:
        """As if each conversation had been deleted on the vendor's page."""
        self.conversations.clear()

    def let_go(self, turn: Seen) -> None:
        """Let the answer to a held turn begin."""
        self.held.remove(turn)
        self._loop.call_soon_threadsafe(self._let_go[id(turn)].set)

    # --- The wire ----------------------------------------------------------------------------------------------

    def _in_loop(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _close(self) -> None:
        self._server.close()
        own = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not own]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            seen = await _read(reader)
            seen.began = time.monotonic()
            self.seen.append(seen)
            answering = asyncio.create_task(self._answer(seen, writer))
            hanging_up = asyncio.create_task(reader.read())
            await asyncio.wait({answering, hanging_up}, return_when=asyncio.FIRST_COMPLETED)
            for task in (answering, hanging_up):
                task.cancel()
            await asyncio.gather(answering, hanging_up, return_exceptions=True)
            seen.ended = time.monotonic()
        except (ConnectionError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            writer.close()

    async def _answer(self, seen: Seen, writer: asyncio.StreamWriter) -> None:
        if self.tokens and seen.token not in self.tokens:
            return await self._refuse(seen, writer, 401, {"detail": EXPIRED})
        if not seen.path.endswith("/conversation"):
            status, body = self._side_call(seen)
            return await self._refuse(seen, writer, status, body)
        behaviour = self.behaviour_for(seen)
        if behaviour.status != 200 or behaviour.body is not None:
            body = behaviour.body if behaviour.body is not None else {"detail": "no"}
            return await self._refuse(seen, writer, behaviour.status, body, behaviour.headers)
        if self.one_at_a_time and seen.token in self._open:
            return await self._refuse(seen, writer, 429, {"detail": ONE_AT_A_TIME})
        self._open.add(seen.token)
        try:
            await self._turn(seen, behaviour, writer)
        finally:
            self._open.discard(seen.token)

    def behaviour_for(self, seen: Seen) -> Behaviour:
        """How this request is answered; benchmarks decide otherwise."""
        return self._next.popleft() if self._next else self._always

    async def _refuse(
        self,
        seen: Seen,
        writer: asyncio.StreamWriter,
        status: int,
        body: Any,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        seen.status = status
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "text/html" if data.lstrip()[:1] == b"<" else "application/json"
        lines = [
            f"HTTP/1.1 {status} Said",
            f"Content-Type: {kind}",
            *(f"{n}: {v}" for n, v in headers),
        ]
        lines += [f"Content-Length: {len(data)}", "Connection: close", "", ""]
        writer.write("\r\n".join(lines).encode() + data)
        await writer.drain()

    def _side_call(self, seen: Seen) -> tuple[int, Any]:
        """The calls beside the answers: models, a conversation's tree, its end."""
        *_, noun = seen.path.split("?")[0].split("/")
        if noun == "models":
            return 200, {"models": MODELS, "categories": []}
        if noun == "conversations":
            items = [{"id": each.id, "title": "New chat"} for each in self._visible_to(seen.token)]
            return 200, {"items": items, "total": len(items)}
        found = self.conversations.get(noun)
        if found is None or found.token != seen.token or not found.visible:
            return 404, {"detail": GONE}
        if seen.method == "PATCH":
            found.visible = bool(seen.body.get("is_visible", True))
            return 200, {"success": True}
        mapping = {node.id: vars(node) for node in found.nodes.values()}
        return 200, {"title": "New chat", "mapping": mapping}

    def _visible_to(self, token: str) -> list[UpstreamConversation]:
        return [
            each for each in self.conversations.values() if each.visible and each.token == token
        ]

    # --- A turn --------------------------------------------------------------------------------------------------

    async def _turn(self, seen: Seen, behaviour: Behaviour, writer: asyncio.StreamWriter) -> None:
        said = seen.body
        try:
            conversation, parent = self._place(said, seen.token)
        except KeyError:
            return await self._refuse(seen, writer, 404, {"detail": GONE})
        except ValueError as wrong:
            return await self._refuse(seen, writer, 422, {"detail": str(wrong)})
        seen.status = 200
        text = behaviour.text or f"You said: {parent.text}"
        answer = conversation.add(Node(str(uuid.uuid4()), ASSISTANT, text, parent.id))
        if behaviour.held:
            self._let_go[id(seen)] = asyncio.Event()
            self.held.append(seen)
            await self._let_go[id(seen)].wait()
        writer.write(HEAD)
        for event in _events(behaviour, conversation, parent, answer, said.get("model", "")):
            if event is None:
                await writer.drain()
                await asyncio.sleep(3600)
            elif event == b"cut":
                await writer.drain()
                writer.transport.abort()
                return
            else:
                await _write(writer, event, behaviour.split)
                await asyncio.sleep(behaviour.pause)
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    def _place(self, said: dict[str, Any], token: str) -> tuple[UpstreamConversation, Node]:
        """The conversation of a request, and the message that it wants to have answered."""
        parent_id = str(uuid.UUID(said["parent_message_id"]))
        if not said.get("model"):
            raise ValueError("model not provided")
        if said.get("conversation_id"):
            conversation = self.conversations[said["conversation_id"]]
            if conversation.token != token or not conversation.visible:
                raise KeyError(conversation.id)
            parent = conversation.nodes[parent_id]
        else:
            root = Node(parent_id, ROOT, "", "")
            conversation = UpstreamConversation(str(uuid.uuid4()), token, {root.id: root})
            self.conversations[conversation.id] = conversation
            parent = root
        if said["action"] == "continue":
            return conversation, parent
        return conversation, self._question(said, conversation, parent)

    def _question(
        self, said: dict[str, Any], conversation: UpstreamConversation, parent: Node
    ) -> Node:
        (message,) = said["messages"]
        role = message.get("author", {}).get("role") or message["role"]
        if role != USER or message["content"]["content_type"] != "text":
            raise ValueError("a message of a user is wanted")
        if said["action"] == "variant":
            question = conversation.nodes[message["id"]]
            if question.parent != parent.id:
                raise ValueError("a variant hangs where its question hangs")
            return question
        if message["id"] in conversation.nodes:
            raise ValueError("this message id has been used")
        (text,) = message["content"]["parts"]
        return conversation.add(Node(message["id"], USER, text, parent.id))


# --- The events of an answer ---------------------------------------------------------------------------------------


def _events(
    behaviour: Behaviour,
    conversation: UpstreamConversation,
    question: Node,
    answer: Node,
    model: str,
) -> Any:
    """The events as bytes; None where it falls silent, b"cut" where the connection breaks."""

    def event(text: str, *, role: str = ASSISTANT, node: str = answer.id, **more: Any) -> bytes:
        message = _message(behaviour, node, role, text, model, **more)
        return _frame(
            {"message": message, "conversation_id": conversation.id, "error": None},
            escaped=behaviour.escaped,
        )

    if behaviour.echo:
        yield event("You are ChatGPT.", role="system", node=str(uuid.uuid4()))
        yield event(question.text, role=USER, node=question.id)
    if behaviour.other_recipient:
        tool = {"recipient": "python", "content_type": "code"}
        yield event("print(1)", node=str(uuid.uuid4()), **tool)
        yield event("1", role="tool", node=str(uuid.uuid4()))
    pieces = list(_growing(answer.text))
    for number, text in enumerate(pieces):
        yield from _faults(behaviour, number, conversation.id)
        if behaviour.rewrites and number == len(pieces) // 2:
            answer.text = text = f"On second thought: {answer.text}"
            yield event(text)
            break
        yield event(text)
    yield from _faults(behaviour, len(pieces), conversation.id)
    yield event(answer.text, status="finished_successfully", end_turn=True)
    if behaviour.noise:
        moderation = {"flagged": False, "moderation_id": "modr-1"}
        ids = {"conversation_id": conversation.id, "message_id": answer.id}
        yield _frame({**ids, "is_completion": True, "moderation_response": moderation})
        yield _frame({"type": "title_generation", "title": "Noise"})
    if behaviour.done:
        yield b"data: [DONE]\n\n"


def _faults(behaviour: Behaviour, number: int, conversation_id: str) -> Any:
    """What comes before piece `number`."""
    if behaviour.hang_after == number:
        yield None
    if behaviour.cut_after == number:
        yield b"cut"
    if behaviour.error_after == number:
        said = {"message": None, "conversation_id": conversation_id}
        yield _frame({**said, "error": "Something went wrong"})
    if behaviour.noise:
        yield b": keep-alive\n\n"
        yield b"event: ping\ndata: 2023-04-01 12:00:00.000000\n\n"


def _growing(text: str) -> Any:
    """The text as it grows, three characters at a time; each piece is the whole text so far."""
    for end in range(3, len(text) + 3, 3):
        yield text[:end]


def _message(
    behaviour: Behaviour,
    node: str,
    role: str,
    text: str,
    model: str,
    *,
    status: str = "in_progress",
    end_turn: bool | None = None,
    recipient: str = "all",
    content_type: str = "text",
) -> dict[str, Any]:
    content = {"content_type": content_type, "parts": [text]}
    if content_type == "code":
        content = {"content_type": "code", "language": "unknown", "text": text}  # type: ignore[dict-item]
    if behaviour.early_form:
        return {
            "id": node,
            "role": role,
            "user": None,
            "create_time": None,
            "update_time": None,
            "content": content,
            "end_turn": None,
            "weight": 1.0,
            "recipient": recipient,
            "metadata": {},
        }
    metadata: dict[str, Any] = {"message_type": "next", "model_slug": model}
    if status != "in_progress":
        metadata["finish_details"] = {"type": behaviour.finish, "stop": "<|im_end|>"}
    return {
        "id": node,
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": 1700000000.12,
        "update_time": None,
        "content": content,
        "status": status,
        "end_turn": end_turn,
        "weight": 1.0,
        "metadata": metadata,
        "recipient": recipient,
    }


def _frame(data: Any, *, escaped: bool = True) -> bytes:
    return b"data: " + json.dumps(data, ensure_ascii=escaped).encode() + b"\n\n"


async def _write(writer: asyncio.StreamWriter, data: bytes, split: int) -> None:
    for start in range(0, len(data), split or len(data)):
        part = data[start : start + (split or len(data))]
        writer.write(b"%x\r\n%s\r\n" % (len(part), part))
        await writer.drain()


async def _read(reader: asyncio.StreamReader) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    headers = {}
    for line in filter(None, lines):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    method, path, _version = first.split(" ")
    return Seen(method, path, headers, json.loads(body) if body else None)
