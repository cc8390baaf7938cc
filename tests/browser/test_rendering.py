"""Markdown is shown as what it means, and whatever a model writes runs nothing and fetches nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Dialog, Route, expect

from tests.browser.people import Person
from tests.upstreams.scripted import DONE, FINISH, HEAD, Hold, ScriptedUpstream, delta, stream

MARKDOWN = """# A heading

A *slanted* and a **strong** word, `inline code`, and [a link](https://example.com/page).

1. First
2. Second
   - below it

> Quoted

| Left | Right |
|------|------:|
| a    |     1 |

```python
def answer() -> int:
    return 42  # <b>not bold</b>
```
"""

DANGEROUS = (
    "script, style, img, svg, math, iframe, object, embed, base, meta, form, input, chat-message"
)
OUR_OWN = ".code__header *"  # the icons of a code block's buttons

ATTACKS = {
    "a script": "<script>window.pwned = 1</script>",
    "a script with a source": '<script src="http://evil.example/x.js"></script>',
    "an image that fails": '<img src=x onerror="window.pwned = 1">',
    "an image elsewhere": "![seen](http://evil.example/pixel.png)",
    "an image in HTML elsewhere": '<img src="http://evil.example/pixel.png">',
    "a drawing that loads": '<svg onload="window.pwned = 1"></svg>',
    "a drawing in a script": "<svg><script>window.pwned = 1</script></svg>",
    "a style": "<style>@import url(http://evil.example/x.css);</style>",
    "a style attribute": '<p style="background:url(http://evil.example/x.png)">p</p>',
    "a frame": '<iframe srcdoc="<script>parent.pwned = 1</script>"></iframe>',
    "a frame elsewhere": '<iframe src="http://evil.example/"></iframe>',
    "an object": '<object data="http://evil.example/"></object><embed src="http://evil.example/">',
    "a base": '<base href="http://evil.example/">',
    "a refresh": '<meta http-equiv="refresh" content="0;url=http://evil.example/">',
    "a form": '<form action="http://evil.example/"><input autofocus onfocus="window.pwned = 1"></form>',
    "a script link": "[click](javascript:window.pwned=1)",
    "a script link in disguise": "[click](JaVaScRiPt&colon;window.pwned=1)",
    "a script link with a tab": '<a href="java&#9;script:window.pwned=1">click</a>',
    "a vb link": "[click](vbscript:msgbox(1))",
    "a data link": "[click](data:text/html;base64,PHNjcmlwdD5vcGVuZXIucHduZWQ9MTwvc2NyaXB0Pg==)",
    "an auto link": "<javascript:window.pwned=1>",
    "a link in a link's name": "[![x](javascript:window.pwned=1)](javascript:window.pwned=1)",
    "nested tags": "<scr<script>ipt>window.pwned = 1</scr</script>ipt>",
    "mutation in a template": "<math><mtext><table><mglyph><style><!--</style>"
    '<img title="--&gt;&lt;img src=1 onerror=window.pwned=1&gt;">',
    "mutation in noscript": '<noscript><p title="</noscript><img src=x onerror=window.pwned=1>">',
    "code that closes itself": "```html\n</code></pre><img src=x onerror=window.pwned=1>\n```",
    "a language that breaks out": '```"><img/src=x/onerror=window.pwned=1>\ntext\n```',
    "a title that breaks out": "[a](https://example.com \"x' onmouseover='window.pwned=1\")",
    "an element of ours": '<chat-message data-stop-url="http://evil.example/"></chat-message>',
    "a clobbered name": '<a id="main" name="fetch">x</a><form id="composer"></form>',
}


def test_markdown_is_shown_as_what_it_means(ada: Person, upstream: ScriptedUpstream) -> None:
    upstream.will(stream(*re.findall(r"(?s).{1,9}", MARKDOWN)))
    ada.asks("Show me Markdown")
    ada.sees_it("completed")
    text = ada.text
    expect(text.locator("h1")).to_have_text("A heading")
    expect(text.locator("em")).to_have_text("slanted")
    expect(text.locator("strong")).to_have_text("strong")
    expect(text.locator("ol > li")).to_have_count(2)
    expect(text.locator("ol ul li")).to_have_text("below it")
    expect(text.locator("blockquote")).to_have_text("Quoted")
    expect(text.locator("td.align-right")).to_have_text("1")
    expect(text.locator("pre code")).to_contain_text("# <b>not bold</b>")
    expect(text.locator("pre .hljs-keyword").first).to_have_text("def")
    link = text.get_by_role("link", name="a link")
    expect(link).to_have_attribute("href", "https://example.com/page")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(link).to_have_attribute("target", "_blank")


def test_what_was_streamed_equals_what_is_loaded(ada: Person, upstream: ScriptedUpstream) -> None:
    upstream.will(stream(*re.findall(r"(?s).{1,3}", MARKDOWN)))
    ada.asks("Show me Markdown")
    ada.sees_it("completed")
    expect(ada.text.locator("pre .hljs-keyword").first).to_be_visible()
    streamed = ada.text.inner_html()
    ada.page.reload()
    ada.is_ready()
    expect(ada.text.locator("pre .hljs-keyword").first).to_be_visible()
    assert ada.text.inner_html() == streamed


@pytest.mark.parametrize("when", ["while it streams", "when it is loaded"])
def test_nothing_that_a_model_writes_runs_or_asks_another_host(
    ada: Person, upstream: ScriptedUpstream, when: str
) -> None:
    asked, dialogs = list[str](), list[str]()

    def abort(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    ada.page.route(re.compile(r"evil\.example|example\.com"), abort)
    ada.page.on("dialog", dismiss)
    answer = "\n\n".join(f"## {name}\n\n{attack}" for name, attack in ATTACKS.items())
    end = Hold()
    # In odd pieces: what is harmless as a whole may not be so when half of it stands there.
    upstream.will([HEAD, *map(delta, re.findall(r"(?s).{1,23}", answer)), end, FINISH, DONE])
    ada.asks("Attack me")
    expect(ada.text.locator("h2").last).to_have_text(list(ATTACKS)[-1])
    end.release()
    ada.sees_it("completed")
    if when == "when it is loaded":
        ada.page.reload()
        ada.is_ready()
    expect(ada.text.locator("h2")).to_have_text(list(ATTACKS))
    _touches_everything(ada)
    assert ada.page.evaluate("window.pwned ?? null") is None
    assert (asked, dialogs) == ([], [])
    expect(ada.text.locator(f":is({DANGEROUS}):not({OUR_OWN})")).to_have_count(0)
    hrefs = ada.text.locator("a[href]").evaluate_all("(links) => links.map((link) => link.href)")
    assert all(href.startswith(("http://", "https://")) for href in hrefs), hrefs
    assert (
        ada.page.locator("chat-thread")
        .locator("[onerror], [onload], [onfocus], [onmouseover], [style]")
        .count()
        == 0
    )


def _touches_everything(ada: Person) -> None:
    """What waits for a pointer gets one."""
    for link in ada.text.locator("a").all():
        link.hover()
