"""A file from an address that a member typed: what the portal fetches, and what no spelling makes it fetch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.upstreams.scripted import Hold, Raw, ScriptedUpstream, refuse
from upstream import fetching
from upstream.fetching import LONGEST_FILE, NotFetched, read_file

pytestmark = pytest.mark.once


@pytest.fixture
def server() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as scripted:
        yield scripted


async def _refused(address: str, *, may_be_private: bool = False) -> str:
    with pytest.raises(NotFetched) as refused:
        await read_file(address, may_be_private=may_be_private)
    return refused.value.reason


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
    ],
)
async def test_no_spelling_of_a_private_address_gets_through(
    server: ScriptedUpstream, host: str
) -> None:
    """The odder spellings are no host to the client; the others reach the guard as what they are."""
    assert await _refused(f"http://{host}:{server.port}/prompts.json") in {"private", "invalid"}
    assert server.requests == []


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "192.168.0.1", "169.254.169.254", "[fd00::1]", "[64:ff9b::a00:1]"]
)
async def test_other_private_addresses_are_not_even_tried(host: str) -> None:
    assert await _refused(f"http://{host}/prompts.json") == "private"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "prompts.json",
        "file:///etc/passwd",
        "ftp://example.com/prompts.json",
        "gopher://127.0.0.1:25/",
        "data:application/json,[]",
        "javascript:alert(1)",
        "http://",
        "http:///prompts.json",
        "http://ada:secret@example.com/",
        "http://ada@example.com/",
        "http://example.com\\@127.0.0.1/",
        "http://example.com:99999/",
    ],
)
async def test_what_is_no_address_of_a_file_is_refused(address: str) -> None:
    assert await _refused(address) == "invalid"


async def test_what_was_allowed_is_fetched_without_cookies_or_credentials(
    server: ScriptedUpstream,
) -> None:
    server.will(refuse(200, b"[]", headers={"Set-Cookie": "who=ada"}))
    server.will(refuse(200, b"[1]"))
    address = f"http://127.0.0.1:{server.port}/prompts.json"
    assert await read_file(address, may_be_private=True) == b"[]"
    assert await read_file(address, may_be_private=True) == b"[1]"
    for request in server.requests:
        assert not {"cookie", "authorization"} & set(request.headers)
        assert request.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "target",
    ["http://localhost:{port}/b", "http://10.0.0.1/b", "http://[::ffff:127.0.0.1]:{port}/b"],
)
async def test_a_redirect_to_a_private_address_is_refused(
    server: ScriptedUpstream, target: str
) -> None:
    """Even from an address that was allowed: that was said of its own host alone."""
    server.will(refuse(302, b"", headers={"Location": target.format(port=server.port)}))
    address = f"http://127.0.0.1:{server.port}/a"
    assert await _refused(address, may_be_private=True) == "private"
    assert [request.path for request in server.requests] == ["/a"]


async def test_a_redirect_to_another_scheme_is_refused(server: ScriptedUpstream) -> None:
    server.will(refuse(301, b"", headers={"Location": "file:///etc/passwd"}))
    assert await _refused(f"http://127.0.0.1:{server.port}/", may_be_private=True) == "invalid"


async def test_three_redirects_are_followed_and_no_more(server: ScriptedUpstream) -> None:
    for _ in range(3):
        server.will(refuse(307, b"", headers={"Location": "/next"}))
    server.will(refuse(200, b"[]"))
    address = f"http://127.0.0.1:{server.port}/"
    assert await read_file(address, may_be_private=True) == b"[]"
    for _ in range(4):
        server.will(refuse(307, b"", headers={"Location": "/next"}))
    assert await _refused(address, may_be_private=True) == "redirects"


@pytest.mark.parametrize("says_so", [True, False])
async def test_what_is_too_large_is_not_read_to_its_end(
    server: ScriptedUpstream, says_so: bool
) -> None:
    if says_so:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 6000000\r\nConnection: close\r\n\r\n"
        server.will([Raw(head), Hold()])
    else:
        head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
        server.will([Raw(head), Raw(b" " * (LONGEST_FILE + 1)), Hold()])
    address = f"http://127.0.0.1:{server.port}/"
    assert await _refused(address, may_be_private=True) == "too_large"


async def test_what_is_slow_is_given_up(
    server: ScriptedUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.2)
    server.will([Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n["), Hold()])
    assert await _refused(f"http://127.0.0.1:{server.port}/", may_be_private=True) == "slow"


async def test_a_packed_answer_is_refused(server: ScriptedUpstream) -> None:
    server.will(refuse(200, b"\x1f\x8b", headers={"Content-Encoding": "gzip"}))
    assert await _refused(f"http://127.0.0.1:{server.port}/", may_be_private=True) == "packed"


async def test_an_error_is_told_by_its_status(server: ScriptedUpstream) -> None:
    server.will(refuse(404, {"error": "no such file"}))
    assert await _refused(f"http://127.0.0.1:{server.port}/", may_be_private=True) == "status"


async def test_where_nothing_answers(server: ScriptedUpstream) -> None:
    server.close_port()
    address = f"http://127.0.0.1:{server.port}/"
    assert await _refused(address, may_be_private=True) == "unreachable"
