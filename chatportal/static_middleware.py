"""Sending static files: WhiteNoise, without what says nothing of a file that has its content in its name."""

from __future__ import annotations

from typing import Any

from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """Hashed files are never asked for by their time. A page asks for eighty, and each header costs them all."""

    def get_static_file(self, path: str, url: str, stat_cache: Any = None) -> Any:
        found = super().get_static_file(path, url, stat_cache=stat_cache)
        if self.immutable_file_test(path, url):
            found.alternatives = [
                (encoding, at, [header for header in headers if header[0] != "Last-Modified"])
                for encoding, at, headers in found.alternatives
            ]
        return found
