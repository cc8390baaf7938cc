"""For reading, and for notebooks: the current branch of each conversation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from conversations.exports.plain import Plain, branch_of

NAME, SUFFIX, MEDIA_TYPE = "markdown", "md", "text/markdown"


def write(conversations: Iterator[Plain]) -> Iterator[str]:
    between = ""
    for plain in conversations:
        yield f"{between}# {_one_line(plain['title'])}\n\n*{plain['created_at'][:10]}*\n"
        for message in branch_of(plain):
            if not message["hidden"]:
                yield _message(message)
        between = "\n---\n\n"


def speaker(message: Plain) -> str:
    names = {"user": _("You"), "system": _("System"), "tool": _("Tool")}
    return names.get(message["role"]) or _one_line(message["model"]) or _("Model")


def _message(message: Plain) -> str:
    pieces = [f"\n## {speaker(message)}\n"]
    if message["reasoning"]:
        quoted = "\n".join(f"> {line}" for line in message["reasoning"].splitlines())
        pieces.append(f"\n{quoted}\n")
    if message["text"]:
        pieces.append(f"\n{message['text']}\n")
    pieces += [f"\n{said}\n" for part in message["parts"] if (said := _part(part))]
    return "".join(pieces)


def _part(part: dict[str, Any]) -> str:
    kind, name = part["type"], _one_line(part.get("name") or "")
    if kind == "citation":
        title = _one_line(part["title"]).replace("]", "\\]")
        return f"- [{title}](<{part['url']}>)" if part["url"] else f"- {title}"
    if kind == "attachment":
        return f"- {name}"
    if kind in {"tool_call", "tool_output", "unknown"}:
        fence = "```"
        text = part.get("text") or part.get("raw") or ""
        while fence in text:
            fence += "`"
        return f"{name}\n\n{fence}\n{text}\n{fence}".lstrip()
    if kind == "incomplete":
        return f"*{_('(breaks off here)')}*"
    return f"*{_one_line(part.get('text') or '')}*" if part.get("text") else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
