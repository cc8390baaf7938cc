"""Deleting one's own account: said beforehand, waited for, taken back by a button, and then all of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import AuditRecord, ProfilePicture, SiteSettings, User
from accounts.pictures import change_picture
from conversations.access import visitor_of
from conversations.generation.household import keep_house
from conversations.models import Conversation, Draft, Generation, Message, PromptTemplate
from tests.people import PASSWORD
from upstream.models import Credential, Provider, UsageRecord

PAGE = "/profile/delete/"
WAITING = timedelta(days=7)


@pytest.fixture
def full(ada: User, bob: User) -> User:
    """Ada, with something of everything that is kept for a member; and Bob beside her."""
    for owner in (ada, bob):
        conversation = Conversation.objects.create(owner=owner, title="A plan")
        question = Message.objects.create(conversation=conversation, role="user", text="Hm?")
        answer = Message.objects.create(
            conversation=conversation, parent=question, role="assistant", text="Yes."
        )
        Generation.objects.create(conversation=conversation, message=answer, status="completed")
        conversation.current_leaf = answer
        conversation.save()
        Draft.objects.create(owner=owner, conversation=conversation, text="And then")
        PromptTemplate.objects.create(owner=owner, title="T", text="T")
        change_picture(owner, b"picture")
    return ada


def ask(browser: Client, proof: str = PASSWORD) -> Any:
    return browser.post(PAGE, {"proof": proof}, follow=True)


def wait(person: User, days: int = 7) -> None:
    """Time passes, and the engine keeps house."""
    due = timezone.now() + WAITING - timedelta(days=days, seconds=5)
    User.objects.filter(pk=person.pk).update(deletion_due_at=due)
    keep_house(set())


def log_in(name: str = "ada") -> Client:
    browser = Client()
    browser.post("/accounts/login/", {"login": name, "password": PASSWORD})
    return browser


def test_it_says_what_goes_and_when(ada_browses: Client, full: User) -> None:
    words = ada_browses.get(PAGE).content.decode()
    for said in ("1 conversation", "2 messages", "1 prompt template", "in 7 days", "who did what"):
        assert said in words
    SiteSettings(deletion_days=30).save()
    assert "in 30 days" in ada_browses.get(PAGE).content.decode()


@pytest.mark.parametrize("proof", ["", "wrong", "ada"])
def test_without_the_password_nothing_happens(ada_browses: Client, ada: User, proof: str) -> None:
    refused = ask(ada_browses, proof)
    assert refused.status_code == 422
    assert "id_proof_error" in refused.content.decode()
    ada.refresh_from_db()
    assert ada.deletion_due_at is None
    assert PASSWORD not in refused.content.decode()


def test_the_password_cannot_be_tried_for_ever(ada_browses: Client, ada: User) -> None:
    for number in range(10):
        assert ask(ada_browses, f"wrong-{number}").status_code == 422
    assert "Too many wrong tries." in ask(ada_browses).content.decode()
    ada.refresh_from_db()
    assert ada.deletion_due_at is None


def test_who_has_no_password_types_the_username(ada: User) -> None:
    ada.set_unusable_password()
    ada.save()
    browser = Client()
    browser.force_login(ada)
    assert "Type your username, ada, to confirm" in browser.get(PAGE).content.decode()
    assert ask(browser, "bob").status_code == 422
    ask(browser, "ada")
    ada.refresh_from_db()
    assert ada.deletion_due_at is not None


def test_who_cannot_come_back_is_told_so_before_and_after(db: None) -> None:
    """They joined by an access code: the session that ends was the only way in."""
    eve = User.objects.create_user("eve", joined_by=User.JoinedBy.ACCESS_CODE)
    eve_browses = Client()
    eve_browses.force_login(eve)
    page = eve_browses.get(PAGE).content.decode()
    assert "choose a password first" in page
    assert "Until then an administrator can let you in." in ask(eve_browses, "eve").content.decode()
    SocialAccount.objects.create(user=eve, provider="team", uid="eve")
    assert not User.objects.get(username="eve").comes_back_by_nothing


def test_asking_logs_out_everywhere_and_tells_until_when(
    ada_browses: Client, ada: User, full: User
) -> None:
    elsewhere = Client()
    elsewhere.force_login(ada)
    session = elsewhere.session.session_key
    page = ask(ada_browses)
    assert page.redirect_chain == [("/accounts/login/", 302)]
    assert "your account will be deleted. Until then you can log in" in page.content.decode()
    assert elsewhere.get("/").status_code == 302
    assert visitor_of(session or "") is None
    ada.refresh_from_db()
    assert ada.deletion_due_at is not None
    waiting = ada.deletion_due_at - timezone.now()
    assert WAITING - timedelta(minutes=1) < waiting <= WAITING
    assert ada.is_active
    assert Conversation.objects.filter(owner=ada).exists()


@pytest.mark.parametrize("path", ["/", "/settings/", "/profile/"])
def test_within_that_time_it_is_taken_back_by_one_button(
    ada_browses: Client, ada: User, full: User, path: str
) -> None:
    ask(ada_browses)
    wait(ada, days=6)
    again = log_in()
    words = again.get(path).content.decode()
    assert "your account will be deleted." in words
    assert 'action="/profile/keep/"' in words
    kept = again.post("/profile/keep/", {"next": path}, follow=True)
    assert kept.redirect_chain == [(path, 302)]
    words = kept.content.decode()
    assert "Your account stays" in words
    assert "will be deleted" not in words
    wait_in_vain = timezone.now() + timedelta(days=400)
    assert not User.objects.filter(deletion_due_at__lt=wait_in_vain).exists()
    keep_house(set())
    assert Conversation.objects.filter(owner=ada).exists()


def test_then_everything_goes_and_what_was_done_stays_by_name(
    ada_browses: Client, ada: User, bob: User, full: User
) -> None:
    ask(ada_browses)
    wait(ada)
    assert not User.objects.filter(pk=ada.pk).exists()
    assert list(Conversation.objects.values_list("owner", flat=True)) == [bob.pk]
    assert Message.objects.count() == 2
    assert Generation.objects.count() == 1
    assert Draft.objects.count() == 1
    assert PromptTemplate.objects.count() == 1
    assert ProfilePicture.objects.count() == 1
    kept = AuditRecord.objects.filter(actor_name="ada")
    assert set(kept.values_list("action", flat=True)) >= {"deletion_asked_for", "account_deleted"}
    assert set(kept.values_list("actor", flat=True)) == {None}
    assert log_in().get("/").status_code == 302


def test_what_was_used_stays_counted(ada: User, full: User) -> None:
    UsageRecord.objects.create(
        member=ada, generation="00000000-0000-0000-0000-000000000001", outcome="completed"
    )
    wait(ada)
    assert UsageRecord.objects.get().member is None


def test_an_answer_that_is_being_written_ends(ada: User) -> None:
    conversation = Conversation.objects.create(owner=ada, title="A plan")
    answer = Message.objects.create(conversation=conversation, role="assistant")
    Generation.objects.create(conversation=conversation, message=answer, status="streaming")
    wait(ada)
    assert not Generation.objects.exists()
    assert not User.objects.filter(pk=ada.pk).exists()


def test_what_an_upstream_keeps_is_deleted_there_first(ada: User) -> None:
    provider = Provider.objects.create(title="Gateway", base_url="http://127.0.0.1:9/v1")
    credential = Credential.objects.create(provider=provider, secret="s")
    conversation = Conversation.objects.create(
        owner=ada, title="A plan", upstream_conversation_id="there", credential=credential
    )
    Message.objects.create(conversation=conversation, role="user", text="Hm?")
    wait(ada)
    person = User.objects.get(pk=ada.pk)
    assert not person.is_active, "nobody logs in any more"
    trace = Conversation.objects.get()
    assert (trace.title, trace.messages.count()) == ("", 0)
    assert trace.deleted_at is not None, "the engine deletes it upstream (farewell.py)"
    Conversation.objects.all().delete()  # as it does when that is done
    keep_house(set())
    assert not User.objects.filter(pk=ada.pk).exists()


def test_an_upstream_that_does_not_answer_is_not_waited_for_for_ever(ada: User) -> None:
    provider = Provider.objects.create(title="Gateway", base_url="http://127.0.0.1:9/v1")
    credential = Credential.objects.create(provider=provider, secret="s")
    Conversation.objects.create(
        owner=ada, title="A plan", upstream_conversation_id="there", credential=credential
    )
    wait(ada, days=11)
    assert not User.objects.filter(pk=ada.pk).exists()


def test_the_last_superuser_stays(carol_browses: Client, carol: User, ada: User) -> None:
    refused = ask(carol_browses)
    assert refused.status_code == 422
    assert "Nobody else could administer the portal." in refused.content.decode()
    User.objects.filter(pk=ada.pk).update(is_superuser=True, is_staff=True)
    assert ask(carol_browses).redirect_chain == [("/accounts/login/", 302)]
    User.objects.filter(pk=ada.pk).update(is_superuser=False)
    wait(carol)
    carol.refresh_from_db()
    assert carol.is_active, "who would have administered has left meanwhile"


def test_at_once_where_the_portal_waits_for_nothing(ada_browses: Client, ada: User) -> None:
    SiteSettings(deletion_days=0).save()
    assert "deleted for ever at once" in ada_browses.get(PAGE).content.decode()
    ask(ada_browses)
    keep_house(set())
    assert not User.objects.filter(pk=ada.pk).exists()


def test_too_late_is_too_late(ada: User, full: User) -> None:
    browser = Client()
    browser.force_login(ada)
    User.objects.filter(pk=ada.pk).update(is_active=False, deletion_due_at=timezone.now())
    assert browser.post("/profile/keep/").status_code == 302
    ada.refresh_from_db()
    assert ada.deletion_due_at is not None


def test_keeping_what_was_not_to_go_is_nothing(ada_browses: Client) -> None:
    assert ada_browses.post("/profile/keep/", {"next": "//evil.example"}).url == "/"
    assert not AuditRecord.objects.filter(action="deletion_taken_back").exists()


@pytest.mark.parametrize("path", [PAGE, "/profile/keep/"])
def test_it_asks_for_the_csrf_token_and_a_log_in(ada: User, path: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    assert strict.post(path, {"proof": PASSWORD}).status_code == 403
    assert Client().post(path).status_code == 302
    ada.refresh_from_db()
    assert ada.deletion_due_at is None


def test_no_session_of_theirs_opens_anything(ada_browses: Client, ada: User) -> None:
    ask(ada_browses)
    for session in Session.objects.all():
        assert visitor_of(session.session_key) is None
