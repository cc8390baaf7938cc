"""Services that people use, to start a provider from. Addresses are those of the vendors' documentation, 2026."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from upstream.models import Provider

LOCAL = _("On this machine, or on the inner network: put its host in the address.")


@dataclass(frozen=True, slots=True)
class Preset:
    """What the form of a new provider begins with; `hint` says what is left to fill in."""

    slug: str
    title: str
    base_url: str
    hint: str | Promise = ""
    kind: str = Provider.Kind.OPENAI_CHAT
    own_host_may_be_private: bool = False
    continues_prefilled: bool = False

    def initial(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "kind": self.kind,
            "base_url": self.base_url,
            "own_host_may_be_private": self.own_host_may_be_private,
            "continues_prefilled": self.continues_prefilled,
        }


def _local(slug: str, title: str, port: int, *, prefilled: bool = False) -> Preset:
    return Preset(
        slug,
        title,
        f"http://127.0.0.1:{port}/v1",
        LOCAL,
        own_host_may_be_private=True,
        continues_prefilled=prefilled,
    )


PRESETS = (
    Preset("openai", "OpenAI", "https://api.openai.com/v1"),
    Preset(
        "azure",
        "Azure OpenAI",
        "https://RESOURCE.openai.azure.com/openai/v1",
        _(
            "Put your resource's name in the address; models are the names of your deployments. An address of a "
            "deployment with ?api-version=… works, too."
        ),
    ),
    Preset("deepseek", "DeepSeek", "https://api.deepseek.com/v1"),
    Preset("qwen", "Qwen", "https://dashscope.aliyuncs.com/compatible-mode/v1"),
    Preset("kimi", "Kimi", "https://api.moonshot.cn/v1"),
    Preset("glm", "GLM", "https://open.bigmodel.cn/api/paas/v4"),
    Preset("mistral", "Mistral", "https://api.mistral.ai/v1"),
    Preset("groq", "Groq", "https://api.groq.com/openai/v1"),
    Preset("openrouter", "OpenRouter", "https://openrouter.ai/api/v1"),
    _local("ollama", "Ollama", 11434),
    _local("llamacpp", "llama.cpp", 8080, prefilled=True),
    _local("vllm", "vLLM", 8000, prefilled=True),
    _local("lmstudio", "LM Studio", 1234),
    Preset(
        "access-token",
        "ChatGPT",
        "",
        _(
            "There is no default address. Enter that of a reverse proxy whose operator you trust: it usually ends in "
            "/api/conversation or /backend-api/conversation."
        ),
        kind=Provider.Kind.CHATGPT_TOKEN,
    ),
)


def preset(slug: str) -> Preset | None:
    return next((each for each in PRESETS if each.slug == slug), None)
