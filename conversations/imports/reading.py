"""What is in a file, one conversation after another: memory holds one of them at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from conversations.imports.cleaning import clean
from conversations.imports.decoding import decode
from conversations.imports.embedded import take_out
from conversations.imports.formats import chatgpt_web
from conversations.imports.recognising import Format, format_of
from conversations.imports.sources import Source, sources_of
from conversations.imports.splitting import Item, Splitter
from conversations.imports.values import Circumstances, ImportedConversation, NotReadable

PLACE_LENGTH = 300
SMALL = 16 * 1024 * 1024  # bytes: what a browser's own storage never exceeds


@dataclass(slots=True)
class Found:
    """One conversation of a file, not read yet; or, with a `fault`, something there that cannot be."""

    place: str
    raw: bytes = b""
    item: Any = None
    fault: str = ""
    expected: Format | None = field(default=None, repr=False)

    @property
    def digest(self) -> str:
        """Of the bytes as they stand there: what has been imported is known without being read again."""
        return hashlib.sha256(self.raw).hexdigest()


@dataclass(slots=True)
class Read:
    """`original` as it is kept, empty where it could not be cleaned; `embedded` the files that stood within it."""

    format: Format
    conversation: ImportedConversation
    original: bytes
    carries_key: bool
    embedded: dict[str, bytes] = field(default_factory=dict, repr=False)


def conversations_in(path: Path, name: str) -> Iterator[Found]:
    """Whatever is wrong with the file becomes a Found with a fault: this raises nothing."""
    try:
        with sources_of(path, name) as sources:
            for source in sources:
                place = name if source.name == name else f"{name}: {source.name}"
                yield from _in_source(source, place)
    except NotReadable as error:
        yield Found(name[:PLACE_LENGTH], fault=str(error))
    except OSError as error:
        fault = _("The file cannot be read: %s") % (error.strerror or "")
        yield Found(name[:PLACE_LENGTH], fault=fault)


def _in_source(source: Source, place: str) -> Iterator[Found]:
    fault = source.fault or (source.check() if source.check else "")
    if source.open is None or fault:
        yield Found(place[:PLACE_LENGTH], fault=fault)
        return
    number = 0
    try:
        splitter = Splitter(source.open())
        for item in splitter:
            for found in _in_item(item, splitter):
                number += 1
                found.place = _place(place, number, item.offset)
                yield found
    except NotReadable as error:
        yield Found(_place(place, number + 1, None), fault=str(error))
        number += 1
    if number == 0:
        yield Found(place[:PLACE_LENGTH], fault=_("There is no conversation in it."))


def _in_item(item: Item, splitter: Splitter) -> Iterator[Found]:
    """One for each conversation: a browser's whole storage is one object with all of them."""
    is_whole_file = item.offset == 0 or not splitter.level
    if is_whole_file and len(item.raw) <= SMALL and b'"history"' in item.raw + splitter.head:
        try:
            value = decode(item.raw)
        except NotReadable as error:
            yield Found("", item.raw, fault=str(error))
            return
        if chatgpt_web.recognises_file(value):
            for each in chatgpt_web.conversations_in(value):
                raw = json.dumps(each, ensure_ascii=True, default=str).encode()
                yield Found("", raw, each)
            return
    yield Found("", item.raw)


def _place(name: str, number: int, offset: int | None) -> str:
    where = _("conversation %d") % number
    if offset:
        where = _("conversation %(number)d, from byte %(offset)d") % {
            "number": number,
            "offset": offset,
        }
    return f"{name[: PLACE_LENGTH - len(where) - 2]}, {where}"


def read_conversation(found: Found, circumstances: Circumstances) -> Read:
    """Raises NotReadable."""
    if found.fault:
        raise NotReadable(found.fault)
    cleaned = clean(decode(found.raw) if found.item is None else found.item)
    item = cleaned.value
    embedded = take_out(item) if b"data:" in found.raw and isinstance(item, dict) else {}
    form = format_of(item) or (found.expected if isinstance(item, dict) else None)
    if form is None:
        raise NotReadable(_("This is not a conversation of any system that is known here."))
    try:
        conversation = form.read(item, circumstances)
    except (
        TypeError,
        ValueError,
        KeyError,
        AttributeError,
        ArithmeticError,
        RecursionError,
    ) as error:
        raise NotReadable(_("It is not built like a conversation of its system.")) from error
    try:
        original = (
            json.dumps(item, ensure_ascii=False).encode()
            if cleaned.changed or embedded
            else found.raw
        )
    except RecursionError:  # too deep to be written again
        original = b""
    if not conversation.id:
        conversation.id = found.digest
    return Read(form, conversation, original, cleaned.carries_key, embedded)
