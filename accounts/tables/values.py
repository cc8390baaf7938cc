"""What stands in a cell, and how it is read: a text from a spreadsheet, or a value of JSON."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.spreadsheet import cell

YES = {"1", "true", "yes", "wahr", "ja", "x"}
NO = {"0", "false", "no", "falsch", "nein"}
BETWEEN = "; "  # names of a list in one cell


class Refused(Exception):
    """A row that is not taken, and the sentence that says why."""


def text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | list | dict):
        raise Refused(_("“%s” is no text.") % value)
    said = str(value).strip()
    if "\0" in said:
        raise Refused(_("Null characters are not allowed."))
    bare = said.removeprefix("'")
    return bare if bare != said and cell(bare) == said else said  # as it was before spreadsheet.py


def boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    said = text(value).casefold()
    if said not in YES | NO:
        raise Refused(_("“%s” is neither yes nor no.") % said)
    return said in YES


def names(value: Any) -> list[str]:
    if isinstance(value, list):
        found = {text(each) for each in value}
    else:
        found = {name.strip() for name in text(value).split(BETWEEN.strip())}
    return sorted(found - {""})


def number(value: Any) -> int | None:
    said = text(value)
    if not said:
        return None
    if not said.isascii() or not said.isdecimal() or len(said) > 18:
        raise Refused(_("“%s” is no whole number.") % said)
    return int(said)


def told(value: Any) -> str:
    """As it stands in a cell."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return BETWEEN.join(value)
    return "" if value is None else str(value)
