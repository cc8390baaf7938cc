"""Our configurations in a real nginx, with a certificate made for the test: what a client gets through them."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from websockets.sync.client import connect

from tests.nginx import HOST, OURS, Nginx, free_port, nginx_binary
from tests.portal_process import PASSWORD, PortalProcess

pytestmark = pytest.mark.once
CONFIGURATIONS = sorted(OURS.glob("*.conf.template"))
MEGABYTE = 1024 * 1024


class Visitor:
    """A client that has logged in through nginx, as the first administrator."""

    def __init__(self, nginx: Nginx, root: str) -> None:
        self.nginx, self.root = nginx, root
        host = urlsplit(nginx.url).netloc
        # A test has no name server: it asks 127.0.0.1 and says whom it means.
        self.address = nginx.url.replace(HOST, "127.0.0.1")
        self.trust = ssl.create_default_context(cafile=nginx.certificate)
        headers = {"Host": host, "Referer": f"{nginx.url}/", "Accept-Encoding": "gzip"}
        self.http = httpx.Client(
            base_url=self.address, verify=self.trust, headers=headers, timeout=20
        )
        page = self.http.get(f"{root}accounts/login/")
        assert page.status_code == 200, page.text
        found = re.search(r'csrfmiddlewaretoken" value="([^"]+)', page.text)
        assert found
        form = {"login": "admin", "password": PASSWORD, "csrfmiddlewaretoken": found[1]}
        self.logged_in = self.http.post(f"{root}accounts/login/", data=form)
        assert self.logged_in.status_code == 302, self.logged_in.text

    def post(self, path: str, **options: object) -> httpx.Response:
        headers = {"X-CSRFToken": self.http.cookies["portal_csrf"]}
        return self.http.post(self.root + path, headers=headers, **options)  # type: ignore[arg-type]

    def hears_a_socket(self) -> str:
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        address = self.nginx.url.replace("http", "ws") + self.root + "ws/"
        options = {"ssl": self.trust} if self.nginx.has_tls else {}
        with connect(
            address,
            origin=self.nginx.url,  # type: ignore[arg-type]
            sock=socket.create_connection(("127.0.0.1", self.nginx.port)),
            additional_headers={"Cookie": cookies},
            **options,  # type: ignore[arg-type]
        ) as line:
            said = str(json.loads(line.recv(timeout=10))["type"])
        line.socket.close()  # websockets leaves open what it was given
        return said


def behind(configuration: str, path: str, folder: Path) -> Iterator[Visitor]:
    nginx_binary()  # which may skip
    port = free_port()
    nginx = Nginx(OURS / f"{configuration}.conf.template", folder / "nginx", portal_port=port)
    environment = {"PORTAL_TRUSTED_PROXIES": "127.0.0.1"}
    if nginx.has_tls:
        environment["PORTAL_URL"] = nginx.url + path
    portal = PortalProcess(folder / "data", **environment)
    portal.port = port
    try:
        with nginx:
            portal.with_tables().start()
            visitor = Visitor(nginx, f"{path}/")
            with contextlib.closing(visitor.http):
                yield visitor
            portal.stop()
    finally:
        portal.kill()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    yield from behind("tls", "", tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    yield from behind("plain", "", tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def sub_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    yield from behind("sub-path", "/chat", tmp_path_factory.mktemp("sub-path"))


@pytest.fixture(params=["tls", "plain", "sub_path"])
def visitor(request: pytest.FixtureRequest) -> Visitor:
    found: Visitor = request.getfixturevalue(request.param)
    return found


# --- Each of them ----------------------------------------------------------------------------------------------------


def test_a_socket_gets_through(visitor: Visitor) -> None:
    assert visitor.hears_a_socket() == "welcome"


def test_a_stream_gets_through_as_it_is_told(visitor: Visitor) -> None:
    with visitor.http.stream("GET", f"{visitor.root}stream/") as response:
        first = next(response.iter_lines())
    assert json.loads(first.removeprefix("data: "))["type"] == "welcome"
    assert "Content-Encoding" not in response.headers


def test_a_large_file_is_let_through_where_files_are_brought(visitor: Visitor) -> None:
    large = b"[" + b" " * (30 * MEGABYTE)
    brought = visitor.post("import/", files={"files": ("large.json", large)})
    assert brought.status_code == 302, brought.text[:300]
    assert brought.headers["Location"].startswith(f"{visitor.root}import/")


def test_and_nowhere_else(visitor: Visitor) -> None:
    large = {"text": "x" * (21 * MEGABYTE)}
    assert visitor.post("conversations/new/", data=large).status_code == 413


def test_pages_and_files_are_compressed_and_files_are_kept_for_ever(visitor: Visitor) -> None:
    page = visitor.http.get(visitor.root)
    assert page.headers["Content-Encoding"] == "gzip"
    found = re.search(r'src="([^"]+/main\.[0-9a-f]+\.js)"', page.text)
    assert found, page.text[:500]
    script = visitor.http.get(found[1])
    assert script.headers["Content-Encoding"] == "gzip"
    assert "immutable" in script.headers["Cache-Control"]
    assert "ETag" in script.headers
    assert "Last-Modified" not in script.headers  # its name says more
    assert script.headers["Content-Type"].startswith("text/javascript")


def test_what_the_browser_makes_up_of_its_address_is_not_believed(visitor: Visitor) -> None:
    made_up = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
    page = visitor.http.get(f"{visitor.root}accounts/sessions/", headers=made_up)
    assert page.status_code == 200
    assert "203.0.113.7" not in page.text


# --- TLS -------------------------------------------------------------------------------------------------------------


def test_plain_http_is_sent_to_https(tls: Visitor) -> None:
    asked = f"http://127.0.0.1:{tls.nginx.ports[80]}/conversations/?q=bread"
    answer = httpx.get(asked, headers={"Host": HOST})
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"https://{HOST}/conversations/?q=bread"


def test_browsers_are_told_to_insist_on_tls_once(tls: Visitor, sub_path: Visitor) -> None:
    for visitor in (tls, sub_path):
        told = visitor.http.get(visitor.root).headers.get_list("Strict-Transport-Security")
        assert told == ["max-age=2592000"]


def test_http_2_is_spoken(tls: Visitor) -> None:
    trust = ssl.create_default_context(cafile=tls.nginx.certificate)
    trust.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", tls.nginx.ports[443])) as line,
        trust.wrap_socket(line, server_hostname=HOST) as secure,
    ):
        assert secure.selected_alpn_protocol() == "h2"
        assert secure.version() in {"TLSv1.2", "TLSv1.3"}


def test_cookies_are_for_tls_alone(tls: Visitor) -> None:
    told = tls.logged_in.headers.get_list("Set-Cookie")
    session = next(cookie for cookie in told if cookie.startswith("portal_session="))
    assert "Secure" in session
    assert "HttpOnly" in session


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=lambda path: path.stem)
def test_nginx_finds_nothing_to_say_against_it(configuration: Path, tmp_path: Path) -> None:
    nginx = Nginx(configuration, tmp_path, portal_port=9)
    command = [nginx_binary(), "-t", "-c", str(tmp_path / "nginx.conf"), "-e", "stderr"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert "[warn]" not in told.stderr
    assert "${PORTAL" not in (nginx.folder / "portal.conf").read_text()


# --- Below a path ----------------------------------------------------------------------------------------------------

ADDRESSES = re.compile(r'\b(?:href|src|action|formaction|data-[a-z-]*url|data-home)="([^"]*)"')
SCRIPTED = re.compile(r'"(/[^"]*)"')


def test_no_page_below_a_path_leads_out_of_it(sub_path: Visitor) -> None:
    """Every page that can be reached by links, the administration's included."""
    seen, waiting, outside = set(), [sub_path.root], []
    while waiting and len(seen) < 400:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = sub_path.http.get(path)
        # 405: the address of a form, which is sent and not opened.
        assert answer.status_code < 400 or answer.status_code == 405, f"{path}: {answer}"
        for target in _targets(answer, path):
            parts = urlsplit(target)
            if parts.scheme not in {"", "http", "https"} or parts.netloc:
                continue
            # Without its slash, as the administration has it, it is sent on by nginx.
            if parts.path == "/chat":
                continue
            if not parts.path.startswith("/chat/"):
                outside.append((path, target))
            elif _is_a_page(target):
                waiting.append(target)
    assert outside == []
    assert any("/chat/admin/" in path for path in seen)
    assert len(seen) > 60, sorted(seen)


