"""Everything that a person reads is translated, into every language that is offered."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils import translation

from accounts.models import User
from scripts import glossaries
from scripts.catalogues import DOMAINS, LOCALE, faults_of, path_of
from tests.crawling import filled, listening, words_on

pytestmark = pytest.mark.once
LANGUAGES = sorted(path.name for path in LOCALE.iterdir() if (path / "LC_MESSAGES").is_dir())
EQUAL = set((LOCALE / "equal.txt").read_text().splitlines())
OPENS, CLOSES = "⟦", "⟧"
ENGLISH = re.compile(r"[A-Za-z]{2,}")
# What is nobody's sentence: names of people, models and things, as they stand in the data of the crawl.
NAMES = re.findall(
    r"\S+",
    """
    ada bob carol 渡辺 Zürich script alert Model Provider Team SSO sso Key x T m Portal chatportal OpenAI ChatGPT Claude
    Anthropic Azure Ollama llama cpp vLLM LibreChat Open WebUI chatgpt-web DeepSeek Mistral Groq OpenRouter Slack WeCom
    Feishu JSON CSV ZIP HTML Markdown TOTP PNG JPEG WebP GIF MB GB KB UTC GMT URL ID IP UUID HTTP HTTPS TLS STARTTLS
    SMTP USD EUR Qwen Kimi GLM LM Studio English Español Tiếng Việt Carol md5 User
    """,
)
DATA = re.compile(
    rf"\b(?:{'|'.join(map(re.escape, NAMES))})\b|Chat Portal|For all|and a second line"
    r"|[\w.+-]+@[\w.-]+|https?://\S+|/[\w/.-]+|[A-Z]+_[A-Z_]+|[0-9a-f]{4,}(?:-[0-9a-f]{4,})*"
    r"|-group relationships?|\w+_groups object|^Search$|^True$|^False$"  # Django's own, which it marks for nobody
    r"|@example.(?:org|com)|\[\{.*|^https:|\w{2}\*{5,}"
)


def test_every_language_that_is_offered_has_its_catalogues() -> None:
    offered = {translation.to_locale(code) for code, _name in settings.LANGUAGES} - {"en"}
    assert offered == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_missing_doubtful_or_broken(language: str) -> None:
    faults = []
    for domain in DOMAINS:
        for entry in polib.pofile(str(path_of(language, domain))):
            if entry.obsolete:
                continue
            forms = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
            told = ["fuzzy"] if "fuzzy" in entry.flags else faults_of(entry, forms, language)
            if not told and entry.msgid in forms and entry.msgid not in EQUAL:
                told = ["equal to its source"]
            faults += [f"{entry.msgid!r}: {each}" for each in told]
    assert faults == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogues_keep_to_their_glossary(language: str) -> None:
    assert len(glossaries.terms(language)) >= 30
    assert list(glossaries.faults(language)) == []


def test_another_word_for_a_term_is_found() -> None:
    known = glossaries.terms("ru")
    for said, wanted in (
        ("Удалить эту беседу?", []),
        ("Удалить все беседы", []),
        ("Удалить этот разговор?", ["conversation"]),
    ):
        missed = glossaries.missed("Delete this conversation?", said, known, "ru")
        assert [term.source for term in missed] == wanted
    token = glossaries.missed("The access token", "Токен", known, "ru")
    assert [term.source for term in token] == ["access token"]  # and not a token once more


def test_what_uses_a_word_in_another_sense_is_still_there() -> None:
    texts = [
        entry.msgid
        for domain in DOMAINS
        for entry in polib.pofile(str(path_of("ja", domain)))
        if not entry.obsolete
    ]
    unused = [
        start for start in glossaries.otherwise() if not any(t.startswith(start) for t in texts)
    ]
    assert unused == []


@pytest.mark.skipif(not shutil.which("xgettext"), reason="gettext's tools are not here")
def test_the_catalogues_hold_what_the_sources_say(tmp_path: Path) -> None:
    for name in ("accounts", "chatportal", "conversations", "upstream", "templates", "static/js"):
        shutil.copytree(settings.BASE_DIR / name, tmp_path / name)
    shutil.copytree(LOCALE / "ja", tmp_path / "locale" / "ja")
    for domain in DOMAINS:
        before = _ids(tmp_path / "locale" / "ja" / "LC_MESSAGES" / f"{domain}.po")
        subprocess.run(
            [
                *(sys.executable, "-m", "django"),
                *("makemessages", "-d", domain, "-l", "ja", "--no-obsolete", "-v0"),
            ],
            cwd=tmp_path,
            check=True,
            env={"PATH": "/usr/bin:/bin"},
        )
        assert _ids(tmp_path / "locale" / "ja" / "LC_MESSAGES" / f"{domain}.po") == before


def _ids(path: Path) -> set[str]:
    return {entry.msgid for entry in polib.pofile(str(path)) if not entry.obsolete}


@pytest.mark.django_db
def test_no_page_has_plain_english_on_it(carol: User) -> None:
    pages = filled(carol)
    plain: dict[str, str] = {}
    seen = 0
    with listening(lambda text, found: f"{OPENS}{found}{CLOSES}"):
        for address, page in pages():
            for text in words_on(page):
                outside = DATA.sub("", _outside(text))
                if "你好" not in outside and ENGLISH.search(outside):  # that stands in the data
                    plain.setdefault(outside.strip()[:80], address)
            seen += 1
    assert not plain, "\n".join(f"{text!r} on {where}" for text, where in plain.items())
    assert seen > 80


def _outside(text: str) -> str:
    """What of it was not translated."""
    depth, kept = 0, []
    for letter in text:
        depth += (letter == OPENS) - (letter == CLOSES)
        if depth == 0 and letter != CLOSES:
            kept.append(letter)
    return "".join(kept)


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_every_page_is_in_its_language(carol: User, language: str) -> None:
    """Django's and allauth's texts, too, where they are shown."""
    code = translation.to_language(language)
    User.objects.update(locale=code)
    pages = filled(carol, accept=code)
    User.objects.update(locale=code)
    missing = set()

    def hear(text: str, found: str) -> str:
        if found == text and translation.get_language() == code and ENGLISH.search(text):
            missing.add(text)
        return found

    with listening(hear):
        for address, page in pages():
            assert "<html" not in page or f'lang="{code}"' in page.lower(), address
    assert not missing - EQUAL, "\n".join(sorted(missing - EQUAL))


PHYSICAL = re.compile(
    r"(?:^|[\s;{])(?:(?:margin|padding|border)-(?:left|right)|left|right|(?:min-|max-)?width|(?:min-|max-)?height|"
    r"text-align:\s*(?:left|right)|float:\s*(?:left|right))\b\s*[:;]",
    re.MULTILINE,
)


def test_styles_are_logical_so_that_pages_can_be_mirrored() -> None:
    for path in sorted((settings.BASE_DIR / "static" / "css").rglob("*.css")):
        plain = re.sub(
            r"/\*.*?\*/|@media[^{]*|@container[^{]*", "", path.read_text(), flags=re.DOTALL
        )
        assert not PHYSICAL.search(plain), (path.name, PHYSICAL.search(plain))
