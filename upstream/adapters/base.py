"""What every adapter offers. One instance serves one request and keeps what it must between frames."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from upstream.errors import UpstreamError
from upstream.types import ChatRequest, Event, Target

CONTINUE = "Your last answer was cut off. Go on exactly where it stopped: repeat nothing, and add no introduction."


@dataclass(frozen=True, slots=True)
class Call:
    """An HTTP request to be made, with `body` as JSON where there is one."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model as its provider lists it; the window is in tokens, where it is told."""

    name: str
    title: str
    context_window: int | None = None


def gettext_noop(text: str) -> str:
    """Marks a text for translation where Django is not known; it is translated where it is shown."""
    return text


class Adapter(ABC):
    """Plain values in, typed events out, one family of errors.

    `ended` turns true when the upstream has said that the answer is whole; a stream that closes before is a cut.
    `closed` turns true when nothing more will come, so that the connection need not be read to its end.
    """

    title = ""  # what administrators choose it by
    ended = False
    closed = False

    def __init__(self, target: Target, request: ChatRequest) -> None:
        self.target = target
        self.request = request

    @abstractmethod
    def call(self) -> Call:
        """The request as this dialect writes it."""

    @abstractmethod
    def models_call(self) -> Call:
        """The request for the list of models, which also shows whether the credential opens the provider."""

    @abstractmethod
    def read_models(self, said: Any) -> list[ListedModel]:
        """The models in the answer to it. Raises KeyError or TypeError for another shape."""

    def deletion_call(self, conversation_id: str) -> Call | None:
        """The request that deletes a conversation which the upstream keeps; None where it keeps none."""
        return None

    @abstractmethod
    def read_frame(self, data: bytes) -> Sequence[Event]:
        """The events in one frame of the stream. Raises UpstreamError."""

    @abstractmethod
    def read_whole(self, body: bytes) -> Sequence[Event]:
        """The events in an answer that came as one JSON document instead of a stream. Raises UpstreamError."""

    @abstractmethod
    def refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
        """The error that an answer with a status other than 200 means."""
