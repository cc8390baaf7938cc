"""Which messages of a branch a model is shown.

The rule, in this order: what was deleted or left out is not shown; nor what stands above the last mark that the page
shows; nor more earlier messages than were asked for. What then does not fit the model's window is cut, oldest first.
The system prompt and the question (with the beginning of an answer that is continued) are always shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conversations.models import Message
from conversations.models.prompt_settings import PromptSettings
from upstream.estimates import estimate_tokens

ROLES = frozenset({Message.Role.SYSTEM, Message.Role.USER, Message.Role.ASSISTANT})
TOKENS_A_MESSAGE = 4  # for its role and its ends, with most models
LEAST_ROOM = 1024  # tokens kept free for the answer, or a quarter of a small window


@dataclass(frozen=True, slots=True)
class Choice:
    """`shown` oldest first; `cut` older ones did not fit, and `omitted` ones were not wanted; `tokens` is estimated."""

    shown: tuple[Message, ...]
    cut: int
    omitted: int
    tokens: int


def choose_messages(
    branch: Sequence[Message],
    settings: PromptSettings,
    *,
    window: int | None,
    continues: bool = False,
) -> Choice:
    """What of `branch`, which ends with the question (or with the answer to continue), is shown.

    `window` is in tokens, None where it is not known.
    """
    asked = _asked(branch, continues=continues)
    above = branch[: len(branch) - len(asked)]
    # A mark on the question itself: it is still asked, without what stands above.
    forgets = bool(asked) and ends_context(asked[0])
    earlier = [] if forgets else _wanted(above, settings)
    shown = [message for message in asked if is_shown(message)]
    tokens = sum(map(tokens_of, shown)) + _tokens(settings.system_prompt)
    room = None if window is None else window - room_for_answer(window, settings) - tokens
    fitting: list[Message] = []
    for message in reversed(earlier):
        cost = tokens_of(message)
        if room is not None and cost > room:
            break
        room = None if room is None else room - cost
        tokens += cost
        fitting.append(message)
    omitted = sum(bool(message.text) for message in above) - len(earlier)
    return Choice((*reversed(fitting), *shown), len(earlier) - len(fitting), omitted, tokens)


def earlier_messages(branch: Sequence[Message], settings: PromptSettings) -> list[Message]:
    """Those of `branch` that the next question would be sent with, whatever the window."""
    return _wanted(branch, settings)


def room_for_answer(window: int, settings: PromptSettings) -> int:
    """Tokens of the window that the prompt may not take."""
    return min(settings.longest_answer or min(LEAST_ROOM, window // 4), window)


def is_shown(message: Message) -> bool:
    return bool(message.text) and message.role in ROLES and message.deleted_at is None


def ends_context(message: Message) -> bool:
    """A mark goes with its message: one that nobody sees any more could not be taken away."""
    return message.ends_context and message.deleted_at is None


def tokens_of(message: Message) -> int:
    return _tokens(message.text)


def _asked(branch: Sequence[Message], *, continues: bool) -> Sequence[Message]:
    """The question; and the beginning of its answer where that is continued."""
    return branch[-2:] if continues else branch[-1:]


def _wanted(messages: Sequence[Message], settings: PromptSettings) -> list[Message]:
    if not settings.uses_context or settings.earlier_messages == 0:
        return []
    wanted: list[Message] = []
    for message in messages:
        if is_shown(message) and not message.left_out:
            wanted.append(message)
        if ends_context(message):
            wanted = []
    return wanted if settings.earlier_messages is None else wanted[-settings.earlier_messages :]


def _tokens(text: str) -> int:
    return estimate_tokens(text) + TOKENS_A_MESSAGE if text else 0
