"""A provider may be reached through a proxy, HTTP or SOCKS5; the guard holds behind it as well."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.upstreams.proxies import ForwardProxy
from tests.upstreams.scripted import ScriptedUpstream
from upstream.client import UpstreamClient
from upstream.errors import Unreachable, UpstreamError
from upstream.proxies import proxy_parts
from upstream.types import ChatRequest, PromptMessage, Target, TextDelta

pytestmark = pytest.mark.once


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as scripted:
        yield scripted


async def ask(
    base_url: str, proxy: str, *, private: bool = True, proxy_private: bool = True
) -> str:
    client = UpstreamClient()
    target = Target(
        "t",
        "openai_chat",
        base_url,
        "secret-of-the-credential",
        own_host_may_be_private=private,
        connect_seconds=3,
        proxy_url=proxy,
        proxy_may_be_private=proxy_private,
    )
    try:
        stream = client.stream_chat(target, ChatRequest("m", (PromptMessage("user", "Hi"),)))
        events = [event async for event in stream]
    finally:
        await client.aclose()
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks5h"])
@pytest.mark.parametrize("who", [{}, {"name": "proxy-user", "password": "proxy-pass"}], ids=str)
async def test_requests_go_through_it(
    upstream: ScriptedUpstream, scheme: str, who: dict[str, str]
) -> None:
    with ForwardProxy(**who) as proxy:
        assert await ask(upstream.base_url, proxy.url(scheme)) == "Yes, indeed."
        assert proxy.asked == [f"127.0.0.1:{upstream.port}"]


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_names_are_handed_over_as_they_are(upstream: ScriptedUpstream, scheme: str) -> None:
    """The proxy may know names that nobody here does; nothing is asked of our own resolver."""
    with ForwardProxy(resolves={"only.the.proxy.knows": "127.0.0.1"}) as proxy:
        url = f"http://only.the.proxy.knows:{upstream.port}/v1"
        assert await ask(url, proxy.url(scheme), private=False) == "Yes, indeed."
        assert proxy.asked == [f"only.the.proxy.knows:{upstream.port}"]


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "[::1]", "169.254.169.254"])
@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_literal_private_targets_are_refused_behind_it(
    upstream: ScriptedUpstream, scheme: str, host: str
) -> None:
    with ForwardProxy() as proxy:
        with pytest.raises(Unreachable, match=r"not allowed|canonical"):
            await ask(f"http://{host}:{upstream.port}/v1", proxy.url(scheme), private=False)
        assert proxy.asked == []
    assert upstream.requests == []


async def test_a_private_proxy_has_to_be_allowed(upstream: ScriptedUpstream) -> None:
    with ForwardProxy() as proxy:
        with pytest.raises(Unreachable, match="not allowed"):
            await ask(upstream.base_url, proxy.url("socks5"), proxy_private=False)
        assert proxy.asked == []


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_wrong_password_is_named_and_not_shown(
    upstream: ScriptedUpstream, scheme: str
) -> None:
    with ForwardProxy(name="proxy-user", password="right") as proxy:
        wrong = f"{scheme}://proxy-user:canary-wrong-pass@127.0.0.1:{proxy.port}"
        with pytest.raises(UpstreamError) as refused:
            await ask(upstream.base_url, wrong)
    assert "proxy" in refused.value.detail
    assert "canary-wrong-pass" not in refused.value.detail + repr(refused.value)
    assert upstream.requests == []


async def test_a_proxy_that_is_not_there(upstream: ScriptedUpstream) -> None:
    with ForwardProxy() as proxy:
        gone = proxy.url("socks5")
    with pytest.raises(Unreachable, match="proxy"):
        await ask(upstream.base_url, gone)


@pytest.mark.parametrize(
    "url",
    ["proxy:8080", "ftp://proxy:21", "http://proxy", "socks5://:1080", "", "http://proxy:99999"],
)
def test_what_is_no_proxy_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"proxy|[Pp]ort"):
        proxy_parts(url)


def test_a_target_does_not_show_its_proxy() -> None:
    target = Target("t", "openai_chat", "https://x/v1", "s", proxy_url="socks5://u:canary@p:1")
    assert "canary" not in repr(target)