def _targets(answer: httpx.Response, path: str) -> list[str]:
    """Where an answer leads: its links, forms, files, the addresses its scripts are given, and where it sends on."""
    targets = [answer.headers["Location"]] if "Location" in answer.headers else []
    if "html" in answer.headers.get("Content-Type", ""):
        targets += ADDRESSES.findall(answer.text)
        maps = re.findall(r'<script type="importmap"[^>]*>(.*?)</script>', answer.text, re.DOTALL)
        targets += [address for found in maps for address in SCRIPTED.findall(found)]
    return [urljoin(path, target.replace("&amp;", "&")) for target in targets if target]


def _is_a_page(target: str) -> bool:
    path = urlsplit(target).path
    others = ("/static/", "/logout/", "/ws/", "/stream/", "/export", "/autocomplete/")
    return not any(other in path for other in others) and "?" not in target


def test_cookies_stay_below_the_path(sub_path: Visitor) -> None:
    for cookie in sub_path.logged_in.headers.get_list("Set-Cookie"):
        assert "Path=/chat/" in cookie, cookie


def test_the_path_without_its_slash_leads_in(sub_path: Visitor) -> None:
    answer = sub_path.http.get("/chat")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/chat/")


def test_the_rest_of_the_site_is_its_own(sub_path: Visitor) -> None:
    assert sub_path.http.get("/conversations/").status_code == 404
