"""What others write never runs: not in formulas, diagrams, drawings, thoughts, notes, titles, names or errors.

Plain Markdown and HTML are attacked in test_rendering. `complaints` fails each test in which another host was asked.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Complaints
from tests.browser.people import Person
from tests.portal_process import ROOT, PortalProcess
from tests.upstreams.scripted import (
    DONE,
    FINISH,
    HEAD,
    ScriptedUpstream,
    delta,
    refuse,
    stream,
)

IMAGE = "<img src=x onerror=window.__xss=1>"
BREAKS_OUT = f"\"'></b></p></textarea></title>{IMAGE}<script>window.__xss=2</script>"

FORMULAS = [
    r"\href{javascript:window.__xss=1}{x}",
    r"\url{javascript:window.__xss=1}",
    r"\includegraphics{http://evil.example/x.png}",
    r"\class{x\" onmouseover=\"window.__xss=1}{y}",
    r"\style{background:url(http://evil.example/x)}{y}",
    r"\id{main}{y} \data{x=1}{y}",
    r"\text{<img src=x onerror=window.__xss=1>}",
    r"\text{</math><script>window.__xss=1</script>}",
    r"\def\x{\x\x}\x",
    r"\unicode{<svg onload=window.__xss=1>}",
    r"\color{red;background:url(http://evil.example/y)}{x}",
    r"\rule{99999em}{99999em}",
    r"\html{<b>x</b>} \htmlClass{a}{b} \htmlData{a=b}{c}",
]
DIAGRAMS = [
    f'flowchart LR\n  A["{IMAGE.replace(chr(34), "")}"] --> B',
    'flowchart LR\n  A --> B\n  click A "javascript:window.__xss=1"',
    'flowchart LR\n  A --> B\n  click A call alert("x")',
    'flowchart LR\n  A["<a href=javascript:window.__xss=1>x</a>"]',
    "flowchart LR\n  A\n  style A fill:url(http://evil.example/fill)",
    "%%{init: {'securityLevel': 'loose', 'htmlLabels': true}}%%\n"
    "flowchart LR\n  A[\"<img src='http://evil.example/l.png' onerror='parent.__xss=1'>\"]",
    "%%{init: {'themeCSS': '@import url(http://evil.example/x.css);'}}%%\nflowchart LR\n  A",
    "%%{init: {'fontFamily': 'x; } </style><script>parent.__xss=1</script>'}}%%\nflowchart LR\n  A",
    "sequenceDiagram\n  Alice->>Bob: <script>parent.__xss=1</script>",
    'flowchart LR\n  A@{ img: "http://evil.example/shape.png", label: "x" }',
    'classDiagram\n  class X~script~\n  link X "javascript:window.__xss=1"',
]
DRAWINGS = [
    "```svg\n<svg onload='window.__xss=1'><script>window.__xss=1</script></svg>\n```",
    "<svg><animate onbegin=window.__xss=1 attributeName=x dur=1s></svg>",
    "![x](data:image/svg+xml,<svg onload='window.__xss=1'/>)",
    "<math><maction actiontype='statusline#http://evil.example' xlink:href='javascript:1'>x</maction></math>",
]
NOTES = (
    f"a[^1] b[^{IMAGE.split(' ', maxsplit=1)[0]}] c[^constructor] d[^__proto__]\n\n"
    f"[^1]: {BREAKS_OUT} [x](javascript:window.__xss=1)\n"
    "[^__proto__]: polluted\n[^constructor]: built\n"
)
ADD_MODEL = """
import sys, django
django.setup()
from upstream.models import LanguageModel, Provider
if sys.argv[1] == "add":
    provider = Provider.objects.first()
    LanguageModel.objects.create(provider=provider, name="attack", title=sys.argv[2], position=99)
else:
    LanguageModel.objects.filter(name="attack").delete()
