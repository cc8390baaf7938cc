"""Who gets what where: every route × every role × an own object, somebody else's and none.

The routes are read from the URL configuration: one without a row fails. What a stranger gets of somebody's object is,
but for ids, what anyone gets for an object that does not exist.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import (
    AccessCode,
    Announcement,
    GroupPolicy,
    IdentityProvider,
    Invitation,
    SiteSettings,
    User,
)
from accounts.models.access_code import code_digest
from conversations.models import PromptTemplate
from tests.doors import DOORS, WITHOUT_OBJECT, without_nonce
from tests.people import PASSWORD
from tests.routes import Route, all_routes
from upstream.models import (
    Credential,
    LanguageModel,
    Provider,
    Quota,
    UsageDay,
    UsageRecord,
    Webhook,
)

pytestmark = [pytest.mark.once, pytest.mark.django_db]

# Pages that need no log-in: where one comes in, and what machines ask for.
OPEN = {
    "healthz",
    "readyz",
    "doctor-echo",
    "doctor-drip",
    "manifest",
    "service-worker",
    "offline",
    "set_language",
    "javascript-catalog",
    "account_login",
    "account_logout",
    "account_signup",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_confirm_email",
    "account_email_verification_sent",
    "account_confirm_login_code",
    "accounts:join",
    "accounts:invitation",
    "mfa_authenticate",
    "openid_connect_login",
    "openid_connect_callback",
    "socialaccount_login_cancelled",
    "socialaccount_login_error",
    "socialaccount_signup",
    "admin:login",
    "admin:logout",
}
# Pages about oneself: everybody who is logged in has them, and their content is one's own.
OF_ONESELF = {f"conversations:{name}" for name in WITHOUT_OBJECT} | {
    "account_email",
    "account_change_password",
    "account_set_password",
    "account_reauthenticate",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "usersessions_list",
    "socialaccount_connections",
    "accounts:session-end-others",
    "accounts:profile",
    "accounts:picture-change",
    "accounts:picture-remove",
    "accounts:picture-restore",
    "accounts:account-delete",
    "accounts:account-keep",
    "upstream:usage",
    "upstream:usage-left",
}
# Doors to an object that belongs to somebody.
OWNED = {f"conversations:{name}" for name in DOORS} | {"accounts:session-end", "accounts:picture"}
# Doors to an object that the administrator shows to all.
SHOWN = {"accounts:announcement-dismiss"}
# What any administrator may open, even one who has been given no right at all.
FOR_ANY_STAFF = {
    "admin:index",
    "admin:jsi18n",
    "admin:password_change",
    "admin:password_change_done",
}
NOTHING = {"pk": 10**8, "object_id": str(10**8)}


def routes(names: set[str]) -> list[Route]:
    return [route for route in all_routes() if route.name in names]


def test_every_route_has_a_row() -> None:
    known = OPEN | OF_ONESELF | OWNED | SHOWN
    names = {route.name for route in all_routes() if not route.name.startswith("admin:")}
    assert names - known == set()
    assert known - names - {"admin:login", "admin:logout"} == set()


# --- The people ------------------------------------------------------------------------------------------------------


@pytest.fixture
def dave(db: None) -> User:
    """Administers, and has been given no right."""
    return User.objects.create_user("dave", "dave@example.com", PASSWORD, is_staff=True)


@pytest.fixture
def visit(ada: User, bob: User, carol: User, dave: User) -> Callable[..., Any]:
    """Ask as somebody; whatever it changes is taken back."""
    people = {"owner": ada, "stranger": bob, "administrator": carol, "staff": dave}
    keys = {}
    for role, person in people.items():
        client = Client()
        client.post("/accounts/login/", {"login": person.username, "password": PASSWORD})
        keys[role] = client.cookies[settings.SESSION_COOKIE_NAME].value

    def visit(role: str, method: str, url: str, form: Any = None, **headers: str) -> Any:
        cache.clear()
        client = Client()
        if role != "nobody":
            client.cookies[settings.SESSION_COOKIE_NAME] = keys[role]
        with transaction.atomic():
            answer = getattr(client, method)(url, form or {}, headers=headers)
            if answer.status_code == 405 and method == "get":
                answer = client.post(url, form or {}, headers=headers)
            transaction.set_rollback(True)
        return answer

    return visit


def asks_for_log_in(answer: Any) -> bool:
    return answer.status_code == 302 and answer.url.startswith(
        ("/accounts/login/", "/admin/login/")
    )


ROLES = ("stranger", "owner", "staff", "administrator")


# --- The cells -------------------------------------------------------------------------------------------------------


def test_what_is_open_is_open_to_all(visit: Any) -> None:
    values = {"token": "made-up", "provider_id": "made-up", "uidb36": "1", "key": "made-up"}
    lead_to_log_in = {
        "account_logout",
        "admin:logout",
        "admin:login",
        "mfa_authenticate",
        "socialaccount_signup",
        "socialaccount_login_error",  # never shown: adapters.py answers itself
        "account_confirm_login_code",
    }
    for route in routes(OPEN):
        url = route.url(**values)
        for role in ("nobody", *ROLES):
            answer = visit(role, "get", url)
            assert answer.status_code < 500, (route.name, role)
            not_staff = route.name == "admin:login" and role in {"stranger", "owner"}
            assert (answer.status_code == 403) == not_staff, (route.name, role)
        if not route.parameters and route.name not in lead_to_log_in:
            assert not asks_for_log_in(visit("nobody", "get", url)), route.name


def test_what_is_about_oneself_asks_for_a_log_in_alone(visit: Any) -> None:
    for route in routes(OF_ONESELF):
        url = route.url()
        assert asks_for_log_in(visit("nobody", "get", url)), route.name
        for role in ROLES:
            answer = visit(role, "get", url)
            assert answer.status_code < 500, (route.name, role)
            assert answer.status_code != 403, (route.name, role)
            assert not asks_for_log_in(answer), (route.name, role)


@pytest.mark.parametrize("headers", [{}, {"X-Requested-With": "fetch"}], ids=["page", "script"])
def test_what_is_owned_is_its_owners(
    visit: Any, ids_of_ada: dict[str, Any], headers: dict[str, str]
) -> None:
    by_name = {route.name: route for route in all_routes()}
    for door, (method, which, form) in DOORS.items():
        route = by_name[f"conversations:{door}"]
        key, none = ("digest", "0" * 64) if which == "attachment" else ("pk", uuid.uuid4())
        hers, nothing = route.url(**{key: ids_of_ada[which]}), route.url(**{key: none})
        for url in (hers, nothing):
            answer = visit("nobody", method, url, form, **headers)
            assert answer.status_code == 401 if headers else asks_for_log_in(answer), door
        own = visit("owner", method, hers, form, **headers)
        assert own.status_code not in {403, 404}, door
        told = visit("owner", method, nothing, form, **headers)
        assert told.status_code == 404, door
        for role in ("stranger", "staff", "administrator"):
            answers = [visit(role, method, url, form, **headers) for url in (hers, nothing)]
            assert [answer.status_code for answer in answers] == [404, 404], (door, role)
            assert without_nonce(answers[0]) == without_nonce(answers[1]), (door, role)
            if headers:
                assert answers[0].content == told.content, (door, role)


def test_a_session_is_its_owners(visit: Any, ada: User) -> None:
    pk = UserSession.objects.get(user=ada).pk
    for role in ("stranger", "staff", "administrator"):
        answers = [visit(role, "post", f"/sessions/{each}/end/") for each in (pk, 10**8)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert without_nonce(answers[0]) == without_nonce(answers[1])
    assert asks_for_log_in(visit("nobody", "post", f"/sessions/{pk}/end/"))
    other = UserSession.objects.create(user=ada, session_key="x", ip="192.0.2.1", user_agent="x")
    assert visit("owner", "post", f"/sessions/{other.pk}/end/").status_code == 302


def test_an_announcement_is_dismissed_by_whoever_is_shown_it(visit: Any) -> None:
    group = Group.objects.create(name="Others")
    for_all = Announcement.objects.create(text="For all")
    for_others = Announcement.objects.create(text="For others", group=group)
    for role in ("stranger", "owner"):
        assert visit(role, "post", f"/announcements/{for_all.pk}/dismiss/").status_code == 302
        answers = [
            visit(role, "post", f"/announcements/{pk}/dismiss/") for pk in (for_others.pk, 10**8)
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        said = [without_nonce(answer).replace(str(for_others.pk), str(10**8)) for answer in answers]
        assert said[0] == said[1]
    assert asks_for_log_in(visit("nobody", "post", f"/announcements/{for_all.pk}/dismiss/"))


@pytest.fixture
def one_of_each(ids_of_ada: Any, ada: User, carol: User) -> dict[str, Any]:
    """The id of one object of every model that the admin has, by its name in routes."""
    provider = Provider.objects.first()
    assert provider
    group = Group.objects.create(name="Team")
    GroupPolicy.objects.create(group=group)
    invitation = Invitation(title="x", digest="x" * 64)
    invitation.save()
    Credential.objects.create(provider=provider, secret="sk-canary-0123456789")
    Webhook.objects.create(title="x", url="https://hooks.example.com/x")
    PromptTemplate.objects.create(owner=None, title="Shared", text="For all")
    AccessCode.objects.create(title="x", digest=code_digest("canary code"))
    IdentityProvider.objects.create(title="x", slug="x", issuer="https://x.example", client_id="x")
    Announcement.objects.create(text="x")
    SiteSettings.current().save()
    Quota.objects.create(messages_an_hour=1000)
    UsageDay.objects.create(day=timezone.localdate(), member=ada)
    UsageRecord.objects.create(member=ada, generation=uuid.uuid4(), outcome="completed")
    found = {}
    for model in admin.site._registry:
        rows = model._default_manager.all()
        if model is PromptTemplate:
            rows = rows.filter(owner=None)
        if model is User:
            rows = rows.filter(pk=ada.pk)
        row = rows.first()
        assert row is not None, f"no {model.__name__} to knock at"
        found[f"{model._meta.app_label}_{model._meta.model_name}"] = row.pk
    return found


def test_the_administration_is_the_administrators(visit: Any, one_of_each: dict[str, Any]) -> None:
    names = {route.name for route in all_routes() if route.name.startswith("admin:")} - OPEN
    for route in routes(names):
        name = route.name.removeprefix("admin:")
        model = max((key for key in one_of_each if name.startswith(key)), key=len, default="")
        pk = one_of_each.get(model, 1)
        more = {"app_label": "accounts", "content_type_id": 1}
        real = route.url(pk=pk, object_id=str(pk), id=str(pk), **more)
        none = route.url(**NOTHING, id=str(10**8), **more)
        for role in ("nobody", "stranger", "owner"):
            answers = [visit(role, "get", url) for url in (real, none)]
            codes = [answer.status_code for answer in answers]
            assert codes in ([302, 302], [403, 403]), (name, role, codes)
            if codes == [302, 302]:
                assert all(map(asks_for_log_in, answers)), (name, role)
            else:
                assert without_nonce(answers[0]) == without_nonce(answers[1]), (name, role)
        staff = visit("staff", "get", real)
        if route.name in FOR_ANY_STAFF:
            assert staff.status_code in {200, 302}, name
        else:
            assert staff.status_code in {302, 403, 404}, (name, staff.status_code)
            assert "canary" not in without_nonce(staff), name
        answer = visit("administrator", "get", real)
        assert answer.status_code < 500, name
        assert not asks_for_log_in(answer), name


def test_models_that_one_may_not_use_are_nowhere(visit: Any, ids_of_ada: dict[str, Any]) -> None:
    """On no page of a member, whatever they have."""
    hidden = LanguageModel.objects.create(
        provider=Provider.objects.get(), name="xanadu", title="Xanadu-9", is_enabled=False
    )
    pages = [r.url() for r in all_routes() if r.name in OF_ONESELF and not r.parameters]
    pages.append(f"/conversations/{ids_of_ada['conversation']}/")
    for page in pages:
        answer = visit("owner", "get", page)
        if not answer.streaming:
            assert hidden.title not in answer.content.decode(), page
