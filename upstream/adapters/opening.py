"""A branch told as the opening text of a new conversation, for an upstream that keeps conversations itself."""

from __future__ import annotations

from collections.abc import Sequence

from upstream.types import PromptMessage

LONGEST = 12_000  # characters, where the model's window is not known
SPEAKERS = {"user": "User", "assistant": "Assistant", "system": "Instructions"}
INTRODUCTION = (
    "This conversation was begun elsewhere. What was said so far stands between the lines; "
    "answer the last message below them."
)
LEFT_OUT = "[The beginning is left out.]"
RULE = "-" * 20


def opening(messages: Sequence[PromptMessage], *, longest: int | None = None) -> str:
    """The last message, and above it what was said before; of a long branch the oldest messages are cut.

    `longest` is in characters. The last message stands whole, and so do instructions.
    """
    *before, last = messages
    instructions = [message for message in before if message.role == "system"]
    said = [message for message in before if message.role != "system"]
    if not said:
        return "\n\n".join([*(message.text for message in instructions), last.text])
    room = (longest or LONGEST) - len(last.text) - sum(len(each.text) for each in instructions)
    kept: list[str] = []
    for message in reversed(said):
        told = _told(message)
        room -= len(told)
        if room < 0:
            kept.insert(0, LEFT_OUT)
            break
        kept.insert(0, told)
    asked = _told(last) if last.role == "assistant" else last.text
    head = [INTRODUCTION, *(_told(message) for message in instructions)]
    return "\n\n".join([*head, RULE, *kept, RULE, asked])


def _told(message: PromptMessage) -> str:
    return f"{SPEAKERS[message.role]}: {message.text}"
