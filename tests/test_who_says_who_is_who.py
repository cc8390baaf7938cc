"""Whoever decides where the proofs of identity come from could become anybody: that is a superuser's to say. And what
an administrator changes of a member's names holds at the log-in.
"""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import IdentityProvider, SiteSettings, User
from tests.people import PASSWORD

MAIL = {"mail_host": "mail.example.net", "mail_port": "25", "mail_security": "none"}
SETTINGS = "/admin/accounts/sitesettings/1/change/"
PROVIDERS = "/admin/accounts/identityprovider/"


@pytest.fixture
def dora_browses(db: None) -> Client:
    """She administers, with every right that can be given, and is no superuser."""
    dora = User.objects.create_user("dora", "dora@example.com", PASSWORD, is_staff=True)
    dora.user_permissions.set(Permission.objects.all())
    client = Client()
    client.force_login(dora)
    return client


@pytest.mark.parametrize("action", ["add", "change", "delete"])
def test_who_is_no_superuser_has_nobody_vouched_for(dora_browses: Client, action: str) -> None:
    """A provider of hers, whose addresses are believed, would say that she is the superuser."""
    there = IdentityProvider.objects.create(
        title="The team", slug="team", issuer="https://team.example.com", client_id="portal"
    )
    address = "add/" if action == "add" else f"{there.pk}/{action}/"
    fields = {
        "title": "Hers",
        "slug": "hers",
        "issuer": "https://hers.example.net",
        "client_id": "x",
        "new_secret": "y",
        "trusts_email": "on",
        "is_enabled": "on",
        "post": "yes",
    }
    assert dora_browses.post(PROVIDERS + address, fields).status_code == 403
    there.refresh_from_db()
    assert (IdentityProvider.objects.count(), there.issuer) == (1, "https://team.example.com")


def test_who_is_no_superuser_sends_no_mail_elsewhere(dora_browses: Client) -> None:
    """Her server would read the link for the superuser's new password. What else she sets leaves the mail alone."""
    SiteSettings(mail_host="mail.example.com", mail_password="canary").save()
    assert 'name="mail_host"' not in dora_browses.get(SETTINGS).content.decode()
    answer = dora_browses.post(SETTINGS, {**_settings(), **MAIL, "new_mail_password": "hers"})
    assert answer.status_code == 302
    site = SiteSettings.current()
    assert site.site_name == "The team's"
    assert (site.mail_host, site.mail_password) == ("mail.example.com", "canary")


def test_a_superuser_does(carol_browses: Client) -> None:
    assert 'name="mail_host"' in carol_browses.get(SETTINGS).content.decode()
    carol_browses.post(SETTINGS, {**_settings(), **MAIL})
    assert SiteSettings.current().mail_host == "mail.example.net"
    assert carol_browses.get(f"{PROVIDERS}add/").status_code == 200


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"issuer": "https://other.example.com"}, "Add another provider for it"),
        ({"slug": "new"}, "Keep it for that provider"),
    ],
)
def test_a_provider_that_let_somebody_in_stays_what_it_is(
    carol_browses: Client, ada: User, change: dict[str, str], sentence: str
) -> None:
    """Ids are unique with their issuer alone: number 7 at another one is somebody else, and would be Ada here."""
    fields = {
        "title": "The team",
        "slug": "team",
        "issuer": "https://team.example.com",
        "client_id": "portal",
        "is_enabled": "on",
        "new_secret": "s",
    }
    there = IdentityProvider.objects.create(
        title="The team", slug="team", issuer="https://team.example.com", client_id="portal"
    )
    url = f"{PROVIDERS}{there.pk}/change/"
    assert carol_browses.post(url, fields | change).status_code == 302
    assert carol_browses.post(url, fields).status_code == 302
    SocialAccount.objects.create(user=ada, provider="team", uid="7")
    assert carol_browses.post(url, fields | {"title": "Ours"}).status_code == 302
    refused = carol_browses.post(url, fields | change)
    assert refused.status_code == 200
    assert sentence in refused.content.decode()


def test_the_short_name_of_a_provider_that_is_gone_is_given_to_no_other(
    carol_browses: Client, ada: User
) -> None:
    SocialAccount.objects.create(user=ada, provider="team", uid="7")
    fields = {
        "title": "Others",
        "slug": "team",
        "issuer": "https://other.example.com",
        "client_id": "portal",
        "new_secret": "s",
        "is_enabled": "on",
    }
    assert carol_browses.post(f"{PROVIDERS}add/", fields).status_code == 200
    assert carol_browses.post(f"{PROVIDERS}add/", fields | {"slug": "others"}).status_code == 302


def test_a_new_members_address_logs_in_however_it_was_written(
    carol_browses: Client, client: Client
) -> None:
    fields = {
        "username": "eve",
        "email": "Eve@Example.com",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    assert carol_browses.post("/admin/accounts/user/add/", fields).status_code == 302
    entered = {"login": "Eve@Example.com", "password": PASSWORD}
    assert client.post("/accounts/login/", entered).status_code == 302


def test_an_address_that_was_replaced_opens_nothing(
    carol_browses: Client, ada: User, client: Client, settings: Any, mailoutbox: list[Any]
) -> None:
    settings.PORTAL_URL = "http://testserver"
    settings.MAIL_BY_ENVIRONMENT = True
    settings.MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    own: Any = EmailAddress.objects
    own.create(user=ada, email="ada@example.com", verified=True, primary=True)
    own.create(user=ada, email="hers@example.org", verified=True)
    assert _change(carol_browses, ada, email="new@example.com").status_code == 302
    for address in ("ada@example.com", "new@example.com"):
        client.post("/accounts/password/reset/", {"email": address})
    links = [mail.to for mail in mailoutbox if "/password/reset/key/" in mail.body]
    assert links == [["new@example.com"]]
    assert own.filter(email="hers@example.org").exists()


def test_no_two_members_differ_in_capitals_alone(
    carol_browses: Client, ada: User, bob: User, client: Client
) -> None:
    """With two of them, neither could log in by name."""
    page = _change(carol_browses, bob, username="ADA")
    assert "Somebody has this username already." in page.content.decode()
    assert _change(carol_browses, ada, username="Ada").status_code == 302
    entered = {"login": "ada", "password": PASSWORD}
    assert client.post("/accounts/login/", entered).status_code == 302


def _change(browser: Client, member: User, **fields: Any) -> Any:
    url = f"/admin/accounts/user/{member.pk}/change/"
    initial = browser.get(url).context["adminform"].form.initial
    texts = {name: value for name, value in initial.items() if isinstance(value, str)}
    return browser.post(url, {**texts, "is_active": "on", **fields})


def _settings() -> dict[str, str]:
    return {
        "site_name": "The team's",
        "default_theme": "system",
        "default_accent": "blue",
        "default_text_size": "medium",
        "sign_up": "closed",
        "audit_days": "365",
        "deletion_days": "7",
    }


def test_an_address_is_added_with_a_fresh_password(ada: User, ada_browses: Client) -> None:
    """Whoever finds Ada's page open would have a new password sent to an address of theirs."""
    own: Any = EmailAddress.objects
    fields = {"action_add": "", "email": "mallory@example.net"}
    answer: Any = ada_browses.post("/accounts/email/", fields)
    assert answer.url.startswith("/accounts/reauthenticate/")
    assert not own.filter(email="mallory@example.net").exists()
    after: Any = ada_browses.post(answer.url, {"password": PASSWORD})
    assert after.url == "/accounts/email/"
    ada_browses.post("/accounts/email/", fields)
    assert own.filter(email="mallory@example.net", user=ada).exists()
