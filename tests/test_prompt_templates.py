"""Prompt templates: one's own, and those that administrators share."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from conversations.models import PromptTemplate
from conversations.prompt_templates import MOST

PAGE = "/prompt-templates/"


def template(owner: User | None, title: str = "Summary", text: str = "Sum it up:") -> Any:
    return PromptTemplate.objects.create(owner=owner, title=title, text=text)


def titles(browser: Client) -> list[str]:
    found = browser.get(f"{PAGE}titles/").json()["templates"]
    return [entry["title"] for entry in found]


def test_a_template_is_written_found_changed_and_deleted(ada_browses: Client, ada: User) -> None:
    form = {"title": "  Summary ", "text": "Sum it up:\r\n\r\n"}
    assert ada_browses.post(f"{PAGE}new/", form).url == PAGE
    kept = PromptTemplate.objects.get()
    assert (kept.owner, kept.title, kept.text) == (ada, "Summary", "Sum it up:\n\n")
    assert titles(ada_browses) == ["Summary"]
    assert "Sum it up:" in ada_browses.get(f"{PAGE}{kept.pk}/").content.decode()
    ada_browses.post(f"{PAGE}{kept.pk}/", {"title": "In short", "text": "Sum it up"})
    assert titles(ada_browses) == ["In short"]
    ada_browses.post(f"{PAGE}{kept.pk}/delete/")
    assert titles(ada_browses) == []


def test_undo_brings_back_what_was_deleted(ada_browses: Client, ada: User) -> None:
    for number in range(3):
        template(ada, f"Number {number}", f"Text {number}")
    page = ada_browses.post(f"{PAGE}delete/", follow=True)
    assert "3 in all" in page.content.decode()
    assert titles(ada_browses) == []
    assert ada_browses.post(_undo(page)).url == PAGE
    assert len(titles(ada_browses)) == 3


def test_undo_of_one_leaves_the_others_deleted(ada_browses: Client, ada: User) -> None:
    first, second = template(ada, "First", "1"), template(ada, "Second", "2")
    ada_browses.post(f"{PAGE}{first.pk}/delete/", follow=True)
    page = ada_browses.post(f"{PAGE}{second.pk}/delete/", follow=True)
    ada_browses.post(_undo(page))
    assert titles(ada_browses) == ["Second"]


def test_what_was_deleted_long_ago_is_gone(ada_browses: Client, ada: User) -> None:
    old = template(ada, "Old", "1")
    PromptTemplate.objects.update(deleted_at=timezone.now() - timedelta(days=2))
    ada_browses.post(f"{PAGE}{template(ada).pk}/delete/")
    assert not PromptTemplate.objects.filter(pk=old.pk).exists()


@pytest.mark.parametrize("moment", ["", "yesterday", "2026-01-01", "2026-01-01T00:00:00Z"])
def test_a_restore_of_nothing_is_not_found(ada_browses: Client, moment: str) -> None:
    assert ada_browses.post(f"{PAGE}restore/?deleted_at={moment}").status_code == 404


@pytest.mark.parametrize(
    ("title", "text", "sentence"),
    [
        ("Summary", "Another", "There is one with this title already."),
        ("Another", "Sum it up:", "“Summary” has this text already."),
        ("", "Text", "This field is required."),
        ("Title", " \n", "This field is required."),
        ("x" * 201, "Text", "at most 200 characters"),
        ("Title", "x" * 100_001, "at most 100000 characters"),
    ],
)
def test_a_refused_template_says_why_and_keeps_what_was_typed(
    ada_browses: Client, ada: User, title: str, text: str, sentence: str
) -> None:
    template(ada)
    refused = ada_browses.post(f"{PAGE}new/", {"title": title, "text": text})
    assert refused.status_code == 422
    page = refused.content.decode()
    assert sentence in page
    assert f'value="{title}"' in page or not title
    assert text.strip() in page
    assert PromptTemplate.objects.count() == 1


def test_saving_a_template_as_it_is_is_no_duplicate(ada_browses: Client, ada: User) -> None:
    kept = template(ada)
    form = {"title": kept.title, "text": kept.text}
    assert ada_browses.post(f"{PAGE}{kept.pk}/", form).status_code == 302


def test_the_same_title_as_somebody_elses_is_none(ada_browses: Client, bob: User) -> None:
    template(bob)
    template(None, "Shared")
    for title in ("Summary", "Shared"):
        answer = ada_browses.post(f"{PAGE}new/", {"title": title, "text": title})
        assert answer.status_code == 302


def test_there_is_an_end(ada_browses: Client, ada: User) -> None:
    rows = [PromptTemplate(owner=ada, title=f"{n}", text=f"{n}") for n in range(MOST)]
    PromptTemplate.objects.bulk_create(rows)
    refused = ada_browses.post(f"{PAGE}new/", {"title": "One more", "text": "One more"})
    assert refused.status_code == 422
    assert "no more fit" in refused.content.decode()
    page = ada_browses.get(PAGE, {"page": 2}).content.decode()
    assert "Page 2 of 20" in page


@pytest.mark.parametrize("query", ["SUMM", "sum it", "ÜBER", "总结", "  summ  "])
def test_search_looks_at_titles_and_texts_in_any_case(
    ada_browses: Client, ada: User, query: str
) -> None:
    template(ada, "Summary", "Sum it up")
    template(ada, "über alles", "Sum it up, all of it. Summary.")
    template(ada, "总结文章", "Summary: sum it")
    template(ada, "Other", "Nothing of that")
    page = ada_browses.get(PAGE, {"q": query}).content.decode()
    assert "Other" not in page
    assert any(title in page for title in ("Summary", "über alles", "总结文章"))


def test_an_empty_page_and_an_empty_search_say_what_to_do(ada_browses: Client, ada: User) -> None:
    assert "You have none yet" in ada_browses.get(PAGE).content.decode()
    template(ada)
    page = ada_browses.get(PAGE, {"q": "<nothing>"}).content.decode()
    assert "No template has “&lt;nothing&gt;”" in page


class TestShared:
    """Administrators keep them, everybody finds them."""

    def test_an_administrator_shares_and_members_find(
        self, carol_browses: Client, ada_browses: Client
    ) -> None:
        form = {"title": "House style", "text": "Write plainly:", "is_shared": "on"}
        carol_browses.post(f"{PAGE}new/", form)
        kept = PromptTemplate.objects.get()
        assert kept.owner is None
        assert titles(ada_browses) == ["House style"]
        assert ada_browses.get(f"{PAGE}{kept.pk}/text/").json()["text"] == "Write plainly:"
        assert "For everybody" in ada_browses.get(PAGE).content.decode()

    def test_a_member_shares_nothing(self, ada_browses: Client, ada: User) -> None:
        ada_browses.post(f"{PAGE}new/", {"title": "Mine", "text": "Mine", "is_shared": "on"})
        assert PromptTemplate.objects.get().owner == ada

    def test_a_member_changes_and_deletes_none_of_them(self, ada_browses: Client) -> None:
        shared = template(None)
        for path, form in (("", {"title": "Mine", "text": "now"}), ("delete/", {})):
            assert ada_browses.post(f"{PAGE}{shared.pk}/{path}", form).status_code == 404
        ada_browses.post(f"{PAGE}delete/")
        kept = PromptTemplate.objects.get()
        assert (kept.title, kept.owner, kept.deleted_at) == ("Summary", None, None)

    def test_an_administrator_changes_them_on_the_page(self, carol_browses: Client) -> None:
        shared = template(None)
        form = {"title": "House style", "text": "Plainly", "is_shared": "on"}
        carol_browses.post(f"{PAGE}{shared.pk}/", form)
        shared.refresh_from_db()
        assert (shared.title, shared.owner) == ("House style", None)

    def test_the_administration_knows_the_shared_ones_only(
        self, carol_browses: Client, ada: User
    ) -> None:
        own, shared = template(ada, "Ada's own"), template(None, "Shared")
        page = carol_browses.get(reverse("admin:conversations_prompttemplate_changelist"))
        assert "Shared" in page.content.decode()
        assert "Ada's own" not in page.content.decode()
        for kept, status in ((own, 302), (shared, 200)):
            change = reverse("admin:conversations_prompttemplate_change", args=[kept.pk])
            assert carol_browses.get(change).status_code == status
        add = reverse("admin:conversations_prompttemplate_add")
        carol_browses.post(add, {"title": "New", "text": "New"})
        assert PromptTemplate.objects.get(title="New").owner is None


def _undo(page: Any) -> str:
    found: str = page.content.decode().partition('action="/prompt-templates/restore')[2]
    return "/prompt-templates/restore" + found.partition('"')[0].replace("&amp;", "&")
