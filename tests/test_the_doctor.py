"""The doctor looks at what the portal needs, and says what to do."""

from __future__ import annotations

import http.server
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from accounts.models import SiteSettings
from chatportal.backups.keeping import name_for_now
from chatportal.doctor import at_home, outward, through_the_public_url
from chatportal.doctor.door import HEADER, pass_for_the_door
from chatportal.doctor.finding import Finding, State
from tests.portal import Portal
from tests.upstreams.scripted import ScriptedUpstream, refuse
from upstream.models import Credential, LanguageModel, Provider

pytestmark = pytest.mark.django_db


def states(findings: Any) -> dict[str, State]:
    return {found.what: found.state for found in findings}


def one(findings: Any, what: str) -> Finding:
    return next(found for found in findings if found.what == what)


def test_a_portal_that_is_well(
    portal: Portal, model: LanguageModel, upstream: ScriptedUpstream
) -> None:
    upstream.will(refuse(200, {"data": [{"id": "m"}]}))
    out = io.StringIO()
    call_command("doctor", url=portal.url, stdout=out)
    said = out.getvalue()
    for what in ("database", "disk", "public URL", "WebSocket", "streaming", "proxy headers"):
        assert f"✓ {what}: " in said
    assert f"✓ upstream {model.provider}: It answers" in said
    assert "! mail: No mail server is set up" in said


@pytest.mark.once
class TestThroughTheUrl:
    @pytest.fixture(autouse=True)
    def _quick(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(through_the_public_url, "PATIENCE", 5.0)

    def test_nobody_is_there(self) -> None:
        (found,) = through_the_public_url.examine("http://127.0.0.1:9")
        assert found.state == State.BAD
        assert "Is the portal running" in found.advice

    def test_somebody_else_is_there(self) -> None:
        with _serving(_Else) as url:
            (found,) = through_the_public_url.examine(url)
        assert "is not this portal" in found.said

    def test_a_proxy_that_strips_upgrade_and_keeps_answers_back(self, portal: Portal) -> None:
        with _in_front_of(portal.url) as url:
            found = list(through_the_public_url.examine(url))
        assert one(found, "WebSocket").state == State.DOUBTFUL
        assert "proxy_set_header Upgrade" in one(found, "WebSocket").advice
        assert one(found, "streaming").state == State.DOUBTFUL
        assert "proxy_buffering off" in one(found, "streaming").advice
        assert one(found, "proxy headers").state == State.BAD
        assert "PORTAL_TRUSTED_PROXIES=127.0.0.1" in one(found, "proxy headers").advice


class _Else(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *args: Any) -> None:
        """Nobody reads it."""


@contextmanager
def _serving(handler: Any) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def _in_front_of(url: str) -> Iterator[str]:
    """As the simplest of proxies: by HTTP/1.0, each answer whole, and no Upgrade."""
    import urllib.error
    import urllib.request

    class Proxy(_Else):
        def do_GET(self) -> None:
            passed = {
                name: self.headers[name]
                for name in (HEADER, "Origin", "Host")
                if self.headers[name]
            }
            asked = urllib.request.Request(
                url + self.path, headers={**passed, "X-Forwarded-For": "192.0.2.7"}
            )
            try:
                with urllib.request.urlopen(asked) as answer:
                    status, body = answer.status, answer.read()
            except urllib.error.HTTPError as error:
                with error:
                    status, body = error.code, error.read()
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

    with _serving(Proxy) as address:
        yield address


def test_its_door_is_shut_for_everybody_else(client: Client, carol_browses: Client) -> None:
    for path in ("/doctor/echo/", "/doctor/drip/"):
        for visitor in (client, carol_browses):
            assert visitor.get(path).status_code == 404
            assert visitor.get(path, headers={HEADER: "doctor:forged"}).status_code == 404
        assert client.get(path, headers={HEADER: pass_for_the_door()}).status_code == 200


def test_upstreams_that_are_not_well(upstream: ScriptedUpstream) -> None:
    assert states(outward.examine_upstreams()) == {"upstreams": State.BAD}
    provider = Provider.objects.create(
        title="P", base_url="http://127.0.0.1:9/v1", own_host_may_be_private=True
    )
    assert "no credential" in one(outward.examine_upstreams(), "upstream P").said
    Credential.objects.create(provider=provider, secret="sk-canary-0123456789")
    assert "None of its models" in one(outward.examine_upstreams(), "upstream P").said
    LanguageModel.objects.create(provider=provider, name="m")
    found = one(outward.examine_upstreams(), "upstream P")
    assert found.said.startswith("unreachable")
    assert "canary" not in found.said
    with override_settings(FIELD_ENCRYPTION_KEYS=["0" * 43 + "="]):
        assert "No key opens" in one(outward.examine_upstreams(), "upstream P").said


def test_a_mail_server_that_does_not_answer(settings: Any) -> None:
    site = SiteSettings.current()
    site.mail_host, site.mail_port = "127.0.0.1", 9
    site.save()
    (found,) = outward.examine_mail()
    assert "Set PORTAL_URL" in found.advice
    settings.PORTAL_URL = "https://chat.example.com"
    (found,) = outward.examine_mail()
    assert found.state == State.BAD
    assert "does not take us" in found.said


def test_a_disk_that_is_read_only_or_full(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path / "nowhere"
    (found,) = at_home.examine_disk()
    assert found.state == State.BAD
    settings.DATA_DIR = tmp_path
    assert states(at_home.examine_disk()) == {"disk": State.GOOD}
    usage = type("Usage", (), {"free": 10_000_000})
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    (found,) = at_home.examine_disk()
    assert found.state == State.BAD
    assert "Make room now" in found.advice


def test_keys_that_others_can_read(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    (tmp_path / "secret_key").write_text("x")
    (tmp_path / "secret_key").chmod(0o644)
    tmp_path.chmod(0o700)
    assert states(at_home.examine_secrets()) == {"secrets": State.GOOD}, "nobody gets that far"
    tmp_path.chmod(0o755)
    (found,) = at_home.examine_secrets()
    assert "secret_key" in found.said
    (tmp_path / "secret_key").chmod(0o600)
    assert states(at_home.examine_secrets()) == {"secrets": State.GOOD}


def test_what_is_bad_ends_the_command_with_an_error() -> None:
    out = io.StringIO()
    with pytest.raises(CommandError, match="keep the portal from working"):
        call_command("doctor", url="http://127.0.0.1:9", stdout=out)
    assert "✗ upstreams: No provider is enabled" in out.getvalue()


def test_backups_that_are_not_made(settings: Any, tmp_path: Path) -> None:
    assert states(at_home.examine_backups()) == {"backups": State.DOUBTFUL}
    settings.PORTAL_BACKUP_DIR = str(tmp_path)
    (tmp_path / "portal-2020-01-01-000000.zip").touch()
    assert states(at_home.examine_backups()) == {"backups": State.BAD}
    (tmp_path / name_for_now()).touch()
    assert states(at_home.examine_backups()) == {"backups": State.GOOD}
