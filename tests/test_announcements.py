"""Announcements: shown above each page to whom they are meant for, until they are dismissed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts.models import Announcement, Dismissal, User

LOG_IN = "/accounts/login/"
ADMIN = "/admin/accounts/announcement/"
MEMBERS_PAGES = ("/", "/settings/", "/prompt-templates/", "/accounts/logout/")


def announce(text: str = "Down at noon.", **fields: Any) -> Announcement:
    return Announcement.objects.create(text=text, **fields)


def shows(browser: Client, text: str = "Down at noon.", path: str = "/") -> bool:
    return text in browser.get(path).content.decode()


def dismiss(browser: Client, announcement: Announcement, **form: str) -> Any:
    return browser.post(f"/announcements/{announcement.pk}/dismiss/", form)


@pytest.mark.parametrize("path", MEMBERS_PAGES)
def test_it_stands_on_every_page_of_members(ada_browses: Client, path: str) -> None:
    assert not shows(ada_browses, path=path)
    announce()
    assert shows(ada_browses, path=path)
    assert not shows(Client(), path=LOG_IN)


def test_dismissing_is_each_members_own_and_lasts(
    ada_browses: Client, bob_browses: Client, ada: User
) -> None:
    announcement, other = announce(), announce("Another.")
    answer = dismiss(ada_browses, announcement, next="/settings/")
    assert answer.url == "/settings/"
    assert not shows(ada_browses)
    assert shows(ada_browses, other.text)
    assert shows(bob_browses)
    again = Client()
    again.force_login(ada)
    assert not shows(again), "at another device, too"


def test_a_script_is_told_with_no_page(ada_browses: Client) -> None:
    announcement = announce()
    path = f"/announcements/{announcement.pk}/dismiss/"
    for _twice in range(2):
        answer = ada_browses.post(path, headers={"X-Requested-With": "fetch"})
        assert (answer.status_code, answer.content) == (204, b"")
    assert Dismissal.objects.count() == 1


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "", "/\\evil"]
)
def test_the_way_back_leads_nowhere_else(ada_browses: Client, elsewhere: str) -> None:
    assert dismiss(ada_browses, announce(), next=elsewhere).url == "/"


def test_its_time_comes_and_goes(ada_browses: Client) -> None:
    now = timezone.now()
    hour = timedelta(hours=1)
    announce("Later.", starts_at=now + hour)
    announce("Over.", starts_at=now - 2 * hour, ends_at=now - hour)
    announce("Now.", starts_at=now - hour, ends_at=now + hour)
    words = ada_browses.get("/").content.decode()
    assert ("Now." in words, "Later." in words, "Over." in words) == (True, False, False)


def test_a_group_alone_may_be_meant(ada_browses: Client, bob_browses: Client, ada: User) -> None:
    group = Group.objects.create(name="Editors")
    ada.groups.add(group)
    announcement = announce(group=group)
    assert shows(ada_browses)
    assert not shows(bob_browses)
    stranger = dismiss(bob_browses, announcement)
    nothing = bob_browses.post("/announcements/4711/dismiss/")
    assert stranger.status_code == nothing.status_code == 404
    assert not Dismissal.objects.exists()
    group.delete()
    assert not Announcement.objects.exists(), "for everybody it was not meant"


def test_one_that_is_marked_stands_before_log_in(ada_browses: Client) -> None:
    announce(shown_at_log_in=True)
    page = Client().get(LOG_IN).content.decode()
    assert "Down at noon." in page
    assert "/dismiss/" not in page
    assert shows(ada_browses)


def test_what_presses_stands_first(ada_browses: Client) -> None:
    announce("Quiet.", level=Announcement.Level.INFORMATION)
    announce("Pressing.", level=Announcement.Level.URGENT)
    words = ada_browses.get("/").content.decode()
    assert words.index("Pressing.") < words.index("Quiet.")
    assert "announcement--urgent" in words


def test_text_is_text(ada_browses: Client) -> None:
    announce("<script>alert(1)</script>\nSee https://example.com/a?b=1&c=2")
    words = ada_browses.get("/").content.decode()
    assert "&lt;script&gt;alert(1)" in words
    assert "<br>See" in words
    assert 'href="https://example.com/a?b=1&amp;c=2"' in words


def test_an_administrator_writes_it_and_sees_who_read_it(
    carol_browses: Client, ada_browses: Client
) -> None:
    form = {
        "text": "Down at noon.",
        "level": "1",
        "starts_at_0": "2026-01-01",
        "starts_at_1": "08:00",
        "ends_at_0": "",
        "ends_at_1": "",
        "group": "",
    }
    assert carol_browses.post(f"{ADMIN}add/", form).status_code == 302
    assert shows(ada_browses)
    dismiss(ada_browses, Announcement.objects.get())
    row = carol_browses.get(ADMIN).content.decode()
    assert 'class="field-read_by">1<' in row
    early = carol_browses.post(
        f"{ADMIN}add/", {**form, "ends_at_0": "2025-01-01", "ends_at_1": "08:00"}
    )
    assert "It ends before it begins." in early.content.decode()
    group = Group.objects.create(name="Editors")
    both = carol_browses.post(f"{ADMIN}add/", {**form, "group": group.pk, "shown_at_log_in": "on"})
    assert "choose one or the other" in both.content.decode()
    long = carol_browses.post(f"{ADMIN}add/", {**form, "text": "x" * 2001})
    assert "at most 2000 characters" in long.content.decode()


def test_nobody_dismisses_without_a_log_in(db: None) -> None:
    answer = dismiss(Client(), announce())
    assert answer.status_code == 302
    assert answer.url.startswith(LOG_IN)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.create(username="x"))
    assert dismiss(strict, announce()).status_code == 403
    assert not Dismissal.objects.exists()
