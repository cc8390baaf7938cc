"""Hashed and compressed static files, without seconds for the last percent."""

from __future__ import annotations

from typing import Any

import brotli
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

LARGE = 1_000_000  # bytes: at its highest quality brotli takes seconds for the drawer of diagrams
QUALITY_OF_LARGE = 9


class QuickCompressor(Compressor):
    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        quality = QUALITY_OF_LARGE if len(data) > LARGE else 11
        packed: bytes = brotli.compress(data, quality=quality)
        return packed


class StaticStorage(CompressedManifestStaticFilesStorage):
    def create_compressor(self, **options: Any) -> Compressor:
        return QuickCompressor(**options)
