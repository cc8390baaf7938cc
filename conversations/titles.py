"""What a conversation is called before anybody has named it."""

from __future__ import annotations

from django.utils.translation import gettext as _

LONGEST = 60  # characters; more does not fit the sidebar


def title_from(text: str) -> str:
    """The first line of `text` that says something, cut between words where it is long."""
    line = next(
        (line.strip(" #*`>-\t") for line in text.splitlines() if line.strip(" #*`>-\t")), ""
    )
    line = " ".join(line.split())
    if len(line) <= LONGEST:
        return line or _("New conversation")
    cut = line[:LONGEST]
    head, space, _rest = cut.rpartition(" ")
    # Chinese and Japanese have no spaces to cut at.
    return f"{head if space and len(head) > LONGEST // 2 else cut}…"
