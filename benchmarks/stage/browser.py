"""The Chromium that pages are measured and pictured in."""

from __future__ import annotations

import os
import shutil

from playwright.sync_api import Browser, Playwright

# The first that is there. The second has no windows, and is what `make test` installs.
NAMES = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome")


def launched(playwright: Playwright) -> Browser:
    """CHROMIUM, or what is on the path. Raises SystemExit where neither is there."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise SystemExit(
            "Chromium is missing: apt-get install chromium, or name it by CHROMIUM=/path/to/it"
        )
    return playwright.chromium.launch(
        executable_path=path,
        args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    )
