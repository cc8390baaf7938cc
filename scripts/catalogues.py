"""Working on translations without an editor for them.

    .venv/bin/python scripts/catalogues.py dump LANGUAGE > entries.tsv   what is not translated yet, numbered
    .venv/bin/python scripts/catalogues.py fill LANGUAGE entries.tsv     takes over "number<TAB>translation" lines
    .venv/bin/python scripts/catalogues.py check [LANGUAGE]              what is missing or broken
    .venv/bin/python scripts/catalogues.py compile                       for gettext, as the set-up does

A line break stands as \\n, the forms of a plural stand beside each other with " ¦ " between them. What is broken (a
placeholder lost, a form too few) is not taken over, and named.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
DOMAINS = ("django", "djangojs")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|<[^>]+>|&\w+;")
BETWEEN = " ¦ "
UNNAMED = ("%s", "%d")
FORMS = {"ja": 1, "ko": 1, "vi": 1, "zh_Hans": 1, "zh_Hant": 1, "es": 3, "ru": 4, "ar": 6}


def main() -> int:
    command, *rest = sys.argv[1:]
    if command == "compile":
        return compile_all()
    if command == "dump":
        return dump(rest[0])
    if command == "fill":
        return fill(rest[0], Path(rest[1]))
    return check(
        rest or sorted(path.name for path in LOCALE.iterdir() if (path / "LC_MESSAGES").is_dir())
    )


def compile_all() -> int:
    for path in LOCALE.glob("*/LC_MESSAGES/*.po"):
        polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))
    return 0


def entries(language: str) -> Iterator[tuple[str, polib.POFile, polib.POEntry]]:
    for domain in DOMAINS:
        catalogue = polib.pofile(str(path_of(language, domain)), wrapwidth=0)
        for number, entry in enumerate(each for each in catalogue if not each.obsolete):
            yield f"{domain[6:] or 'py'}{number}", catalogue, entry


def path_of(language: str, domain: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{domain}.po"


def dump(language: str) -> int:
    for number, _catalogue, entry in entries(language):
        if not entry.translated():
            texts = [entry.msgid, *([entry.msgid_plural] if entry.msgid_plural else [])]
            said = BETWEEN.join(texts).replace("\n", "\\n")
            note = (
                f"\t[{entry.msgctxt or entry.comment}]".replace("\n", " ")
                if entry.msgctxt or entry.comment
                else ""
            )
            print(f"{number}\t{said}{note}")
    return 0


def fill(language: str, path: Path) -> int:
    given = {}
    for line in path.read_text().splitlines():
        number, tab, text = line.partition("\t")
        if tab and text.strip():
            given[number.strip()] = text.replace("\\n", "\n")
    taken, broken, catalogues = 0, 0, {}
    for number, catalogue, entry in entries(language):
        text = given.pop(number, None)
        if text is None:
            continue
        catalogues[catalogue.fpath] = catalogue
        faults = _take(entry, text, language)
        if faults:
            broken += 1
            print(f"{number}: {'; '.join(faults)}\n  {entry.msgid!r}\n  {text!r}")
        else:
            taken += 1
    for where, catalogue in catalogues.items():
        catalogue.save(where)
    for number in given:
        print(f"{number}: there is no such entry")
    print(f"{taken} taken over, {broken} broken")
    return 1 if broken or given else 0


def _take(entry: polib.POEntry, text: str, language: str) -> list[str]:
    forms = text.split(BETWEEN) if entry.msgid_plural else [text]
    faults = faults_of(entry, forms, language)
    if faults:
        return faults
    if entry.msgid_plural:
        entry.msgstr_plural = dict(enumerate(forms))
    else:
        entry.msgstr = forms[0]
    if "fuzzy" in entry.flags:
        entry.flags.remove("fuzzy")
    return []


def faults_of(entry: polib.POEntry, forms: list[str], language: str) -> list[str]:
    """Why a translation cannot be taken."""
    faults = []
    wanted = FORMS[language] if entry.msgid_plural else 1
    if len(forms) != wanted:
        faults.append(f"{len(forms)} forms instead of {wanted}")
    sources = [entry.msgid, entry.msgid_plural] if entry.msgid_plural else [entry.msgid]
    allowed = [Counter(PLACEHOLDER.findall(source)) for source in sources]
    for form in forms:
        found = Counter(PLACEHOLDER.findall(form))
        # One form of a plural may say "one" instead of a number that has a name; one without would be filled in all the
        # same, and fail.
        named = Counter({each: count for each, count in found.items() if each not in UNNAMED})
        drops_a_name = bool(entry.msgid_plural) and any(
            named <= each and all(found[one] == each[one] for one in UNNAMED) for each in allowed
        )
        if found not in allowed and not drops_a_name:
            faults.append(f"placeholders {dict(found)} instead of {dict(allowed[0])}")
        for edge in ("startswith", "endswith"):
            if getattr(form, edge)("\n") != getattr(entry.msgid, edge)("\n"):
                faults.append("a line break at an end is lost or added")
        if not form.strip():
            faults.append("an empty form")
    return faults


def check(languages: list[str]) -> int:
    bad = 0
    for language in languages:
        for number, _catalogue, entry in entries(language):
            forms = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
            faults = ["fuzzy"] if "fuzzy" in entry.flags else faults_of(entry, forms, language)
            if faults:
                bad += 1
                print(f"{language} {number}: {'; '.join(faults)}: {entry.msgid[:60]!r}")
    print(f"{bad} to be seen to")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
