"""Which addresses an upstream may have, tried through the real client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.upstreams.scripted import ScriptedUpstream
from upstream.client import UpstreamClient
from upstream.errors import Unreachable, UpstreamError
from upstream.guard import AddressRefused, check_address, is_private
from upstream.types import ChatRequest, PromptMessage, Target, TextDelta

pytestmark = pytest.mark.once
PRIVATE = [
    "127.0.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "0.0.0.0",
    "169.254.169.254",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "::ffff:10.0.0.1",
    "::ffff:a00:1",
    "2002:a00:1::",
    "64:ff9b::a00:1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused(address: str) -> None:
    assert is_private(address)
    with pytest.raises(AddressRefused):
        check_address(address, 443, private_port=None)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111"])
def test_public_addresses_are_called(address: str) -> None:
    check_address(address, 443, private_port=None)


def test_an_allowed_private_address_is_allowed_at_its_own_port_only() -> None:
    check_address("10.0.0.1", 8080, private_port=8080)
    with pytest.raises(AddressRefused):
        check_address("10.0.0.1", 22, private_port=8080)


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1", "::ffff:169.254.169.254"]
)
def test_some_addresses_nobody_can_allow(address: str) -> None:
    with pytest.raises(AddressRefused):
        check_address(address, 80, private_port=80)


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as scripted:
        yield scripted


async def _ask(base_url: str, *, private: bool) -> str:
    client = UpstreamClient()
    target = Target(
        "t", "openai_chat", base_url, "secret", own_host_may_be_private=private, connect_seconds=3
    )
    request = ChatRequest("m", (PromptMessage("user", "Hi"),))
    try:
        events = [event async for event in client.stream_chat(target, request)]
    finally:
        await client.aclose()
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "[::ffff:127.0.0.1]",
        "[::1]",
    ],
)
async def test_no_spelling_of_a_private_address_gets_through(
    upstream: ScriptedUpstream, host: str
) -> None:
    with pytest.raises(UpstreamError) as refused:
        await _ask(f"http://{host}:{upstream.port}/v1", private=False)
    assert isinstance(refused.value, Unreachable)
    assert upstream.requests == []


async def test_what_an_administrator_allowed_is_called(upstream: ScriptedUpstream) -> None:
    assert await _ask(upstream.base_url, private=True) == "Yes, indeed."


async def test_metadata_stays_out_of_reach_even_then() -> None:
    with pytest.raises(Unreachable, match="not allowed"):
        await _ask("http://169.254.169.254/latest", private=True)


async def test_cookies_and_connections_are_not_shared_between_credentials(
    upstream: ScriptedUpstream,
) -> None:
    from tests.upstreams.scripted import DONE, FINISH, HEAD, delta

    head = HEAD.replace(
        b"Connection: close", b"Set-Cookie: who=first; Path=/\r\nConnection: keep-alive"
    )
    upstream.will([head, delta("one"), FINISH, DONE])
    client = UpstreamClient()
    request = ChatRequest("m", (PromptMessage("user", "Hi"),))
    try:
        for key in ("first", "first", "second"):
            target = Target(
                key, "openai_chat", upstream.base_url, f"secret-{key}", own_host_may_be_private=True
            )
            async for _event in client.stream_chat(target, request):
                pass
    finally:
        await client.aclose()
    assert [seen.headers.get("cookie") for seen in upstream.requests] == [None, None, None]
    assert upstream.requests[2].headers["authorization"] == "Bearer secret-second"
