"""Our own format: all that there is, and what another portal reads. docs/export.schema.json describes it."""

from __future__ import annotations

from collections.abc import Iterator

from conversations.exports.formats.json_list import listed
from conversations.exports.plain import VERSION, Plain

NAME, SUFFIX, MEDIA_TYPE = "json", "json", "application/json"


def write(conversations: Iterator[Plain]) -> Iterator[str]:
    yield f'{{"format":"chatportal","version":{VERSION},"conversations":'
    yield from listed(conversations)
    yield "}\n"


def file_name(digest: str, name: str) -> str:
    """By its digest alone: what it is called stands in the part that names the digest."""
    return f"attachments/{digest}"
