"""Messages, the dialect of Anthropic, which llama.cpp and several gateways speak as well.

Source: https://docs.anthropic.com/en/api/messages-streaming. The prompt's instructions stand beside the messages; the
longest answer has to be named; usage comes in two pieces, and an `error` event ends a stream.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from upstream.adapters.base import CONTINUE, Adapter, Call, ListedModel, gettext_noop
from upstream.adapters.refusals import begun, refusal_for
from upstream.errors import Interrupted, Malformed, RateLimited, Unreachable, UpstreamError
from upstream.types import Event, Finished, ReasoningDelta, TextDelta, Usage

VERSION = "2023-06-01"
LONGEST_ANSWER = (
    4096  # tokens, where nobody says how long; every model of the kind can write so much
)
ENDS = {"max_tokens": "length", "model_context_window_exceeded": "length"}


class AnthropicMessages(Adapter):
    title = gettext_noop("Anthropic-compatible (Messages)")
    wrote = False
    prompt_tokens = 0
    reason = ""

    def call(self) -> Call:
        request = self.request
        said = [message for message in request.messages if message.role != "system"]
        turns = [{"role": message.role, "content": message.text} for message in said]
        if request.continues and not self.target.continues_prefilled:
            turns.append({"role": "user", "content": CONTINUE})
        body: dict[str, Any] = {
            "model": request.model,
            "messages": turns,
            "max_tokens": request.longest_answer or LONGEST_ANSWER,
            "stream": True,
        }
        if system := "\n\n".join(m.text for m in request.messages if m.role == "system"):
            body["system"] = system
        if request.temperature is not None:
            body["temperature"] = request.temperature
        if request.top_p is not None:
            body["top_p"] = request.top_p
        return Call(self._url("messages"), self._headers(), body)

    def models_call(self) -> Call:
        return Call(self._url("models"), self._headers(), method="GET")

    def read_models(self, said: Any) -> list[ListedModel]:
        return [
            ListedModel(str(each["id"]), str(each.get("display_name") or each["id"]))
            for each in said["data"]
        ]

    def read_frame(self, data: bytes) -> Sequence[Event]:
        try:
            frame = json.loads(data.decode())
            return self._read(frame)
        except (ValueError, RecursionError) as error:
            raise Malformed(f"A frame is no JSON: {begun(data)}") from error
        except (AttributeError, KeyError, TypeError) as error:
            raise Malformed(f"A frame is of another shape: {begun(data)}") from error

    def read_whole(self, body: bytes) -> Sequence[Event]:
        try:
            said = json.loads(body)
            if said.get("type") == "error":
                raise self.refusal(400, {}, body)
            text = "".join(part["text"] for part in said["content"] if part["type"] == "text")
            usage = said.get("usage") or {}
            events: list[Event] = [TextDelta(text)] if text else []
            events.append(_usage(usage.get("input_tokens"), usage.get("output_tokens")))
            events.append(_finished(said.get("stop_reason")))
        except (ValueError, RecursionError, AttributeError, KeyError, TypeError) as error:
            raise Malformed(f"An answer of another shape: {begun(body)}") from error
        self.ended = True
        return events

    def refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
        if status == 529:
            return Unreachable("HTTP 529: the service is overloaded.")
        return refusal_for(status, headers, body)

    def _url(self, path: str) -> str:
        parts = urlsplit(self.target.base_url)
        return parts._replace(path=f"{parts.path.rstrip('/')}/{path}").geturl()

    def _headers(self) -> dict[str, str]:
        """The key as Anthropic takes it, and as gateways that speak its dialect do."""
        secret = self.target.secret
        keys = {"x-api-key": secret, "Authorization": f"Bearer {secret}"} if secret else {}
        return {"anthropic-version": VERSION, **keys}

    def _read(self, frame: dict[str, Any]) -> Sequence[Event]:
        match frame["type"]:
            case "content_block_delta":
                return self._delta(frame["delta"])
            case "message_start":
                self.prompt_tokens = (frame["message"].get("usage") or {}).get("input_tokens") or 0
            case "message_delta":
                self.reason = frame["delta"].get("stop_reason") or self.reason
                usage = frame.get("usage") or {}
                prompt = usage.get("input_tokens") or self.prompt_tokens
                return [_usage(prompt, usage.get("output_tokens"))] if usage else []
            case "message_stop":
                self.ended = self.closed = True
                return [_finished(self.reason)]
            case "error":
                raise self._error(frame["error"])
        return ()  # pings, the beginnings and ends of blocks, and what is not known yet

    def _delta(self, delta: dict[str, Any]) -> Sequence[Event]:
        if delta["type"] == "text_delta" and delta["text"]:
            self.wrote = True
            return [TextDelta(str(delta["text"]))]
        if delta["type"] == "thinking_delta" and delta["thinking"]:
            return [ReasoningDelta(str(delta["thinking"]))]
        return ()

    def _error(self, said: dict[str, Any]) -> UpstreamError:
        detail = f"{said.get('type')}: {said.get('message')}"
        if self.wrote:
            return Interrupted(f"The upstream broke off: {detail}")
        if said.get("type") == "rate_limit_error":
            return RateLimited(detail)
        if said.get("type") in {"overloaded_error", "api_error"}:
            return Unreachable(detail)
        return self.refusal(400, {}, json.dumps({"error": said}).encode())


def _usage(prompt: Any, written: Any) -> Usage:
    return Usage(*(n if isinstance(n, int) and 0 <= n < 2**31 else 0 for n in (prompt, written)))


def _finished(reason: Any) -> Finished:
    return Finished("length" if str(reason) in ENDS else "stop")
