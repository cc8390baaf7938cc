"""One page that needs nothing from anywhere: for keeping, printing and passing on. Texts stand as they were written."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from conversations.exports.formats.markdown import speaker
from conversations.exports.plain import Plain, branch_of
from conversations.models.attachment import PICTURES

LARGEST_PICTURE = 20 * 1024 * 1024  # bytes
NAME, SUFFIX, MEDIA_TYPE = "html", "html", "text/html"
DRAWS_PICTURES = True  # each part that is one comes with the path where it lies (attached.py)
# Nothing is loaded, nothing runs, nothing is sent, even if what somebody once pasted would like to.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
STYLE = (
    ":root{color-scheme:light dark}body{max-inline-size:46rem;margin:2rem auto;padding:0 1rem;"
    "font:1rem/1.6 system-ui,sans-serif}article{margin-block:3rem}h1{font-size:1.5rem}"
    ".m{margin-block:1.5rem}.w{font-weight:600;font-size:.875rem}.w time{font-weight:400;opacity:.7}"
    ".t{white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext}"
    ".user .t{padding:.6rem 1rem;border-radius:1rem;background:light-dark(#eef1f8,#2a2f3a)}"
    "img{max-inline-size:100%;block-size:auto}details,.p{font-size:.875rem;opacity:.8}"
)


def write(conversations: Iterator[Plain]) -> Iterator[str]:
    title = escape(_("Conversations"))
    yield (
        f'<!doctype html>\n<html lang="{escape(get_language() or "en")}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    )
    drawn: set[str] = set()
    for plain in conversations:
        yield f'<article>\n<h1 dir="auto">{escape(plain["title"])}</h1>\n'
        for message in branch_of(plain):
            if not message["hidden"]:
                yield from _message(message, drawn)
        yield "</article>\n"
    yield "</body>\n</html>\n"


def _message(message: Plain, drawn: set[str]) -> Iterator[str]:
    at = escape(message["created_at"])
    yield (
        f'<section class="m {escape(message["role"])}">\n<p class="w">{escape(speaker(message))} '
        f'<time datetime="{at}">{at[:16].replace("T", " ")}</time></p>\n'
    )
    if message["reasoning"]:
        yield _folded(_("Reasoning"), message["reasoning"])
    if message["text"]:
        yield f'<div class="t">{escape(message["text"])}</div>\n'
    for part in message["parts"]:
        yield _part(part, drawn)
    yield "</section>\n"


def _part(part: dict[str, Any], drawn: set[str]) -> str:
    kind = part["type"]
    if picture := _picture(part, drawn):
        return picture
    if kind == "citation" and part["url"].startswith(("http://", "https://")):
        url, title = escape(part["url"]), escape(part["title"])
        return f'<p class="p"><a rel="noopener noreferrer" href="{url}">{title}</a></p>\n'
    if kind in {"tool_call", "tool_output", "unknown"}:
        return _folded(part.get("name") or _("Tool"), part.get("text") or part.get("raw") or "")
    said = part.get("text") or part.get("title") or part.get("name") or ""
    said = _("(breaks off here)") if kind == "incomplete" else said
    return f'<p class="p">{escape(said)}</p>\n' if said else ""


def _picture(part: dict[str, Any], drawn: set[str]) -> str:
    """The picture itself; empty where it is none, is gone, is larger than a page should hold, or is among the `drawn`:
    who speaks of one picture a thousand times has it once.
    """
    if "path" not in part or part["size"] > LARGEST_PICTURE or part["media_type"] not in PICTURES:
        return ""
    if part["digest"] in drawn:
        return ""
    drawn.add(part["digest"])
    try:
        held = base64.b64encode(part["path"].read_bytes()).decode()
    except FileNotFoundError:
        return ""
    source, name = f"data:{part['media_type']};base64,{held}", escape(part["name"])
    size = f'width="{int(part["width"])}" height="{int(part["height"])}"'
    return f'<p><img src="{source}" alt="{name}" {size}></p>\n'


def _folded(name: str, text: str) -> str:
    summary = f"<summary>{escape(name)}</summary>"
    return f'<details>{summary}<div class="t">{escape(text)}</div></details>\n'
