"""Prompt templates as a file: `[{"key", "value"}]`, as chatgpt-web writes them, or `[{"act", "prompt"}]`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations.models import PromptTemplate
from conversations.models.prompt_template import TEXT_LENGTH, TITLE_LENGTH
from upstream.scalars import clean_text

LONGEST_FILE = 5 * 1024 * 1024  # bytes
MOST_ROWS = 1_000
FORMS = (("key", "value"), ("act", "prompt"))


class NotAPromptFile(ValueError):
    """Nothing can be taken from it; the message is a sentence for the person."""


@dataclass(frozen=True, slots=True)
class Row:
    title: str
    text: str


@dataclass(slots=True)
class PromptFile:
    """What a file holds: the rows that can be used, and a sentence for each that cannot."""

    rows: list[Row] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def read_prompt_file(raw: bytes | str) -> PromptFile:
    """Raises NotAPromptFile; a bad row spoils nothing but itself."""
    read = PromptFile()
    for number, item in enumerate(_items(raw), start=1):
        try:
            read.rows.append(_row(item))
        except ValueError as fault:
            read.faults.append(_("Row %(number)d: %(fault)s") % {"number": number, "fault": fault})
    return read


def write_prompt_file(templates: Iterable[PromptTemplate]) -> str:
    rows = [{"key": template.title, "value": template.text} for template in templates]
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def _items(raw: bytes | str) -> list[Any]:
    try:
        # A byte order mark is what some editors put before UTF-8.
        text = raw.decode("utf-8-sig") if isinstance(raw, bytes) else raw.removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise NotAPromptFile(
            _("This is not UTF-8 text. Save the file as UTF-8 and try again.")
        ) from error
    try:
        items = json.loads(text)
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        raise NotAPromptFile(
            _("This is not JSON: it breaks off or goes wrong at line %(line)d, column %(column)d.")
            % place
        ) from error
    except (ValueError, RecursionError) as error:
        raise NotAPromptFile(_("This is not JSON that can be read.")) from error
    if not isinstance(items, list) or not items:
        raise NotAPromptFile(_('A list is wanted, like [{"key": "a title", "value": "a text"}].'))
    if len(items) > MOST_ROWS:
        counts = {"rows": len(items), "most": MOST_ROWS}
        raise NotAPromptFile(
            _("There are %(rows)d rows in it, and at most %(most)d can be taken at once. Split it.")
            % counts
        )
    return items


def _row(item: Any) -> Row:
    names = next((form for form in FORMS if isinstance(item, dict) and form[0] in item), None)
    if names is None:
        raise ValueError(_('it has neither "key" and "value" nor "act" and "prompt".'))
    title, text = (item.get(name) for name in names)
    if not isinstance(title, str) or not isinstance(text, str):
        raise ValueError(
            _('"%(title)s" and "%(text)s" have to be texts.')
            % {"title": names[0], "text": names[1]}
        )
    title = " ".join(clean_text(title).split())
    text = clean_text(text).replace("\r\n", "\n")
    _check(title, text)
    return Row(title, text)


def _check(title: str, text: str) -> None:
    if not title:
        raise ValueError(_("it has no title."))
    if not text.strip():
        raise ValueError(_("it has no text."))
    if len(title) > TITLE_LENGTH:
        raise ValueError(_longer(_("its title"), len(title), TITLE_LENGTH))
    if len(text) > TEXT_LENGTH:
        raise ValueError(_longer(_("its text"), len(text), TEXT_LENGTH))


def _longer(what: str, length: int, most: int) -> str:
    return ngettext(
        "%(what)s has %(length)d characters, and at most %(most)d fit.",
        "%(what)s has %(length)d characters, and at most %(most)d fit.",
        length,
    ) % {"what": what, "length": length, "most": most}
