"""Where a turn hangs in a conversation that the upstream keeps itself, read off our own tree.

An answer that has an upstream id stands there, and all that was said above it does. Where the answer above has none
(another model gave it, or it was said before the upstream conversation was begun), the branch has to be told anew.
"""

from __future__ import annotations

import hashlib
import uuid

from conversations.models import Conversation, Generation
from upstream.types import UpstreamPosition


def position_of(generation: Generation, *, credential_id: int) -> UpstreamPosition:
    """The place of `generation` for the account of `credential_id`."""
    conversation, answer = generation.conversation, generation.message
    root_id = root_of(conversation)
    anew = UpstreamPosition(root_id=root_id)
    question = answer.parent
    if (
        not conversation.upstream_conversation_id
        or conversation.credential_id != credential_id
        or question is None
    ):
        return anew
    above = question.parent
    parent_id = above.upstream_message_id if above else ""
    answer_id = answer.upstream_message_id if generation.continues else ""
    stands_there = above is None or bool(parent_id or question.upstream_message_id)
    if not stands_there or (generation.continues and not answer_id):
        return anew
    return UpstreamPosition(
        conversation.upstream_conversation_id,
        root_id,
        parent_id,
        question.upstream_message_id,
        answer_id,
    )


def root_of(conversation: Conversation) -> str:
    """What the first question hangs under upstream: the same for each, so that editing it branches there, too.

    It has the form of a random UUID, which gateways insist on.
    """
    digest = hashlib.sha256(b"root of " + conversation.pk.bytes).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))
