"""The prompt: all that the model is shown for one generation."""

from __future__ import annotations

from conversations.branch import path_to
from conversations.models import Generation, Message
from upstream.models import LanguageModel
from upstream.types import ChatRequest, PromptMessage, Role, UpstreamPosition

ROLES: dict[str, Role] = {
    Message.Role.SYSTEM: "system",
    Message.Role.USER: "user",
    Message.Role.ASSISTANT: "assistant",
}


CHARACTERS_A_TOKEN = 2  # at the least, for most texts and models


def build_request(
    generation: Generation, *, model: LanguageModel, position: UpstreamPosition | None = None
) -> ChatRequest:
    """The messages above the answer, oldest first; and the answer's own beginning where it is continued.

    What an interrupted answer wrote is part of the prompt. Empty answers are not.
    """
    answer = generation.message
    ids = path_to(answer.pk if generation.continues else answer.parent_id)
    found = Message.objects.in_bulk(ids)
    messages = (found[pk] for pk in ids if pk in found)
    return ChatRequest(
        model=model.name,
        messages=tuple(
            PromptMessage(ROLES[message.role], message.text)
            for message in messages
            if message.text and message.role in ROLES
        ),
        continues=generation.continues,
        position=position,
        longest_opening=model.context_window * CHARACTERS_A_TOKEN if model.context_window else None,
    )