"""


@pytest.fixture(autouse=True)
def nothing_ran(ada: Person, carol: Person) -> Iterator[None]:
    dialogs = list[str]()
    for person in (ada, carol):
        person.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    yield
    for person in (ada, carol):
        assert person.page.evaluate("window.__xss ?? null") is None
        for attribute in ("onerror", "onload", "onmouseover", "onbegin", "onclick"):
            assert person.page.locator(f"[{attribute}]").count() == 0
        assert person.page.locator(".message :is(script, iframe, object, style)").count() == 0
    assert dialogs == []


def _says(ada: Person, upstream: ScriptedUpstream, answer: str) -> None:
    upstream.will(stream(*re.findall(r"(?s).{1,23}", answer)))
    ada.asks("Attack me")
    ada.sees_it("completed")


def test_in_formulas(ada: Person, upstream: ScriptedUpstream) -> None:
    answer = "".join(f"$x$ ${source}$ and\n\n$$\n{source}\n$$\n\n" for source in FORMULAS)
    _says(ada, upstream, answer + "The end: $z$")
    expect(ada.text.locator("math").last).to_have_text("z")
    _touches(ada, ".formula")
    for box in ada.text.locator(".formula").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect().width)"
    ):
        assert box < 2000
    harmful = "[href], [src], [onclick], script, style, a, img, svg[onload]"
    assert ada.text.locator(".formula").locator(harmful).count() == 0


def test_in_diagrams(ada: Person, upstream: ScriptedUpstream, complaints: Complaints) -> None:
    # What tries to fetch within the frame is refused by its policy, and the browser says so.
    complaints.expect("Content Security Policy|net::ERR_|Blocked script execution|/shape.png")
    answer = "\n\n".join(f"```mermaid\n{source}\n```" for source in DIAGRAMS)
    asked, refused = set[str](), set[str]()
    ada.page.on("request", lambda request: asked.add(request.url))
    ada.page.on("requestfailed", lambda request: refused.add(f"{request.url} {request.failure}"))
    _says(ada, upstream, answer)
    for block in ada.text.locator(".code").all():
        block.scroll_into_view_if_needed()
        expect(block.locator(".diagram")).to_be_attached()
    # The browser tells of what it was asked for, and that the policy kept it from asking.
    elsewhere = {url for url in asked if "evil.example" in url}
    assert {f"{url} csp" for url in elsewhere} <= refused
    (frame,) = (frame for frame in ada.page.frames if frame.url.endswith("/diagrams/"))
    assert frame.evaluate("window.__xss ?? null") is None
    # Whatever they drew is an image here.
    assert ada.text.locator(".diagram :is(svg, a, script)").count() == 0
    sources = ada.text.locator(".diagram img").evaluate_all("(all) => all.map(({ src }) => src)")
    assert all(src == "" or src.startswith("data:image/svg+xml") for src in sources)


def test_in_drawings_thoughts_and_notes(ada: Person, upstream: ScriptedUpstream) -> None:
    thought = delta(BREAKS_OUT, key="reasoning_content")
    answer = "\n\n".join([*DRAWINGS, NOTES])
    upstream.will([HEAD, thought, delta(answer[:150]), delta(answer[150:]), FINISH, DONE])
    ada.asks("Attack me")
    ada.sees_it("completed")
    expect(ada.text.locator(".footnotes li")).to_have_count(2)
    expect(ada.text.locator(".footnotes li").first).to_contain_text(IMAGE)
    ada.answer.locator(".message__reasoning summary").click()
    expect(ada.answer.locator(".message__reasoning-text")).to_have_text(BREAKS_OUT)
    ada.page.reload()
    ada.is_ready()
    expect(ada.text.locator(".footnotes li")).to_have_count(2)
    assert ada.page.evaluate("({}).polluted ?? null") is None


def test_in_titles(ada: Person) -> None:
    ada.asks(BREAKS_OUT)
    ada.sees_it("completed")
    expect(ada.rows.first).to_contain_text("<img")
    ada.page.reload()
    ada.is_ready()
    expect(ada.title).to_contain_text("<img")
    ada.page.locator("header").get_by_label("More").click()
    ada.page.get_by_role("button", name="Save as image").click()
    ada.page.get_by_label("Chosen messages").first.check()
    expect(ada.page.get_by_role("dialog").get_by_role("checkbox")).to_have_count(2)
    with ada.page.expect_download() as download:
        ada.page.get_by_label("The whole conversation").check()
        ada.page.get_by_role("button", name="Save image").click()
    assert not re.search(r'[<>"/\\]', download.value.suggested_filename)


def test_in_names_of_models(ada: Person, portal: PortalProcess) -> None:
    title = f"X{BREAKS_OUT}"[:120]
    _changes_models(portal, "add", title)
    try:
        ada.opens()
        ada.page.get_by_label("Model", exact=True).select_option(title)
        ada.asks("Who are you?")
        ada.sees_it("completed")
        expect(ada.answer.locator(".message__name")).to_have_text(title)
        ada.page.reload()
        ada.is_ready()
        expect(ada.answer.locator(".message__name")).to_have_text(title)
    finally:
        _changes_models(portal, "remove")


def test_in_errors_of_the_upstream(carol: Person, upstream: ScriptedUpstream) -> None:
    upstream.will(refuse(400, {"error": {"message": BREAKS_OUT, "code": BREAKS_OUT}}))
    carol.asks("Fail")
    carol.sees_it("failed")
    carol.page.reload()
    carol.is_ready()
    expect(carol.answer.locator(".notice__detail")).to_contain_text("onerror")


def _touches(ada: Person, selector: str) -> None:
    for element in ada.text.locator(selector).all()[:30]:
        element.dispatch_event("mouseover")
        element.dispatch_event("click")


def _changes_models(portal: PortalProcess, *what: str) -> None:
    environment = {**portal._environment(), "DJANGO_SETTINGS_MODULE": "chatportal.settings"}
    subprocess.run([sys.executable, "-c", ADD_MODEL, *what], cwd=ROOT, env=environment, check=True)
