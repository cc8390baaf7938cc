"""Who may open an account of their own, by which door, and what is said to those who may not."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.joining import DoorClosed, free_username, join_by_code, join_by_invitation
from accounts.joining_forms import AccountForm
from accounts.membership import approve
from accounts.models import AccessCode, AuditRecord, Invitation, SiteSettings, User
from accounts.models.access_code import code_digest
from tests.people import PASSWORD

SignUp = SiteSettings.SignUp
CODE = "four green bottles"
NEWCOMER = {"username": "dora", "email": "", "password": "a long sentence of hers"}


def sign_up_is(mode: str, **more: Any) -> None:
    site = SiteSettings.current()
    site.sign_up = mode
    for name, value in more.items():
        setattr(site, name, value)
    site.save()


def invitation(**fields: Any) -> tuple[Invitation, str]:
    made = Invitation(title="for Dora", **fields)
    token = made.take_token()
    made.save()
    return made, reverse("accounts:invitation", args=[token])


def access_code(code: str = CODE, **fields: Any) -> AccessCode:
    return AccessCode.objects.create(title="the office", digest=code_digest(code), **fields)


# --- Closed ----------------------------------------------------------------------------------------------------------


def test_nobody_signs_up_unless_the_administrator_opens_a_door(db: None, client: Client) -> None:
    assert client.get("/join/").status_code == 404
    assert client.post("/join/", NEWCOMER).status_code == 404
    assert client.post("/accounts/signup/", {**NEWCOMER, "password1": "x"}).status_code == 302
    assert "Ask your administrator" in client.get("/accounts/login/").content.decode()
    assert not User.objects.exists()


def test_an_invitation_opens_nothing_while_sign_up_is_closed(db: None, client: Client) -> None:
    _made, link = invitation()
    assert client.get(link).status_code == 404
    assert client.post(link, NEWCOMER).status_code == 404
    assert not User.objects.exists()


# --- By invitation ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [mode for mode in SignUp.values if mode != SignUp.CLOSED])
def test_an_invitation_lets_in_once_and_into_its_group(db: None, client: Client, mode: str) -> None:
    sign_up_is(mode, allowed_email_domains="example.com")
    made, link = invitation(group=Group.objects.create(name="Guests"))
    assert client.get(link).status_code == 200
    assert client.post(link, NEWCOMER).status_code == 302
    dora = User.objects.get(username="dora")
    assert client.get("/").status_code == 200
    assert [group.name for group in dora.groups.all()] == ["Guests"]
    assert dora.joined_by == "invitation"
    assert AuditRecord.objects.get(action="joined").object_name == "for Dora"
    assert Client().get(link).status_code == 404
    assert Client().post(link, {**NEWCOMER, "username": "eve"}).status_code == 404
    made.refresh_from_db()
    assert made.uses == 1


@pytest.mark.parametrize("what", ["expired", "revoked", "spent", "never made"])
def test_an_invitation_that_opens_nothing_says_so(db: None, client: Client, what: str) -> None:
    sign_up_is(SignUp.INVITATION)
    made, link = invitation()
    if what == "expired":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif what == "revoked":
        assert made.revoke()
    elif what == "spent":
        Invitation.objects.update(uses=1)
    else:
        link = link.replace("join/", "join/x")
    for answer in (client.get(link), client.post(link, NEWCOMER)):
        assert answer.status_code == 404
        assert "Ask whoever sent it for a new one" in answer.content.decode()
    assert not User.objects.exists()


def test_the_last_place_is_given_to_one_of_two(transactional_db: None) -> None:
    sign_up_is(SignUp.INVITATION)
    made, _link = invitation()
    barrier = threading.Barrier(8)
    came: list[str] = []

    def come(name: str) -> None:
        barrier.wait()
        try:
            came.append(join_by_invitation(made, username=name, password=PASSWORD).username)
        except DoorClosed:
            pass
        finally:
            connections.close_all()

    people = [threading.Thread(target=come, args=[f"person{n}"]) for n in range(8)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert len(came) == 1
    assert list(User.objects.values_list("username", flat=True)) == came


def test_the_token_is_not_in_the_database(db: None) -> None:
    _made, link = invitation()
    token = link.split("/")[-2]
    assert token not in str(list(Invitation.objects.values()))


# --- By access code --------------------------------------------------------------------------------------------------


def test_a_code_and_a_name_are_enough(db: None, client: Client) -> None:
    sign_up_is(SignUp.ACCESS_CODE)
    code = access_code(group=Group.objects.create(name="Office"))
    page = client.get("/join/").content.decode()
    assert "password" in page  # the sentence that says it can come later
    assert 'name="email"' not in page
    assert client.post("/join/", {"code": f" {CODE} ", "name": "张 伟 😀"}).status_code == 302
    wei = User.objects.get()
    assert (wei.first_name, wei.username, str(wei)) == ("张 伟 😀", "张.伟", "张 伟 😀")
    assert not wei.has_usable_password()
    assert client.get("/").status_code == 200
    code.refresh_from_db()
    assert code.uses == 1
    assert CODE not in str(list(AccessCode.objects.values()))
    assert CODE not in repr(code)


def test_the_account_is_completed_later(db: None, client: Client) -> None:
    sign_up_is(SignUp.ACCESS_CODE)
    access_code()
    client.post("/join/", {"code": CODE, "name": "Dora"})
    assert "choose a password" in client.get("/").content.decode()
    page = client.get("/accounts/password/set/").content.decode()
    assert "<strong>dora</strong>" in page
    chosen = {"password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/accounts/password/set/", chosen).status_code == 302
    assert "choose a password" not in client.get("/").content.decode()
    elsewhere = Client()
    logged_in = elsewhere.post("/accounts/login/", {"login": "dora", "password": PASSWORD})
    assert logged_in.status_code == 302
    assert elsewhere.get("/").status_code == 200


def test_several_codes_each_revoked_alone(db: None, client: Client) -> None:
    sign_up_is(SignUp.ACCESS_CODE)
    first, _second = access_code(), access_code("another code")
    assert first.revoke()
    refused = client.post("/join/", {"code": CODE, "name": "Dora"})
    assert refused.status_code == 422
    assert "This code opens nothing" in refused.content.decode()
    assert "Dora" in refused.content.decode()  # what was typed is kept
    assert client.post("/join/", {"code": "another code", "name": "Dora"}).status_code == 302


def test_guessing_codes_is_slow_whatever_the_browser_says_of_itself(db: None) -> None:
    sign_up_is(SignUp.ACCESS_CODE)
    access_code()
    for number in range(10):
        guess = {"code": f"guess number {number}", "name": "Eve"}
        forged = {"X-Forwarded-For": f"10.0.0.{number}", "Host": f"host{number}.example"}
        assert "opens nothing" in Client().post("/join/", guess, headers=forged).content.decode()
    right = Client().post("/join/", {"code": CODE, "name": "Eve"})
    assert "too many tries" in right.content.decode()
    assert not User.objects.exists()


def test_chatgpt_webs_secret_key_becomes_the_first_code(
    db: None, client: Client, settings: Any
) -> None:
    settings.AUTH_SECRET_KEY = CODE
    call_command("bootstrap")
    assert client.post("/join/", {"code": CODE, "name": "Dora"}).status_code == 302
    AccessCode.objects.get().revoke()
    sign_up_is(SignUp.CLOSED)
    call_command("bootstrap")  # a later start: the administration rules
    assert SiteSettings.current().sign_up == SignUp.CLOSED
    assert not AccessCode.objects.open().exists()


def test_several_of_one_name_come_in_at_once(transactional_db: None) -> None:
    sign_up_is(SignUp.ACCESS_CODE)
    code = access_code()
    barrier = threading.Barrier(4)
    failed: list[Exception] = []

    def come() -> None:
        barrier.wait()
        try:
            join_by_code(code, name="Dora")
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    people = [threading.Thread(target=come) for _each in range(4)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert failed == []
    names = set(User.objects.values_list("username", flat=True))
    assert names == {"dora", "dora2", "dora3", "dora4"}
    code.refresh_from_db()
    assert code.uses == 4


def test_names_that_differ_in_capitals_are_one_whoever_writes_them(ada: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("ADA")
    with pytest.raises(ValidationError, match="Somebody has this username already"):
        User(username="Ada", password="x").full_clean()


def test_names_that_are_taken_get_a_number(ada: User) -> None:
    assert free_username("Ada") == "ada2"
    assert free_username("!!!") == "member"
    assert free_username("x" * 150) == "x" * 140


# --- By e-mail address -----------------------------------------------------------------------------------------------


@pytest.fixture
def mail_works(settings: Any) -> None:
    settings.MAIL_BY_ENVIRONMENT = True
    settings.PORTAL_URL = "https://chat.example.com"
    settings.ALLOWED_HOSTS = ["testserver", "chat.example.com"]


@pytest.mark.usefixtures("mail_works")
class TestByEmail:
    DORA = {**NEWCOMER, "email": "Dora@Example.com"}

    @pytest.fixture(autouse=True)
    def _open(self, db: None) -> None:
        sign_up_is(SignUp.EMAIL_DOMAIN, allowed_email_domains="@example.com\n")

    def test_nobody_is_in_before_the_address_is_verified(
        self, client: Client, mailoutbox: list[Any]
    ) -> None:
        assert client.post("/join/", self.DORA).url == "/accounts/confirm-email/"
        assert client.get("/").status_code == 302
        again = Client()
        again.post("/accounts/login/", {"login": "dora", "password": NEWCOMER["password"]})
        assert again.get("/").status_code == 302
        (mail,) = mailoutbox
        assert mail.to == ["dora@example.com"]
        assert mail.subject.startswith("[Chat Portal]")
        link = next(word for word in mail.body.split() if "confirm-email" in word)
        assert link.startswith("https://chat.example.com/")
        path = link.removeprefix("https://chat.example.com")
        assert client.get(path).status_code == 200
        assert client.post(path).status_code == 302
        again.post(
            "/accounts/login/", {"login": "dora@example.com", "password": NEWCOMER["password"]}
        )
        assert again.get("/").status_code == 200

    @pytest.mark.parametrize(
        "address",
        ["dora@evil.example", "dora@sub.example.com", "dora@example.com.evil.example", ""],
    )
    def test_other_addresses_stay_outside(self, client: Client, address: str) -> None:
        refused = client.post("/join/", {**self.DORA, "email": address})
        assert refused.status_code == 422
        assert not User.objects.exists()

    def test_an_address_that_is_taken_is_answered_like_a_new_one(
        self, ada: User, client: Client, mailoutbox: list[Any]
    ) -> None:
        taken = client.post("/join/", {**self.DORA, "email": "ada@example.com"})
        fresh = Client().post("/join/", self.DORA)
        assert (taken.status_code, taken.url) == (fresh.status_code, fresh.url)
        assert not User.objects.filter(username="dora", email="ada@example.com").exists()
        assert {tuple(mail.to) for mail in mailoutbox} == {
            ("ada@example.com",),
            ("dora@example.com",),
        }

    def test_without_a_domain_the_door_is_closed(self, client: Client) -> None:
        sign_up_is(SignUp.EMAIL_DOMAIN, allowed_email_domains=" \n")
        assert client.get("/join/").status_code == 404


# --- With approval ---------------------------------------------------------------------------------------------------


def test_whoever_asks_waits_for_an_administrator(db: None, client: Client) -> None:
    sign_up_is(SignUp.APPROVAL)
    assert client.post("/join/", NEWCOMER).url == "/accounts/inactive/"
    dora = User.objects.get()
    assert (dora.is_active, dora.awaits_approval) == (False, True)
    logging_in = {"login": "dora", "password": NEWCOMER["password"]}
    answer = client.post("/accounts/login/", logging_in, follow=True)
    assert "an administrator looks at it first" in answer.content.decode()
    assert client.get("/").status_code == 302
    dora.is_active, dora.awaits_approval = True, False
    dora.save()
    client.post("/accounts/login/", logging_in)
    assert client.get("/").status_code == 200


@pytest.mark.usefixtures("mail_works")
def test_both_sides_of_an_approval_hear_of_it(
    carol: User,
    client: Client,
    mailoutbox: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    sign_up_is(SignUp.APPROVAL)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/join/", {**NEWCOMER, "email": "dora@example.com"})
    (asked,) = mailoutbox
    assert asked.to == ["carol@example.com"]
    assert "“dora” asks to join" in asked.subject
    assert "https://chat.example.com/admin/accounts/user/?awaits_approval" in asked.body
    with django_capture_on_commit_callbacks(execute=True):
        approve(User.objects.filter(username="dora"))
    assert mailoutbox[1].to == ["dora@example.com"]
    assert "https://chat.example.com/accounts/login/" in mailoutbox[1].body


# --- Bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("username", "ada", "Somebody has this username already"),
        ("username", "ADA", "Somebody has this username already"),
        ("username", "x" * 1000, "at most 150 characters"),
        ("username", "with space", "valid username"),
        ("username", "nul\x00", "Null characters"),
        ("username", "", "required"),
        ("password", "12345", "too short"),
        ("password", "password1", "too common"),
        ("email", "no address", "valid email"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    ada: User, client: Client, field: str, value: str, sentence: str
) -> None:
    sign_up_is(SignUp.APPROVAL)
    answer = client.post("/join/", {**NEWCOMER, field: value})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert User.objects.count() == 1


@pytest.mark.parametrize("username", ["ａｄａ", "ＡＤＡ", "Ada"])
@pytest.mark.parametrize("door", ["/join/", "invitation"])
def test_another_spelling_of_a_members_name_is_that_name(
    ada: User, client: Client, door: str, username: str
) -> None:
    """A second one would keep Ada from logging in by hers, for whoever can sign up."""
    sign_up_is(SignUp.APPROVAL)
    page = door if door == "/join/" else invitation()[1]
    answer = client.post(page, {**NEWCOMER, "username": username})
    assert answer.status_code == 422
    assert "Somebody has this username already." in answer.content.decode()
    assert User.objects.get() == ada


def test_a_name_that_grows_when_it_is_kept_is_too_long(db: None, client: Client) -> None:
    sign_up_is(SignUp.APPROVAL)
    answer = client.post("/join/", {**NEWCOMER, "username": "ﷺ" * 20})
    assert answer.status_code == 422


@pytest.mark.parametrize("door", ["/join/", "invitation"])
def test_a_name_that_is_taken_at_the_last_moment_is_told(
    ada: User, client: Client, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_up_is(SignUp.APPROVAL)
    monkeypatch.setattr(AccountForm, "clean_username", lambda form: form.cleaned_data["username"])
    page = door if door == "/join/" else invitation()[1]
    answer = client.post(page, {**NEWCOMER, "username": "ada"})
    assert answer.status_code == 422
    assert "Somebody has this username already." in answer.content.decode()
    assert not Invitation.objects.filter(uses__gt=0).exists()


@pytest.mark.parametrize("name", ["Анна", "李雷", "محمد", "O'Brien", "x" * 150, "🙂🙂"])
def test_names_in_any_script(db: None, client: Client, name: str) -> None:
    sign_up_is(SignUp.ACCESS_CODE)
    access_code()
    assert client.post("/join/", {"code": CODE, "name": name}).status_code == 302
    assert str(User.objects.get()) == name


def test_a_name_of_a_thousand_characters_is_refused_and_kept(db: None, client: Client) -> None:
    sign_up_is(SignUp.ACCESS_CODE)
    access_code()
    answer = client.post("/join/", {"code": CODE, "name": "n" * 1000})
    assert answer.status_code == 422
    assert "n" * 1000 in answer.content.decode()
