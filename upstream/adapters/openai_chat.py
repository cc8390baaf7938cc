"""Chat Completions, the dialect of OpenAI that most servers speak.

Source: https://platform.openai.com/docs/api-reference/chat, and what llama.cpp, LiteLLM and others do beside it:
`code` as a string or a number, usage on a chunk with or without choices, no finish_reason key at all until the end,
`{"error": …}` as a frame in mid-stream.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

from upstream.adapters.base import CONTINUE, Adapter, Call, ListedModel, gettext_noop
from upstream.adapters.refusals import begun, refusal_for
from upstream.errors import Interrupted, Malformed, UpstreamError
from upstream.types import Event, Finished, ReasoningDelta, TextDelta, Usage

MOST_TOKENS = 2**31 - 1  # what a column holds


class OpenAIChat(Adapter):
    title = gettext_noop("OpenAI-compatible (Chat Completions)")
    wrote = False

    def call(self) -> Call:
        request = self.request
        turns = [{"role": message.role, "content": message.text} for message in request.messages]
        if request.continues and not self.target.continues_prefilled:
            turns.append({"role": "user", "content": CONTINUE})
        body: dict[str, Any] = {
            "model": request.model,
            "messages": turns,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if request.temperature is not None:
            body["temperature"] = request.temperature
        if request.top_p is not None:
            body["top_p"] = request.top_p
        if request.longest_answer is not None:
            body["max_tokens"] = request.longest_answer
        return Call(self._url("chat/completions"), self._headers(), body)

    def models_call(self) -> Call:
        return Call(self._url("models"), self._headers(), method="GET")

    def read_models(self, said: Any) -> list[ListedModel]:
        return [
            ListedModel(str(each["id"]), str(each["id"]), _window(each)) for each in said["data"]
        ]

    def read_frame(self, data: bytes) -> Sequence[Event]:
        if data == b"[DONE]":
            self.ended = self.closed = True
            return ()
        return self._events(self._parse(data), "delta")

    def read_whole(self, body: bytes) -> Sequence[Event]:
        events = self._events(self._parse(body), "message")
        self.ended = True
        return events

    def refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
        return refusal_for(status, headers, body)

    def _url(self, path: str) -> str:
        """`path` below the base URL, whose query stays (Azure: ?api-version=…)."""
        parts = urlsplit(self.target.base_url)
        return parts._replace(path=f"{parts.path.rstrip('/')}/{path}").geturl()

    def _headers(self) -> dict[str, str]:
        if not self.target.secret:
            return {}
        if "api-version=" in urlsplit(self.target.base_url).query:
            return {"api-key": self.target.secret}  # Azure's deployments take the key so
        return {"Authorization": f"Bearer {self.target.secret}"}

    def _parse(self, data: bytes) -> dict[str, Any]:
        try:
            frame = json.loads(data.decode())
        except (ValueError, RecursionError) as error:
            raise Malformed(f"A frame is no JSON: {begun(data)}") from error
        if not isinstance(frame, dict):
            raise Malformed(f"A frame is no JSON object: {begun(data)}")
        if frame.get("error"):
            raise self._error_frame(frame, data)
        return frame

    def _error_frame(self, frame: dict[str, Any], data: bytes) -> UpstreamError:
        if self.wrote:
            return Interrupted(f"The upstream broke off: {data[:3000].decode(errors='replace')}")
        said = frame["error"]
        code = str(said.get("code")) if isinstance(said, dict) else ""
        status = int(code) if code.isdigit() and len(code) == 3 else 500
        return refusal_for(status, {}, data)

    def _events(self, frame: dict[str, Any], key: Literal["delta", "message"]) -> Sequence[Event]:
        events: list[Event] = []
        try:
            for choice in frame.get("choices") or ():
                said = choice.get(key) or {}
                reasoning = said.get("reasoning_content") or said.get("reasoning")
                if reasoning:
                    events.append(ReasoningDelta(_text(reasoning)))
                if said.get("content"):
                    self.wrote = True
                    events.append(TextDelta(_text(said["content"])))
                if choice.get("finish_reason"):
                    self.ended = True
                    events.append(
                        Finished("length" if choice["finish_reason"] == "length" else "stop")
                    )
                break  # one answer was asked for
            events += _usage(frame.get("usage"))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Malformed(f"A frame is of another shape: {begun(frame)}") from error
        return events


def _usage(said: Any) -> list[Event]:
    """What was counted, where it can be a count: an answer is not lost for a strange one."""
    match said:
        case {"prompt_tokens": int(prompt), "completion_tokens": int(completion)}:
            plausible = 0 <= prompt <= MOST_TOKENS and 0 <= completion <= MOST_TOKENS
            return [Usage(prompt, completion)] if plausible else []
    return []


def _window(listed: dict[str, Any]) -> int | None:
    """The context window in tokens, where a server tells it: vLLM, OpenRouter, Groq, llama.cpp."""
    meta = listed.get("meta") or {}
    for found in (
        listed.get("max_model_len"),
        listed.get("context_length"),
        listed.get("context_window"),
        meta.get("n_ctx") if isinstance(meta, dict) else None,
    ):
        if isinstance(found, int) and 0 < found <= MOST_TOKENS:
            return found
    return None


def _text(said: Any) -> str:
    if not isinstance(said, str):
        raise TypeError("text expected")
    return said
