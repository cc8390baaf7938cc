"""Collections of prompt templates come in and go out as JSON: from a file, by paste, from an address."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from conversations.models import PromptTemplate
from tests.upstreams.scripted import ScriptedUpstream, refuse

IMPORT = "/prompt-templates/import/"
TWO = [{"key": "One", "value": "First text"}, {"key": "二", "value": "第二个"}]


def pasted(browser: Client, data: Any, **form: Any) -> Any:
    text = data if isinstance(data, str) else json.dumps(data)
    return browser.post(IMPORT, {"pasted": text, **form}, follow=True)


def uploaded(browser: Client, raw: bytes) -> Any:
    file = SimpleUploadedFile("prompts.json", raw, content_type="application/json")
    return browser.post(IMPORT, {"file": file}, follow=True)


def said(page: Any) -> str:
    return str(page.content.decode()).replace("&quot;", '"').replace("&#x27;", "'")


def kept() -> dict[str, str]:
    return dict(PromptTemplate.objects.values_list("title", "text"))


@pytest.mark.parametrize("names", [("key", "value"), ("act", "prompt")])
def test_both_forms_are_read(ada_browses: Client, ada: User, names: tuple[str, str]) -> None:
    title, text = names
    page = pasted(ada_browses, [{title: "One", text: "First text"}, {title: "二", text: "第二个"}])
    assert page.redirect_chain == [("/prompt-templates/", 302)]
    assert "2 templates were added." in said(page)
    assert kept() == {"One": "First text", "二": "第二个"}
    assert set(PromptTemplate.objects.values_list("owner", flat=True)) == {ada.pk}


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_file_is_read_with_and_without_a_byte_order_mark(
    ada_browses: Client, mark: bytes
) -> None:
    uploaded(ada_browses, mark + json.dumps(TWO, ensure_ascii=False).encode())
    assert kept() == {"One": "First text", "二": "第二个"}


def test_what_is_there_already_is_told_and_not_added_twice(ada_browses: Client, ada: User) -> None:
    PromptTemplate.objects.create(owner=ada, title="One", text="Mine")
    PromptTemplate.objects.create(owner=ada, title="Mine, too", text="Same text")
    rows = [
        *TWO,
        {"key": "Another title", "value": "Same text"},
        {"key": "New", "value": "N"},
        {"key": "New", "value": "Once more"},
    ]
    page = pasted(ada_browses, rows)
    assert "2 templates were added, 3 were there already: “One”, “Another title”, “New”." in said(
        page
    )
    assert kept() == {"One": "Mine", "Mine, too": "Same text", "二": "第二个", "New": "N"}


def test_bad_rows_are_named_and_the_good_ones_are_taken(ada_browses: Client) -> None:
    rows = [
        {"key": "Good", "value": "Text"},
        {"key": "", "value": "No title"},
        {"key": "No text", "value": " "},
        {"key": "Number", "value": 7},
        "text",
        None,
        {"name": "x", "text": "y"},
        {"key": "x" * 201, "value": "Text"},
        {"act": "Good, too", "prompt": "Another"},
    ]
    text = json.dumps(rows)
    page = pasted(ada_browses, text)
    assert page.status_code == 422
    words = said(page)
    assert "2 templates were added." in words
    for sentence in (
        "Row 2: it has no title.",
        "Row 3: it has no text.",
        'Row 4: "key" and "value" have to be texts.',
        "Row 5: it has neither",
        "Row 6: it has neither",
        "Row 7: it has neither",
        "Row 8: its title has 201 characters, and at most 200 fit.",
    ):
        assert sentence in words
    assert '{"key": "Good"' in words, "what was pasted stays to be mended"
    assert set(kept()) == {"Good", "Good, too"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "one of the three"),
        ("[", "not JSON: it breaks off or goes wrong at line 1"),
        ("<html>", "not JSON"),
        ("{}", "A list is wanted"),
        ("[]", "A list is wanted"),
        ("7", "A list is wanted"),
        ("[" * 100_000, "not JSON"),
        (
            json.dumps([{"key": "k", "value": "v"}] * 1001),
            "There are 1001 rows in it, and at most 1000",
        ),
    ],
)
def test_what_is_no_collection_is_refused_with_a_sentence(
    ada_browses: Client, text: str, sentence: str
) -> None:
    page = pasted(ada_browses, text)
    assert page.status_code == 422
    assert sentence in said(page)
    assert not kept()


def test_a_file_that_is_not_text_or_too_large(ada_browses: Client) -> None:
    for raw, sentence in (
        (b"\xff\xfe[\x00]\x00", "not UTF-8"),
        (b"PK\x03\x04\xff", "not UTF-8"),
        (b" " * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
    ):
        page = uploaded(ada_browses, raw)
        assert page.status_code == 422
        assert sentence in said(page)


def test_nul_and_lone_surrogates_become_replacement_characters(ada_browses: Client) -> None:
    pasted(ada_browses, r'[{"key": "a\u0000b", "value": "c\ud800d"}]')
    assert kept() == {"a\ufffdb": "c\ufffdd"}


def test_two_sources_at_once_are_refused(ada_browses: Client) -> None:
    page = pasted(ada_browses, TWO, address="https://example.com/prompts.json")
    assert "one of the three" in said(page)


def test_export_is_what_import_reads(ada_browses: Client, bob_browses: Client, bob: User) -> None:
    pasted(ada_browses, TWO)
    PromptTemplate.objects.create(title="Shared", text="Shared")
    answer = ada_browses.get("/prompt-templates/export/")
    assert 'filename="prompt-templates.json"' in answer.headers["Content-Disposition"]
    assert answer.json() == TWO
    assert "第二个" in answer.content.decode()
    uploaded(bob_browses, answer.content)
    assert PromptTemplate.objects.owned_by(bob).count() == 2


def test_an_administrator_imports_for_everybody(carol_browses: Client, ada_browses: Client) -> None:
    pasted(carol_browses, TWO, is_shared="on")
    pasted(ada_browses, [{"key": "Mine", "value": "Mine"}], is_shared="on")
    assert set(PromptTemplate.objects.owned_by(None).values_list("title", flat=True)) == {
        "One",
        "二",
    }


class TestFromAnAddress:
    """The portal fetches it, and the guard is asked."""

    @pytest.fixture
    def server(self) -> Iterator[ScriptedUpstream]:
        with ScriptedUpstream() as scripted:
            yield scripted

    def test_a_private_address_is_refused_to_a_member(
        self, ada_browses: Client, server: ScriptedUpstream
    ) -> None:
        address = f"http://127.0.0.1:{server.port}/prompts.json"
        for form in ({}, {"may_be_private": "on"}):
            page = ada_browses.post(IMPORT, {"address": address, **form})
            assert page.status_code == 422
            assert "private network" in said(page)
            assert address in said(page)
        assert server.requests == []

    def test_an_administrator_may_mean_it(
        self, carol_browses: Client, server: ScriptedUpstream
    ) -> None:
        server.will(refuse(200, TWO))
        form = {"address": f"http://127.0.0.1:{server.port}/p.json", "may_be_private": "on"}
        page = carol_browses.post(IMPORT, form, follow=True)
        assert "2 templates were added." in said(page)
        assert [request.path for request in server.requests] == ["/p.json"]

    @pytest.mark.parametrize(
        ("answer", "sentence"),
        [
            (refuse(200, b"<html>Log in</html>"), "not JSON"),
            (refuse(404, {}), "error 404"),
            (refuse(302, b"", headers={"Location": "http://10.0.0.1/"}), "private network"),
        ],
    )
    def test_what_goes_wrong_is_told_at_the_field(
        self, carol_browses: Client, server: ScriptedUpstream, answer: Any, sentence: str
    ) -> None:
        server.will(answer)
        form = {"address": f"http://127.0.0.1:{server.port}/", "may_be_private": "on"}
        page = carol_browses.post(IMPORT, form)
        assert page.status_code == 422
        assert sentence in said(page)
