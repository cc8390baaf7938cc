"""What a browser asks for to install the portal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import SiteSettings
from chatportal import installing

pytestmark = pytest.mark.django_db


def worker(client: Client) -> str:
    installing._version.cache_clear()
    return client.get("/service-worker.js").content.decode()


def test_the_manifest_has_the_portals_name(client: Client) -> None:
    site = SiteSettings.current()
    site.site_name = "Our Chat 你好"
    site.save()
    answer = client.get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    told = answer.json()
    assert told["name"] == "Our Chat 你好"
    assert {icon["purpose"] for icon in told["icons"]} == {"any", "maskable"}
    assert told["scope"] == told["start_url"] == "/"


def test_the_service_worker_is_small_and_is_of_its_version(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "staticfiles.json").write_text(json.dumps({"a": 1}))
    first = worker(client)
    assert worker(client) == first
    assert len(first.encode()) < 20_000
    (tmp_path / "staticfiles.json").write_text(json.dumps({"a": 2}))
    assert worker(client) != first
    assert "no-store" in client.get("/service-worker.js")["Cache-Control"]


def test_each_way_of_logging_out_is_a_door(client: Client) -> None:
    doors = worker(client).split('"doors": ', 1)[1].split("]", 1)[0]
    for path in ("/accounts/login/", "/accounts/logout/", "/admin/logout/"):
        assert f'"{path}"' in doors


def test_the_offline_page_has_nobodys_name(ada_browses: Client) -> None:
    page = ada_browses.get("/offline/").content.decode()
    assert "You are offline" in page
    assert "ada" not in page.lower().replace("adata", "")
