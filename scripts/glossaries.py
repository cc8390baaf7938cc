"""Whether the catalogues keep to the words of their glossaries (locale/glossary).

    .venv/bin/python scripts/glossaries.py [LANGUAGE …]

A glossary is a table of a term and what it is called, forms of it that differ at their beginning beside each other with
" / " between. Each entry of a catalogue that has the term has one of them, by its stem. A term with a note in brackets
is also an everyday word and looked at only where it stands alone. otherwise.txt names the texts, by how they begin,
that use a word in another sense.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polib

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.catalogues import DOMAINS, LOCALE, PLACEHOLDER, path_of

GLOSSARIES = LOCALE / "glossary"
QUOTED = re.compile(
    r'"\w+"|\S*[/.]\w\S*|\b[A-Z]+_[A-Z_]+\b'
)  # keys, addresses, names of files and of variables
WITHOUT_ENDINGS = ("ja", "zh_Hans", "zh_Hant", "vi")
ENDING = 3  # the most letters by which forms of a word differ at its end
ARTICLES = re.compile(
    r"\b[وفبكل]{0,2}(?:ال|لل)?"
)  # what Arabic writes before a word, as one with it


@dataclass(frozen=True)
class Term:
    source: str
    stands_alone: bool
    forms: tuple[str, ...]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(rf"\b{re.escape(self.source)}s?\b", re.IGNORECASE)

    def is_said_in(self, text: str, language: str) -> bool:
        return any(
            all(stem in plain(text, language) for stem in stems(form, language))
            for form in self.forms
        )


def languages() -> list[str]:
    return sorted(path.stem for path in GLOSSARIES.glob("*.md"))


def terms(language: str) -> list[Term]:
    """The longest first: an access token is not a token."""
    found = []
    for line in (GLOSSARIES / f"{language}.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 2 and cells[0] != "English" and not set(cells[0]) <= set("-: "):
            term, bracket, _note = cells[0].partition(" (")
            found.append(Term(term.lower(), bool(bracket), tuple(cells[1].split(" / "))))
    return sorted(found, key=lambda term: -len(term.source))


def otherwise() -> tuple[str, ...]:
    lines = (GLOSSARIES / "otherwise.txt").read_text().splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def faults(language: str) -> Iterator[str]:
    known = terms(language)
    for domain in DOMAINS:
        for entry in polib.pofile(str(path_of(language, domain))):
            said = entry.msgstr or " ".join(entry.msgstr_plural.values())
            for term in missed(entry.msgid, said, known, language):
                yield f"{entry.msgid!r}: {said!r} has none of {term.forms}"


def missed(source: str, said: str, known: list[Term], language: str) -> Iterator[Term]:
    """The terms of a text that its translation calls something else."""
    if source.startswith(otherwise()):
        return
    rest = PLACEHOLDER.sub(" ", QUOTED.sub(" ", source))
    for term in known:
        if term.stands_alone and rest.strip().lower() != term.source:
            continue
        without = term.pattern.sub(" ", rest)
        if without != rest and not term.is_said_in(said, language):
            yield term
        rest = without


def plain(text: str, language: str) -> str:
    if language == "ar":
        text = re.sub("[\u064b-\u0652]", "", text)  # vowel signs and doublings
    return text.lower().replace(" ", "") if language in WITHOUT_ENDINGS else text.lower()


def stems(form: str, language: str) -> list[str]:
    form = plain(form, language)
    if language in WITHOUT_ENDINGS:
        return [form]
    if language == "ar":
        return [ARTICLES.sub("", word, count=1).rstrip("ةه") or word for word in form.split()]
    if language == "ko":
        return [form[:-1] if len(form) > 2 else form]
    return [word[: max(ENDING, len(word) - ENDING)] for word in form.split()]


def main() -> int:
    found = 0
    for language in sys.argv[1:] or languages():
        for fault in faults(language):
            found += 1
            print(f"{language} {fault}")
    print(f"{found} to be seen to")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
