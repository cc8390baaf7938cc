"""The administration's front page: figures of now, what wants attention, and everything where one looks for it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import SiteSettings, User
from accounts.presence import note_seen, online
from conversations.generation import engine
from conversations.generation.household import keep_house
from conversations.models import Conversation, Generation, Message
from tests.portal import Portal, eventually
from upstream.models import Credential, Lease, Provider


def words(browser: Client) -> str:
    """The page without its tags."""
    page = browser.get("/admin/").content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def seen(person: User, **ago: int) -> None:
    User.objects.filter(pk=person.pk).update(last_seen_at=timezone.now() - timedelta(**ago))


def test_who_is_online(carol_browses: Client, carol: User, ada: User, bob: User) -> None:
    seen(ada, minutes=4)
    seen(bob, minutes=6)
    page = words(carol_browses)
    assert "Online 1 of 3 members Ada" in page, "Carol is seen when her first page is made"
    assert "Online 2 of 3 members Carol Ada" in words(carol_browses)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert "Online 1 of 2 members" in words(carol_browses)


def test_somebody_is_seen_by_a_request_at_most_once_a_minute(
    ada_browses: Client, ada: User, django_assert_num_queries: Any
) -> None:
    ada_browses.get("/settings/")
    ada.refresh_from_db()
    first = ada.last_seen_at
    assert first is not None
    ada_browses.get("/settings/")
    ada.refresh_from_db()
    assert ada.last_seen_at == first
    seen(ada, seconds=61)
    ada_browses.get("/settings/")
    ada.refresh_from_db()
    assert ada.last_seen_at is not None
    assert ada.last_seen_at > first
    assert ada.access_version == 0, "no socket is closed for that"


def test_somebody_with_an_open_page_is_here(ada: User, bob: User) -> None:
    keep_house({ada.pk})
    assert list(online()) == [ada]
    seen(ada, minutes=30)
    keep_house({ada.pk})
    assert list(online()) == [ada]


def test_the_engine_keeps_house(
    transactional_db: None, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open page that asks for nothing is seen by the engine that holds its socket."""
    monkeypatch.setattr(engine, "HOUSE_SECONDS", 0.1)
    with Portal() as portal, portal.opened_by(ada).socket() as socket:
        socket.until("welcome")
        User.objects.filter(pk=ada.pk).update(last_seen_at=None)
        eventually(lambda: User.objects.get(pk=ada.pk).last_seen_at)


def test_nobody_is_seen_for_nothing(ada: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        note_seen([])


def test_answers_and_messages_are_counted(carol_browses: Client, ada: User) -> None:
    statuses = ("pending", "pending", "streaming", "stopping", "completed")
    for number, status in enumerate(statuses):
        conversation = Conversation.objects.create(owner=ada, title=f"Secret {number}")
        question = Message.objects.create(conversation=conversation, role="user", text="Secret?")
        answer = Message.objects.create(conversation=conversation, role="assistant")
        Generation.objects.create(conversation=conversation, message=answer, status=status)
        if status == "completed":
            yesterday = timezone.now() - timedelta(days=1, seconds=1)
            Message.objects.filter(pk=question.pk).update(created_at=yesterday)
    page = words(carol_browses)
    assert "Answers 2 being written 2 wait in line" in page
    assert "Messages today 4 asked" in page
    assert "Secret" not in page


def test_the_pool_in_short(carol_browses: Client, ada: User) -> None:
    provider = Provider.objects.create(title="Nowhere", base_url="http://127.0.0.1:9/v1")
    away = Provider.objects.create(
        title="Disabled", base_url="http://127.0.0.1:9/v1", is_enabled=False
    )
    soon = timezone.now() + timedelta(minutes=5)
    for fields in (
        {},
        {},
        {"cooling_until": soon},
        {"state": Credential.State.BLOCKED},
        {"is_enabled": False},
        {"provider": away},
    ):
        Credential.objects.create(**{"provider": provider, "secret": "s", **fields})
    assert "The pool 2 credentials are healthy 1 cooling 1 out" in words(carol_browses)


def test_what_has_to_do_with_people_wants_attention(
    carol_browses: Client, ada: User, bob: User, settings: Any
) -> None:
    assert "Nothing. All is well." in words(carol_browses)
    User.objects.filter(pk=ada.pk).update(awaits_approval=True, is_active=False)
    User.objects.filter(pk=bob.pk).update(deletion_due_at=timezone.now() + timedelta(days=3))
    SiteSettings(sign_up=SiteSettings.SignUp.EMAIL_DOMAIN).save()
    page = words(carol_browses)
    assert "1 person has signed up and waits for your approval." in page
    assert "1 account is to be deleted, as its owner wishes, on" in page
    assert "Sign-up by e-mail address needs mail, and none is set up" in page
    links = re.findall(
        r'class="concern[^>]*><a href="([^"]+)"', carol_browses.get("/admin/").content.decode()
    )
    assert len(links) == 3
    for link in links:
        assert carol_browses.get(link.replace("&amp;", "&"), follow=True).status_code == 200


def test_everything_stands_in_a_section(carol_browses: Client) -> None:
    sections = carol_browses.get("/admin/").context["app_list"]
    assert [section["app_label"] for section in sections] == ["people", "models", "portal"]
    named = {
        section["app_label"]: [model["object_name"] for model in section["models"]]
        for section in sections
    }
    assert named["people"][:2] == ["User", "Group"]
    assert named["models"][:3] == ["Provider", "Credential", "LanguageModel"]
    assert {"SiteSettings", "PromptTemplate"} <= set(named["portal"])
    assert carol_browses.get("/admin/upstream/").status_code == 200, "an app's own page is kept"


def test_what_one_may_not_see_is_in_no_section(ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(is_staff=True)
    browser = Client()
    browser.force_login(User.objects.get(pk=ada.pk))
    answer = browser.get("/admin/")
    assert answer.context["app_list"] == []
    assert "/admin/accounts/user/" not in answer.content.decode()


@pytest.mark.parametrize("people", [1, 30])
def test_the_figures_cost_the_same_whatever_there_is(
    carol_browses: Client, carol: User, people: int, django_assert_max_num_queries: Any
) -> None:
    provider = Provider.objects.create(title="Nowhere", base_url="http://127.0.0.1:9/v1")
    for number in range(people):
        person = User.objects.create(username=f"person-{number}", last_seen_at=timezone.now())
        credential = Credential.objects.create(provider=provider, secret="s")
        Lease.objects.create(
            generation=f"00000000-0000-0000-0000-{number:012}",
            holder="00000000-0000-0000-0000-000000000000",
            member=person,
            credential=credential,
            revision=0,
            expires_at=timezone.now() + timedelta(minutes=1),
        )
    carol_browses.get("/admin/")
    with django_assert_max_num_queries(22):
        carol_browses.get("/admin/")


def test_no_link_leads_where_one_may_not_go(ada: User, ada_browses: Client) -> None:
    User.objects.filter(pk=ada.pk).update(is_staff=True)
    page = ada_browses.get("/admin/").content.decode()
    links = re.findall(r'href="(/admin/[^"]+)"', page)
    assert links
    assert [link for link in links if ada_browses.get(link).status_code == 403] == []
