"""A real OpenID provider in a process of its own (npm, `package.json`), and somebody at its log-in page."""

from __future__ import annotations

import contextlib
import html
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.upstreams.aimock import ROOT, _node

CLIENT_ID, CLIENT_SECRET = "portal", "the-secret-of-the-portal"
Claims = dict[str, Any]


@contextlib.contextmanager
def openid_provider(
    log: Path, *, redirects: list[str], people: dict[str, Claims], issuer: str | None = None
) -> Iterator[str]:
    """Start it; yields its address. `people` are claims by log-in; any password opens."""
    options = {"redirects": redirects, "people": people}
    if issuer:
        options["issuer"] = issuer  # type: ignore[assignment]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [_node(), "tests/upstreams/openid_provider.mjs", json.dumps(options)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
        ) as process,
    ):
        try:
            assert process.stdout
            port = process.stdout.readline().decode().strip()
            assert port, log.read_text()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def log_in_there(browser: httpx.Client, link: str, *, name: str) -> httpx.Response:
    """Follow `link` to the provider, log in as `name`, consent, and come back; the answer that ends it."""
    answer = browser.get(link, follow_redirects=True)
    while "/interaction/" in str(answer.url):
        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text))
        action = re.search(r'action="([^"]+)"', answer.text)
        assert action, answer.text
        if 'name="login"' in answer.text:
            form |= {"login": name, "password": "any"}
        answer = browser.post(html.unescape(action[1]), data=form, follow_redirects=True)
    return answer
