"""What a turn may need of its owner's tokens: the prompt as it would be sent now, and the longest answer."""

from __future__ import annotations

from conversations.models import Conversation, Message
from conversations.path import path_to
from conversations.prompt_choice import choose_messages
from upstream.models import LanguageModel
from upstream.quotas import USUAL_ANSWER

MOST_COUNTED = 500  # messages, newest first


def tokens_wanted(
    conversation: Conversation, answer: Message, *, model: LanguageModel, continues: bool
) -> tuple[int, int]:
    """Of the prompt, estimated, and of the answer at the most. A longer branch counts with its newest messages."""
    branch = _branch(answer, continues=continues)
    choice = choose_messages(branch, conversation, window=model.context_window, continues=continues)
    return choice.tokens, conversation.longest_answer or USUAL_ANSWER


def _branch(answer: Message, *, continues: bool) -> list[Message]:
    asked = answer.parent
    if not continues and asked is not None and asked.parent_id is None:
        return [asked]  # the first question of a conversation: nothing stands above it
    ids = path_to(answer.pk if continues else answer.parent_id, window=MOST_COUNTED)
    found = Message.objects.in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]
