"""Static files as browsers get them: hashed, compressed, without comments, and the styles of a page in one file.

The sources stay as they are, module by module (docs/adr/0004): nothing is renamed, joined or rewritten but comments on
lines of their own, and what a style sheet imports, each part of which would cost a request more than it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import brotli
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

LARGE = 1_000_000  # bytes: at its highest quality brotli takes seconds for the drawer of diagrams
QUALITY_OF_LARGE = 9
COMMENTS = {
    ".js": re.compile(r"^[ \t]*(?://[^\n]*|/\*(?:(?!\*/).)*\*/[ \t]*)\n", re.MULTILINE | re.DOTALL),
    ".css": re.compile(r"/\*.*?\*/\n?", re.DOTALL),
}
HOLD_OTHERS = {"css/main.css", "css/admin.css"}
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
IMPORT = re.compile(r'@import url\("([^"]+)"\)(?: layer\((\w+)\))?;\n?')


class QuickCompressor(Compressor):
    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        quality = QUALITY_OF_LARGE if len(data) > LARGE else 11
        packed: bytes = brotli.compress(data, quality=quality)
        return packed


class StaticStorage(CompressedManifestStaticFilesStorage):
    def create_compressor(self, **options: Any) -> Compressor:
        return QuickCompressor(**options)

    def get_modified_time(self, name: str) -> datetime:
        """What holds other files is collected whenever anything is: its own time says nothing of theirs."""
        return LONG_AGO if name in HOLD_OTHERS else super().get_modified_time(name)

    def post_process(
        self, paths: Any, dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        if not dry_run:
            ours = [name for name in paths if name.startswith(("js/", "css/"))]
            for name in ours:
                self._lighten(Path(self.path(name)))
            # What is hashed is read where it has been lightened, not at its source.
            paths = {**paths, **{name: (self, name) for name in ours}}
        yield from super().post_process(paths, dry_run, **options)

    def _lighten(self, path: Path) -> None:
        if comments := COMMENTS.get(path.suffix):
            text = path.read_text()
            lighter = comments.sub("", with_imports(text, path.parent))
            if lighter != text:
                path.write_text(lighter)


def with_imports(styles: str, folder: Path) -> str:
    """`styles` with the contents of what it imports, each in its layer where it has one."""

    def held(found: re.Match[str]) -> str:
        text = (folder / found[1]).read_text()
        return f"@layer {found[2]} {{\n{text}}}\n" if found[2] else text

    return IMPORT.sub(held, styles)
