"""How full the model's window would be: what the next question of a conversation is sent with, in tokens."""

from __future__ import annotations

from typing import Any

from conversations.models import Conversation, Message
from conversations.path import path_to
from conversations.prompt_choice import (
    earlier_messages,
    ends_context,
    room_for_answer,
    tokens_of,
)
from upstream.estimates import estimate_tokens

MOST_COUNTED = 500  # messages, newest first


def gauge_of(conversation: Conversation, *, window: int | None) -> dict[str, Any]:
    """`earlier` has the tokens of each message that would be sent, oldest first, of the newest `MOST_COUNTED`, and
    `uncounted` says how many stand before those; `room` is what is kept free for the answer. All are estimates.
    """
    path = path_to(conversation.current_leaf_id)
    newest = path[-MOST_COUNTED:]
    found = Message.objects.in_bulk(newest)
    recent = [found[pk] for pk in newest if pk in found]
    earlier = earlier_messages(recent, conversation)
    return {
        "window": window,
        "room": room_for_answer(window, conversation) if window else 0,
        "system": estimate_tokens(conversation.system_prompt),
        "earlier": [tokens_of(message) for message in earlier],
        "uncounted": _before(len(path) - len(newest), recent, earlier, conversation),
    }


def _before(
    count: int, recent: list[Message], earlier: list[Message], conversation: Conversation
) -> int:
    """How many of the `count` messages above `recent` would be sent as well."""
    if not conversation.uses_context or any(map(ends_context, recent)):
        return 0
    wanted = conversation.earlier_messages
    return count if wanted is None else min(count, wanted - len(earlier))
