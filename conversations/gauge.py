"""How full the model's window would be: what the next question of a conversation is sent with, in tokens."""

from __future__ import annotations

from typing import Any

from conversations.branch import path_to
from conversations.models import Conversation, Message
from conversations.prompt_choice import earlier_messages, room_for_answer, tokens_of
from upstream.estimates import estimate_tokens

MOST_COUNTED = 500  # messages, newest first


def gauge_of(conversation: Conversation, *, window: int | None) -> dict[str, Any]:
    """`earlier` has the tokens of each message that would be sent, oldest first, as far as `MOST_COUNTED` goes, and
    `uncounted` says how many stand before those; `room` is what is kept free for the answer. All are estimates.
    """
    ids = path_to(conversation.current_leaf_id)
    found = Message.objects.in_bulk(ids)
    branch = [found[pk] for pk in ids if pk in found]
    earlier = earlier_messages(branch, conversation)
    counted = earlier[-MOST_COUNTED:]
    return {
        "window": window,
        "room": room_for_answer(window, conversation) if window else 0,
        "system": estimate_tokens(conversation.system_prompt),
        "earlier": [tokens_of(message) for message in counted],
        "uncounted": len(earlier) - len(counted),
    }
