"""Text that every database and browser can hold: whole Unicode scalar values, and no NUL.

Some upstreams cut an emoji into two deltas, so that each holds half of a surrogate pair. The halves are joined again;
a half that stays alone, and NUL (which PostgreSQL refuses), become U+FFFD.
"""

from __future__ import annotations

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def clean_text(text: str) -> str:
    """Return `text` with surrogate pairs joined and lone halves and NUL replaced."""
    if text.isascii() and "\0" not in text:
        return text  # most of what there is, and known without being read
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\0", REPLACEMENT) if "\0" in text else text


class ScalarJoiner:
    """Cleans a stream of deltas: a high half at the end of one waits for the next."""

    def __init__(self) -> None:
        self._held = ""

    def add(self, text: str) -> str:
        if not self._held and text.isascii() and "\0" not in text:
            return text  # most deltas of most languages' code, and of English
        if self._held:
            text, self._held = self._held + text, ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._held = text[:-1], text[-1]
        return clean_text(text)

    def end(self) -> str:
        held, self._held = self._held, ""
        return REPLACEMENT if held else ""
