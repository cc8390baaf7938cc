"""The protocol of ChatGPT's web page, as community reverse proxies speak it: an access token instead of a key.

The upstream keeps the conversation itself. A request says where its one message hangs; the answer comes as events that
each repeat all of it so far (docs/access-tokens.md). `base_url` is the whole address of a turn, as in
https://gateway.example/api/conversation; other calls are made beside it.

Sources: the npm package `chatgpt` 5.2.5, pandora-chatgpt 1.3.5, go-chatgpt-api, revChatGPT 6.8.6.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from upstream.adapters.base import CONTINUE, Adapter, Call, ListedModel, gettext_noop
from upstream.adapters.cumulative import CumulativeText, Growth
from upstream.adapters.opening import opening
from upstream.adapters.refusals import begun
from upstream.adapters.token_refusals import refusal_for_token
from upstream.errors import Interrupted, Malformed, UpstreamError
from upstream.types import Event, Finished, Placed, UpstreamPosition

ID = re.compile(r"[\w:-]{1,200}", re.ASCII)  # it is kept in a column, and stands in an address
KINDS_OF_ANSWER = {None, "next", "continue", "variant"}


class ChatGPTToken(Adapter):
    title = gettext_noop("ChatGPT by access token, through a reverse proxy")
    wrote = False
    unreadable = False  # the newest frame of the answer could not be read

    def call(self) -> Call:
        request, position = self.request, self.request.position or UpstreamPosition()
        body: dict[str, Any] = {"model": request.model}
        if position.conversation_id:
            body["conversation_id"] = position.conversation_id
        if request.continues and position.answer_id:
            body |= {"action": "continue", "parent_message_id": position.answer_id}
            self.question_id = ""
            before = request.messages[-1].text
        else:
            before = ""
            self.question_id = position.question_id or str(uuid.uuid4())
            body |= {
                "action": "variant" if position.question_id else "next",
                "messages": [_message(self.question_id, self._text(position))],
                "parent_message_id": position.parent_id or position.root_id or str(uuid.uuid4()),
            }
        if self.target.history_off:
            body["history_and_training_disabled"] = True
        self._growth = Growth()
        self._cumulative = CumulativeText(before)
        self._reason: str | None = None
        self._place: Placed | None = None
        return Call(self.target.base_url, self._headers(), body)

    def read_frame(self, data: bytes) -> Sequence[Event]:
        if data == b"[DONE]":
            return self._end()
        added = self._growth.added(data)
        if added is not None:
            return self._cumulative.add(added) if added else ()
        if not data.startswith(b"{"):
            if data == b'"v1"':
                raise Malformed(
                    "The gateway sends its answers as patches (delta encoding v1), which is not spoken here."
                )
            return ()  # a date, a ping
        try:
            frame = json.loads(data.decode())
        except (ValueError, RecursionError):
            self.unreadable = True  # the next one holds its text, too
            return ()
        return self._read(frame, data)

    def read_whole(self, body: bytes) -> Sequence[Event]:
        if b'"wss_url"' in body:
            raise Malformed(
                "The gateway hands the answer over to a WebSocket, which is not spoken here."
            )
        try:
            frame = json.loads(body)
            events = self._read(frame, body) if "message" in frame else ()
        except (TypeError, ValueError, RecursionError) as error:
            raise Malformed(f"Neither events nor JSON: {begun(body)}") from error
        if not self.wrote:
            raise self.refusal(200, {}, body)
        return [*events, *self._end()]

    def refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
        return refusal_for_token(status, headers, body)

    def models_call(self) -> Call:
        return Call(self._beside("models"), self._headers(), method="GET")

    def read_models(self, said: Any) -> list[ListedModel]:
        return [
            ListedModel(each["slug"], each.get("title") or each["slug"], each.get("max_tokens"))
            for each in said["models"]
        ]

    def deletion_call(self, conversation_id: str) -> Call:
        url = self._beside(f"conversation/{conversation_id}")
        return Call(url, self._headers(), {"is_visible": False}, method="PATCH")

    def _text(self, position: UpstreamPosition) -> str:
        """The question alone where the upstream knows what was said before it, else the whole branch."""
        messages = self.request.messages
        if position.conversation_id and position.parent_id:
            return messages[-1].text
        text = opening(messages, longest=self.request.longest_opening)
        return f"{text}\n\n{CONTINUE}" if self.request.continues else text

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.target.secret}", "Accept": "text/event-stream"}

    def _beside(self, path: str) -> str:
        root, _, last = self.target.base_url.rstrip("/").rpartition("/")
        return f"{root if last == 'conversation' else self.target.base_url.rstrip('/')}/{path}"

    def _read(self, frame: dict[str, Any], data: bytes) -> Sequence[Event]:
        if frame.get("error"):
            raise self._error(frame["error"])
        if "detail" in frame and "message" not in frame:
            raise self.refusal(200, {}, data)
        message = frame.get("message")
        try:
            if not isinstance(message, dict) or not self._is_the_answer(message):
                return ()
            text = message["content"]["parts"][0]
            if not isinstance(text, str):
                return ()
            return self._answer(frame, message, text, data)
        except (AttributeError, IndexError, KeyError, TypeError) as error:
            raise Malformed(f"An event is of another shape: {begun(data)}") from error

    def _is_the_answer(self, message: dict[str, Any]) -> bool:
        """The system's message, the question repeated, and what goes to and comes from tools are not."""
        author = message.get("author") or {}
        role = author.get("role") or message.get("role")
        metadata = message.get("metadata") or {}
        return (
            role in {None, "assistant"}
            and message.get("id") != self.question_id
            and message.get("recipient") in {None, "all"}
            and message["content"].get("content_type") == "text"
            and metadata.get("message_type") in KINDS_OF_ANSWER
        )

    def _answer(
        self, frame: dict[str, Any], message: dict[str, Any], text: str, data: bytes
    ) -> Sequence[Event]:
        events: list[Event] = []
        answer_id = str(message.get("id") or "")
        self.unreadable = False
        details = (message.get("metadata") or {}).get("finish_details") or {}
        self._reason = str(details.get("type") or "stop")
        place = Placed(str(frame.get("conversation_id") or ""), self.question_id, answer_id)
        if place != self._place and ID.fullmatch(place.conversation_id) and ID.fullmatch(answer_id):
            self._place = place
            events.append(place)
        events += self._cumulative.grow(answer_id, text)
        self._growth.remember(data, text)
        self.wrote = self.wrote or bool(text)
        return events

    def _error(self, said: Any) -> UpstreamError:
        text = said.get("message", said) if isinstance(said, dict) else said
        if self.wrote:
            return Interrupted(f"The upstream broke off: {text}")
        return self.refusal(200, {}, json.dumps({"detail": said}).encode())

    def _end(self) -> Sequence[Event]:
        if self.unreadable:
            raise Interrupted("The last event of the answer could not be read.")
        if self._reason == "interrupted":
            raise Interrupted("The upstream says that it was interrupted.")
        if self._reason is None:
            raise Malformed("The stream ended in order, and held no answer.")
        self.ended = self.closed = True
        return (Finished("length" if self._reason == "max_tokens" else "stop"),)


def _message(message_id: str, text: str) -> dict[str, Any]:
    """The role at both places where gateways look for it."""
    return {
        "id": message_id,
        "role": "user",
        "author": {"role": "user"},
        "content": {"content_type": "text", "parts": [text]},
        "metadata": {},
    }
