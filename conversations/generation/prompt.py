"""The prompt: all that the model is shown for one generation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conversations.generation.sent import record_of
from conversations.models import Generation, Message
from conversations.path import path_to
from conversations.prompt_choice import choose_messages
from upstream.models import LanguageModel
from upstream.types import ChatRequest, PromptMessage, Role, UpstreamPosition

ROLES: dict[str, Role] = {
    Message.Role.SYSTEM: "system",
    Message.Role.USER: "user",
    Message.Role.ASSISTANT: "assistant",
}


CHARACTERS_A_TOKEN = 2  # at the least, for most texts and models


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked of the upstream, and the record of it that the generation keeps."""

    request: ChatRequest
    record: dict[str, Any]


def build_prompt(
    generation: Generation,
    *,
    model: LanguageModel,
    position: UpstreamPosition | None = None,
    answer_cap: int | None = None,
) -> Prompt:
    """The messages above the answer, as the conversation's settings want them; and the answer's own beginning where it
    is continued. What an interrupted answer wrote is part of the prompt. `answer_cap` is in tokens: an answer may be no
    longer than what its owner has left.
    """
    answer, settings = generation.message, generation.conversation
    ids = path_to(answer.pk if generation.continues else answer.parent_id)
    found = Message.objects.in_bulk(ids)
    branch = [found[pk] for pk in ids if pk in found]
    choice = choose_messages(
        branch, settings, window=model.context_window, continues=generation.continues
    )
    messages = [PromptMessage(ROLES[each.role], each.text) for each in choice.shown]
    if settings.system_prompt:
        messages.insert(0, PromptMessage("system", settings.system_prompt))
    request = ChatRequest(
        model=model.name,
        messages=tuple(messages),
        temperature=settings.temperature,
        top_p=settings.top_p,
        longest_answer=min(
            (most for most in (settings.longest_answer, answer_cap) if most), default=None
        ),
        continues=generation.continues,
        position=position,
        longest_opening=model.context_window * CHARACTERS_A_TOKEN if model.context_window else None,
    )
    if position is not None and choice.omitted:
        # Its service has all that was said in its conversation; who wants less shown begins a new one.
        request = request.told_anew()
    return Prompt(request, record_of(request, choice, branch, kind=model.provider.kind))
