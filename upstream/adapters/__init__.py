"""One wire dialect each. A new one is a module beside these and a line here."""

from __future__ import annotations

from upstream.adapters.anthropic_messages import AnthropicMessages
from upstream.adapters.base import Adapter
from upstream.adapters.chatgpt_token import ChatGPTToken
from upstream.adapters.openai_chat import OpenAIChat

ADAPTERS: dict[str, type[Adapter]] = {
    "openai_chat": OpenAIChat,
    "chatgpt_token": ChatGPTToken,
    "anthropic_messages": AnthropicMessages,
}
