"""The frame that draws diagrams has no origin and reaches nothing, wherever it is opened."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse


def test_the_frame_has_no_origin_and_asks_nobody(ada_browses: Client) -> None:
    answer = ada_browses.get(reverse("conversations:diagram-frame"))
    policy = _directives(answer["Content-Security-Policy"])
    assert policy["sandbox"] == "allow-scripts"
    assert policy["default-src"] == "'none'"
    assert "connect-src" not in policy
    assert policy["script-src"].startswith("'nonce-")
    assert policy["frame-ancestors"] == "'self'"
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


def test_every_other_page_keeps_the_portals_policy(ada_browses: Client) -> None:
    answer = ada_browses.get(reverse("conversations:home"))
    policy = _directives(answer["Content-Security-Policy"])
    assert policy["style-src"] == "'self'"
    assert policy["frame-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert answer["X-Frame-Options"] == "DENY"


def _directives(policy: str) -> dict[str, str]:
    return dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
