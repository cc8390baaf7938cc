"""What a format module makes of a foreign object: plain values, which know neither the portal's rows nor its ids.

A part of a message is a dict with a `type`:
    tool_call    name, text          what the model asked a tool for
    tool_output  name, text          what the tool said
    citation     url, title, text
    attachment   name, media_type, size    a file or picture
                 pointer             until it is looked for: what the conversation calls it
                 digest              where it came along: what its bytes are kept under (attached_files.py)
                 width, height       pixels, of a picture that came along
    duration     text                how long the model thought, as the other system said it
    error        text
    incomplete                       the answer broke off there
    unknown      name, raw           nobody knows what it is: raw JSON
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

ROLES = ("user", "assistant", "system", "tool")


class NotReadable(ValueError):
    """A file, or one conversation in it, cannot be read; the message is a sentence for the person."""


@dataclass(slots=True)
class ImportedMessage:
    """`created_at` in seconds since 1970, None where it is not known. One without a role is no message: it only holds
    the tree together, and what stands below it is hung below its parent.
    """

    id: str
    parent: str | None
    role: str = ""
    text: str = ""
    reasoning: str = ""
    created_at: float | None = None
    model: str = ""
    is_hidden: bool = False
    left_out: bool | None = None  # None: as it was hidden there
    ends_context: bool = False
    parts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def says_nothing(self) -> bool:
        return not (self.text or self.reasoning or self.parts)


@dataclass(slots=True)
class ImportedConversation:
    """`messages` in the file's order, and `current` the id of the last one that was shown, where the file says so."""

    id: str
    title: str = ""
    messages: list[ImportedMessage] = field(default_factory=list)
    current: str | None = None
    created_at: float | None = None
    updated_at: float | None = None
    is_pinned: bool = False
    is_archived: bool = False
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a format module may need to know beside the object: whose clock wrote times without a zone."""

    zone: tzinfo
