"""Members in the admin: found, changed one by one or many at once, and never above who changes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone

from accounts.models import AuditRecord, User
from accounts.presence import note_seen
from conversations.access import visitor_of
from conversations.models import Conversation, Draft, Generation, Message, PromptTemplate
from tests.people import PASSWORD

LIST = "/admin/accounts/user/"
EVERY_SCRIPT = ["Ада", "阿达", "أدا", "अदा", "Ada-Ángström", "에이다", "🦉owl"]


@pytest.fixture
def group(db: None) -> Group:
    return Group.objects.create(name="Editors")


@pytest.fixture
def dora(db: None) -> User:
    """She administers members, and is no superuser."""
    dora = User.objects.create_user("dora", "", PASSWORD, is_staff=True)
    codenames = [f"{verb}_user" for verb in ("add", "change", "delete", "view")]
    dora.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return dora


@pytest.fixture
def dora_browses(dora: User) -> Client:
    client = Client()
    client.force_login(dora)
    return client


def page_of(person: User) -> str:
    return f"{LIST}{person.pk}/change/"


def act(browser: Client, action: str, *people: User, **form: Any) -> Any:
    chosen = [person.pk for person in people]
    return browser.post(LIST, {"action": action, "_selected_action": chosen, **form}, follow=True)


def do(browser: Client, action: str, *people: User, **form: Any) -> str:
    """The question, and yes."""
    asked = act(browser, action, *people)
    assert 'name="confirmed"' in asked.content.decode()
    words: str = act(browser, action, *people, confirmed="1", **form).content.decode()
    return words


def undo(browser: Client, words: str) -> str:
    found = re.search(r'action="(/admin/accounts/user/undo/[^"]+)"', words)
    assert found, "no way back is offered"
    return browser.post(found[1].replace("&amp;", "&"), follow=True).content.decode()


def submit(browser: Client, person: User, **changes: Any) -> Any:
    form = browser.get(page_of(person)).context["adminform"].form
    kept = {name: form[name].value() for name in form.fields if name != "password"}
    sent = {**kept, **changes}
    return browser.post(
        page_of(person),
        {name: value for name, value in sent.items() if value not in (None, False)},
    )


class TestFinding:
    @pytest.mark.parametrize("words", ["ada", "ADA@", "Lovelace", "Ada Love"])
    def test_by_name_username_and_address(
        self, carol_browses: Client, ada: User, bob: User, words: str
    ) -> None:
        User.objects.filter(pk=ada.pk).update(last_name="Lovelace")
        found = carol_browses.get(LIST, {"q": words}).context["cl"].queryset
        assert list(found) == [ada]

    @pytest.mark.parametrize("name", EVERY_SCRIPT)
    def test_in_every_script(self, carol_browses: Client, name: str) -> None:
        person = User.objects.create(username="x", first_name=name)
        assert list(carol_browses.get(LIST, {"q": name}).context["cl"].queryset) == [person]

    def test_by_what_they_are(
        self, carol_browses: Client, carol: User, ada: User, bob: User, group: Group
    ) -> None:
        ada.groups.add(group)
        User.objects.filter(pk=bob.pk).update(is_active=False, awaits_approval=True)
        for query, people in {
            "is_active__exact=0": [bob],
            "awaits_approval__exact=1": [bob],
            "is_staff__exact=1": [carol],
            f"groups__id__exact={group.pk}": [ada],
        }.items():
            assert list(carol_browses.get(f"{LIST}?{query}").context["cl"].queryset) == people

    def test_the_list_shows_groups_and_when_they_were_last_seen(
        self, carol_browses: Client, ada: User, group: Group
    ) -> None:
        ada.groups.add(group)
        note_seen([ada.pk])
        words = carol_browses.get(LIST).content.decode()
        assert "Editors" in words
        assert 'class="field-seen"' in words

    def test_the_list_costs_the_same_for_many(
        self, carol_browses: Client, group: Group, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(50):
            User.objects.create(username=f"person-{number}").groups.add(group)
        carol_browses.get(LIST)
        with django_assert_max_num_queries(14):
            carol_browses.get(LIST)


class TestNames:
    @pytest.mark.parametrize("name", EVERY_SCRIPT)
    def test_a_name_in_any_script_is_taken(
        self, carol_browses: Client, ada: User, name: str
    ) -> None:
        assert submit(carol_browses, ada, first_name=name).status_code == 302
        ada.refresh_from_db()
        assert ada.first_name == name

    @pytest.mark.parametrize("name", ["Ада", "阿达", "أدا", "에이다", "Ada-Ángström"])
    def test_and_so_is_a_username_of_letters(
        self, carol_browses: Client, ada: User, name: str
    ) -> None:
        assert submit(carol_browses, ada, username=name).status_code == 302
        ada.refresh_from_db()
        assert ada.username == name

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("username", "x" * 1000, "at most 150 characters (it has 1000)"),
            ("first_name", "名" * 1000, "at most 150 characters (it has 1000)"),
            ("email", f"{'x' * 1000}@example.com", "at most 254 characters"),
            ("username", "🦉", "Enter a valid username"),
            ("username", "a b", "Enter a valid username"),
            ("username", "bob", "Somebody has this username already."),
            ("first_name", "a\0b", "Null characters are not allowed."),
        ],
    )
    def test_one_that_cannot_be_is_told(
        self, carol_browses: Client, ada: User, bob: User, field: str, value: str, sentence: str
    ) -> None:
        refused = submit(carol_browses, ada, **{field: value})
        assert refused.status_code == 200
        assert sentence in refused.content.decode()
        ada.refresh_from_db()
        assert ada.username == "ada"

    def test_a_new_member_with_such_a_name_is_told_too(self, carol_browses: Client) -> None:
        form = {"username": "x" * 1000, "usable_password": "false"}
        assert "at most 150 characters" in carol_browses.post(f"{LIST}add/", form).content.decode()


class TestManyAtOnce:
    def test_deactivating_logs_out_and_can_be_undone(
        self, carol_browses: Client, ada: User, bob: User, ada_browses: Client
    ) -> None:
        asked = act(carol_browses, "deactivate", ada, bob).content.decode()
        assert "Deactivate 2 members?" in asked
        assert "(<bdi>bob</bdi>)" in asked
        assert User.objects.filter(is_active=True).count() == 3, "nothing before the yes"
        words = do(carol_browses, "deactivate", ada, bob)
        assert "2 members were deactivated." in words
        assert ada_browses.get("/").status_code == 302
        ada.refresh_from_db()
        assert (ada.is_active, ada.access_version) == (False, 1)
        assert "2 members were activated." in undo(carol_browses, words)
        ada.refresh_from_db()
        assert ada.is_active

    def test_undo_gives_back_those_alone_who_were_changed(
        self, carol_browses: Client, ada: User, bob: User
    ) -> None:
        User.objects.filter(pk=bob.pk).update(is_active=False)
        words = do(carol_browses, "deactivate", ada, bob)
        assert "1 member was deactivated." in words
        undo(carol_browses, words)
        bob.refresh_from_db()
        assert not bob.is_active

    def test_approving_lets_in(self, carol_browses: Client, ada: User, bob: User) -> None:
        User.objects.filter(pk=ada.pk).update(is_active=False, awaits_approval=True)
        words = do(carol_browses, "approve", ada, bob)
        assert "1 member was approved." in words
        ada.refresh_from_db()
        assert (ada.is_active, ada.awaits_approval) == (True, False)
        undo(carol_browses, words)
        ada.refresh_from_db()
        assert (ada.is_active, ada.awaits_approval) == (False, True)

    def test_groups_are_joined_and_left(
        self, carol_browses: Client, ada: User, bob: User, group: Group
    ) -> None:
        bob.groups.add(group)
        words = do(carol_browses, "add_to_group", ada, bob, group=group.pk)
        assert "1 member was added to “Editors”." in words
        assert set(group.user_set.all()) == {ada, bob}
        undo(carol_browses, words)
        assert set(group.user_set.all()) == {bob}
        words = do(carol_browses, "remove_from_group", ada, bob, group=group.pk)
        assert "1 member was removed from “Editors”." in words
        bob.refresh_from_db()
        assert bob.access_version == 2, "sockets look again"
        undo(carol_browses, words)
        assert set(group.user_set.all()) == {bob}
        assert not ada.groups.exists()

    def test_a_group_has_to_be_named(self, carol_browses: Client, ada: User, group: Group) -> None:
        words = act(carol_browses, "add_to_group", ada, confirmed="1").content.decode()
        assert "This field is required." in words
        assert not ada.groups.exists()

    def test_a_new_password_is_asked_for(
        self, carol_browses: Client, ada: User, ada_browses: Client
    ) -> None:
        session = ada_browses.session.session_key
        assert visitor_of(session)
        do(carol_browses, "require_new_password", ada)
        assert ada_browses.get("/").url == "/accounts/password/change/"
        assert visitor_of(session) is None, "no socket either"

    def test_logging_out_everywhere_ends_every_session_and_no_password(
        self, carol_browses: Client, ada: User, bob_browses: Client
    ) -> None:
        browsers = [Client(), Client()]
        for browser in browsers:
            browser.force_login(ada)
        keys = [browser.session.session_key for browser in browsers]
        assert "1 member was logged out everywhere." in do(carol_browses, "log_out_everywhere", ada)
        for browser, key in zip(browsers, keys, strict=True):
            assert visitor_of(key) is None
            assert browser.get("/").status_code == 302
        assert bob_browses.get("/").status_code == 200
        again = Client()
        form = {"login": "ada", "password": PASSWORD}
        assert again.post("/accounts/login/", form).status_code == 302
        assert again.get("/").status_code == 200
        assert again.get("/").status_code == 200, "and stays logged in"

    def test_all_that_a_search_found(self, carol_browses: Client) -> None:
        """More than a page of them, whose ids are not sent one by one."""
        people = [User(username=f"guest-{number}") for number in range(1100)]
        User.objects.bulk_create(people)
        first = User.objects.get(username="guest-0")
        form = {"action": "deactivate", "select_across": "1", "_selected_action": first.pk}
        asked = carol_browses.post(f"{LIST}?q=guest", form).content.decode()
        assert "Deactivate 1100 members?" in asked
        assert "and 1080 more" in asked
        told = carol_browses.post(f"{LIST}?q=guest", {**form, "confirmed": "1"}, follow=True)
        assert "1100 members were deactivated." in told.content.decode()
        assert User.objects.filter(is_active=True).count() == 1
        assert "1100 members were activated." in undo(carol_browses, told.content.decode())

    def test_nobody_deactivates_themselves(self, carol_browses: Client, carol: User) -> None:
        words = act(carol_browses, "deactivate", carol).content.decode()
        assert "Nobody among them can be changed by you." in words

    def test_undo_is_for_who_did_it_and_cannot_be_made_up(
        self, carol_browses: Client, dora_browses: Client, bob: User
    ) -> None:
        words = do(carol_browses, "deactivate", bob)
        found = re.search(r'action="(/admin/accounts/user/undo/[^"]+)"', words)
        assert found
        assert dora_browses.post(found[1]).status_code == 404
        assert carol_browses.post(found[1][:-3]).status_code == 404
        assert carol_browses.post(f"{LIST}undo/").status_code == 404
        assert carol_browses.get(found[1]).status_code == 405
        bob.refresh_from_db()
        assert not bob.is_active

    def test_a_member_reaches_none_of_it(self, ada_browses: Client, bob: User) -> None:
        assert ada_browses.post(LIST, {"action": "deactivate"}).status_code == 302
        assert ada_browses.post(f"{LIST}undo/?what=x").status_code == 302


class TestNoWayUp:
    """An administrator of members who is no superuser stays where she is."""

    def test_not_for_herself(self, dora_browses: Client, dora: User) -> None:
        before = dora.password
        everything = {"is_superuser": "on", "is_staff": "on", "username": "dora", "password": "x"}
        assert dora_browses.post(page_of(dora), everything).status_code == 403
        password = {"password1": "new-and-long-1", "password2": "new-and-long-1"}
        answer = dora_browses.post(f"{LIST}{dora.pk}/password/", password)
        assert answer.status_code == 403
        dora.refresh_from_db()
        assert (dora.is_superuser, dora.password) == (False, before)

    def test_not_by_another_administrator(
        self, dora_browses: Client, carol: User, dora: User
    ) -> None:
        other = User.objects.create_user("emil", "", PASSWORD, is_staff=True)
        for person in (carol, other):
            before = person.password
            assert dora_browses.get(page_of(person)).status_code == 200, "she may look"
            form = {"username": "x", "email": "dora@example.com"}
            assert dora_browses.post(page_of(person), form).status_code == 403
            password = {"password1": "new-and-long-1", "password2": "new-and-long-1"}
            address = f"{LIST}{person.pk}/password/"
            assert dora_browses.post(address, password).status_code == 403
            deletion = f"{LIST}{person.pk}/delete/"
            assert dora_browses.post(deletion, {"post": "yes"}).status_code == 403
            person.refresh_from_db()
            assert person.password == before

    @pytest.mark.parametrize("action", ["deactivate", "require_new_password", "log_out_everywhere"])
    def test_not_by_many_at_once(
        self, dora_browses: Client, carol: User, ada: User, action: str
    ) -> None:
        assert "1 member" in act(dora_browses, action, carol, ada).content.decode()
        do(dora_browses, action, carol, ada)
        carol.refresh_from_db()
        assert (carol.is_active, carol.must_change_password, carol.session_epoch) == (
            True,
            False,
            0,
        )

    def test_not_by_deleting_many(self, dora_browses: Client, carol: User, ada: User) -> None:
        User.objects.create_superuser("emil", "", PASSWORD)  # so that Carol is not the last
        assert act(dora_browses, "delete_selected", carol, ada, post="yes").status_code == 403
        assert User.objects.filter(pk__in=(carol.pk, ada.pk)).count() == 2

    @pytest.mark.parametrize("field", ["is_staff", "is_superuser", "user_permissions"])
    def test_not_by_making_a_member_one(self, dora_browses: Client, ada: User, field: str) -> None:
        permission = Permission.objects.get(codename="change_credential")
        value = [permission.pk] if field == "user_permissions" else "on"
        answer = submit(dora_browses, ada, first_name="Countess", **{field: value})
        assert answer.status_code == 302
        ada.refresh_from_db()
        assert ada.first_name == "Countess", "what she may do, she does"
        assert not (ada.is_staff or ada.is_superuser or ada.user_permissions.exists())

    def test_not_by_creating_one(self, dora_browses: Client) -> None:
        form = {
            "username": "new",
            "usable_password": "true",
            "password1": "new-and-long-1",
            "password2": "new-and-long-1",
            "is_staff": "on",
            "is_superuser": "on",
        }
        assert dora_browses.post(f"{LIST}add/", form).status_code == 302
        made = User.objects.get(username="new")
        assert (made.is_staff, made.is_superuser) == (False, False)

    def test_a_superuser_manages_administrators(self, carol_browses: Client, dora: User) -> None:
        assert submit(carol_browses, dora, is_superuser="on").status_code == 302
        dora.refresh_from_db()
        assert dora.is_superuser

    @pytest.mark.parametrize("field", ["is_active", "is_staff", "is_superuser"])
    def test_the_last_superuser_stays_one(
        self, carol_browses: Client, carol: User, field: str
    ) -> None:
        words = submit(carol_browses, carol, **{field: False}).content.decode()
        assert "Nobody else could administer the portal." in words
        carol.refresh_from_db()
        assert carol.is_active and carol.is_staff and carol.is_superuser


class TestDeleting:
    @pytest.fixture
    def full(self, ada: User) -> User:
        """Ada, with something of everything that is kept for a member."""
        for number in range(2):
            conversation = Conversation.objects.create(owner=ada, title=f"Secret plan {number}")
            message = Message.objects.create(conversation=conversation, role="user", text="Secret?")
            answer = Message.objects.create(
                conversation=conversation, parent=message, role="assistant", text="Secret!"
            )
            Generation.objects.create(conversation=conversation, message=answer, status="completed")
            conversation.current_leaf = answer
            conversation.save()
            Draft.objects.create(owner=ada, conversation=conversation, text="Secret draft")
        PromptTemplate.objects.create(owner=ada, title="Secret template", text="Secret")
        AuditRecord.objects.create(action="log_in", actor=ada, actor_name="ada")
        return ada

    def test_the_page_says_how_much_goes_and_not_what(
        self, carol_browses: Client, full: User
    ) -> None:
        for words in (
            carol_browses.get(f"{LIST}{full.pk}/delete/").content.decode(),
            act(carol_browses, "delete_selected", full).content.decode(),
        ):
            assert "2 conversations" in words
            assert "4 messages" in words
            assert "1 prompt template" in words
            assert "who did what" in words
            assert "Secret" not in words

    @pytest.mark.parametrize("many", [True, False])
    def test_all_of_it_goes_and_the_record_stays(
        self, carol_browses: Client, full: User, bob: User, many: bool
    ) -> None:
        kept = Conversation.objects.create(owner=bob, title="Bob's")
        if many:
            act(carol_browses, "delete_selected", full, post="yes")
        else:
            carol_browses.post(f"{LIST}{full.pk}/delete/", {"post": "yes"})
        assert not User.objects.filter(pk=full.pk).exists()
        assert list(Conversation.objects.all()) == [kept]
        assert not Message.objects.exists()
        assert not PromptTemplate.objects.exists()
        assert not Draft.objects.exists()
        assert AuditRecord.objects.filter(action="log_in", actor=None, actor_name="ada").exists()

    def test_the_last_superuser_cannot_be_deleted(
        self, carol_browses: Client, carol: User, ada: User
    ) -> None:
        assert carol_browses.post(f"{LIST}{carol.pk}/delete/", {"post": "yes"}).status_code == 403
        act(carol_browses, "delete_selected", carol, ada, post="yes")
        assert User.objects.filter(pk__in=(carol.pk, ada.pk)).count() == 2


def test_no_page_of_the_admin_shows_what_members_say(
    carol_browses: Client, carol: User, ada: User, every_admin_page: Callable[[], list[str]]
) -> None:
    ada.first_name = "Ada"
    ada.save()
    conversation = Conversation.objects.create(
        owner=ada, title="CANARY title", system_prompt="CANARY prompt"
    )
    question = Message.objects.create(conversation=conversation, role="user", text="CANARY said")
    answer = Message.objects.create(
        conversation=conversation, parent=question, role="assistant", text="CANARY answered"
    )
    Generation.objects.create(
        conversation=conversation, message=answer, status="failed", error_detail="CANARY"
    )
    Draft.objects.create(owner=ada, conversation=conversation, text="CANARY draft")
    own = PromptTemplate.objects.create(owner=ada, title="CANARY template", text="CANARY")
    PromptTemplate.objects.create(owner=None, title="Shared", text="For all")
    pages = every_admin_page()
    assert len(pages) > 25
    pages = [page for page in pages if not page.endswith("/export/")]  # rows of AuditRecord, below
    for page in [*pages, f"/admin/conversations/prompttemplate/{own.pk}/change/"]:
        answer_to_it = carol_browses.get(page, follow=True)
        assert answer_to_it.status_code in {200, 403, 404, 405}, page
        shown = _read(answer_to_it)
        assert b"CANARY" not in shown, page
    assert "CANARY" not in str(list(AuditRecord.objects.values_list()))


def _read(answer: Any) -> bytes:
    """Also what is sent as it is read."""

    async def read() -> bytes:
        return b"".join([part async for part in answer])

    return async_to_sync(read)() if answer.streaming and answer.is_async else b"".join(answer)


@pytest.fixture
def every_admin_page(db: None, carol: User) -> Callable[[], list[str]]:
    """Lists, and for one object of each model its pages, made from what is registered."""
    from django.contrib import admin
    from django.urls import NoReverseMatch, reverse

    def pages() -> list[str]:
        found = ["/admin/"]
        for model, model_admin in admin.site._registry.items():
            label = f"{model._meta.app_label}_{model._meta.model_name}"
            for pattern in model_admin.get_urls():
                name = pattern.name
                if not name:
                    continue
                row = model._default_manager.order_by("pk").first()
                for args in ([], [row.pk if row else 1]):
                    try:
                        found.append(reverse(f"admin:{name}", args=args))
                    except NoReverseMatch:
                        continue
            found.append(f"{reverse(f'admin:{label}_changelist')}?q=CANAR")
        return found

    return pages


def test_a_seen_moment_is_no_change_of_access(ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(last_seen_at=timezone.now())
    ada.refresh_from_db()
    assert ada.access_version == 0
