"""What every adapter offers. One instance serves one request and keeps what it must between frames."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from upstream.errors import UpstreamError
from upstream.types import ChatRequest, Event, Target


@dataclass(frozen=True, slots=True)
class Call:
    """An HTTP request to be made: POST `body` as JSON to `url`."""

    url: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]


class Adapter(ABC):
    """Plain values in, typed events out, one family of errors.

    `ended` turns true when the upstream has said that the answer is whole; a stream that closes before is a cut.
    `closed` turns true when nothing more will come, so that the connection need not be read to its end.
    """

    ended = False
    closed = False

    def __init__(self, target: Target, request: ChatRequest) -> None:
        self.target = target
        self.request = request

    @abstractmethod
    def call(self) -> Call:
        """The request as this dialect writes it."""

    @abstractmethod
    def read_frame(self, data: bytes) -> Sequence[Event]:
        """The events in one frame of the stream. Raises UpstreamError."""

    @abstractmethod
    def read_whole(self, body: bytes) -> Sequence[Event]:
        """The events in an answer that came as one JSON document instead of a stream. Raises UpstreamError."""

    @abstractmethod
    def refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
        """The error that an answer with a status other than 200 means."""
