"""What browsers get of our scripts and styles: lighter than the sources, and the same."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.finders import get_finder
from django.core.management import call_command

from chatportal.static_storage import COMMENTS, with_imports

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("// a\nlet b = 1;\n", "let b = 1;\n"),
        ("  /** a\n   * b */\n  c();\n", "  c();\n"),
        ('a("// b");\n', 'a("// b");\n'),
        ("a(); // b\n", "a(); // b\n"),
        ("/** @type {any} */ (a).b();\n/* c */\n", "/** @type {any} */ (a).b();\n"),
        ('const a = "https://b/";\n', 'const a = "https://b/";\n'),
    ],
)
def test_comments_on_lines_of_their_own_go_and_nothing_else(source: str, left: str) -> None:
    assert COMMENTS[".js"].sub("", source) == left


def test_all_that_a_script_does_is_left() -> None:
    """Told line by line, by a reader that knows comments in another way."""
    for path in (ROOT / "static" / "js").rglob("*.js"):
        expected, inside = [], False
        for line in path.read_text().split("\n"):
            text = line.strip()
            starts = text.startswith("/*") and not inside
            whole = text.endswith("*/") and text.count("*/") == 1
            if starts and "*/" in text and not whole:
                expected.append(line)  # code goes on after the comment
            elif starts:
                inside = not whole
            elif inside:
                inside = "*/" not in text
            elif not text.startswith("//"):
                expected.append(line)
        assert COMMENTS[".js"].sub("", path.read_text()) == "\n".join(expected), path.name


def test_the_styles_of_a_page_are_one_file_in_the_order_of_their_layers() -> None:
    folder = ROOT / "static" / "css"
    styles = with_imports((folder / "main.css").read_text(), folder)
    assert "@import" not in styles
    assert styles.index("@layer tokens {") < styles.index("@layer base {")
    for path in (folder / "components").glob("*.css"):
        assert path.read_text() in styles, path.name


def test_a_changed_part_of_the_styles_reaches_the_page(tmp_path: Path, settings: Any) -> None:
    """Though the file that holds it has not changed."""
    source, target = tmp_path / "source", tmp_path / "target"
    part = source / "css" / "part.css"
    part.parent.mkdir(parents=True)
    (source / "css" / "main.css").write_text('@import url("part.css") layer(base);\n')
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [source], target
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "chatportal.static_storage.StaticStorage"},
    }
    for minute, colour in enumerate(("red", "blue")):
        part.write_text(f"a {{ color: {colour} }}\n")
        os.utime(part, (time.time() + 60 * minute,) * 2)
        get_finder.cache_clear()
        call_command("collectstatic", interactive=False, verbosity=0)
        assert colour in (target / "css" / "main.css").read_text()
    get_finder.cache_clear()
