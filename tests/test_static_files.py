"""What browsers get of our scripts and styles: lighter than the sources, and the same."""

from __future__ import annotations

from pathlib import Path

import pytest

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
