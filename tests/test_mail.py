"""Mail as an administrator sets it up, by a real mail server; tried out by a button, and changed without a restart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from django.db import connection
from django.test import Client

from accounts.mail import send_trial, sends_mail
from accounts.models import AuditRecord, SiteSettings, User
from tests.upstreams.aimock import _free_port

pytestmark = [pytest.mark.once, pytest.mark.django_db]
SETTINGS = "/admin/accounts/sitesettings/1/change/"
TRIAL = "/admin/accounts/sitesettings/mail-trial/"
PASSWORD = "canary-of-the-mail-server"
FORM = {
    "site_name": "Team chat",
    "default_theme": "system",
    "default_accent": "blue",
    "default_text_size": "medium",
    "sign_up": "closed",
    "mail_host": "127.0.0.1",
    "mail_security": "none",
    "mail_port": "25",
    "mail_sender": "chat@example.com",
    "audit_days": "365",
    "deletion_days": "7",
}


class Letterbox(Message):
    def __init__(self) -> None:
        super().__init__()
        self.letters: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.letters.append(message)


@pytest.fixture
def letterbox() -> Letterbox:
    return Letterbox()


@pytest.fixture
def port(letterbox: Letterbox) -> Iterator[int]:
    server = Controller(letterbox, hostname="127.0.0.1", port=_free_port())
    server.start()
    yield server.port
    server.stop()


@pytest.fixture(autouse=True)
def _really_sent(settings: Any) -> None:
    """Not into the tests' outbox."""
    settings.EMAIL_BACKEND = "accounts.mail.PortalBackend"
    settings.PORTAL_URL = "https://chat.example.com"
    settings.ALLOWED_HOSTS = ["*"]


def test_set_up_tried_out_and_used_at_once(
    carol_browses: Client, ada: User, port: int, letterbox: Letterbox
) -> None:
    assert not sends_mail()
    assert "sends no mail" in Client().get("/accounts/password/reset/").content.decode()
    saved = carol_browses.post(SETTINGS, {**FORM, "mail_port": port, "new_mail_password": PASSWORD})
    assert saved.status_code == 302, saved.context["adminform"].form.errors
    assert sends_mail()
    page = carol_browses.post(TRIAL, follow=True).content.decode()
    assert "A mail was sent to carol@example.com" in page
    assert letterbox.letters[0]["To"] == "carol@example.com"
    assert letterbox.letters[0]["From"] == "chat@example.com"
    Client().post("/accounts/password/reset/", {"email": "ada@example.com"})
    (_trial, reset) = letterbox.letters
    assert reset["To"] == "ada@example.com"
    assert reset["Subject"].startswith("[Team chat]")
    assert "https://chat.example.com/accounts/password/reset/key/" in reset.get_payload()
    assert AuditRecord.objects.filter(action="mail_tried").exists()


def test_a_server_that_is_not_there_is_said(carol_browses: Client) -> None:
    carol_browses.post(SETTINGS, {**FORM, "mail_port": "9"})
    page = carol_browses.post(TRIAL, follow=True).content.decode()
    assert "could not be sent" in page
    assert "refused" in page


def test_without_a_server_or_an_address_the_button_says_what_is_missing(
    carol_browses: Client, carol: User
) -> None:
    assert "No mail server is set up" in carol_browses.post(TRIAL, follow=True).content.decode()
    User.objects.update(email="")
    assert "no e-mail address yet" in carol_browses.post(TRIAL, follow=True).content.decode()


def test_the_password_is_encrypted_shown_to_nobody_and_goes_to_no_other_server(
    carol_browses: Client,
) -> None:
    carol_browses.post(SETTINGS, {**FORM, "new_mail_password": PASSWORD})
    site = SiteSettings.current()
    assert site.mail_password == PASSWORD
    assert PASSWORD not in repr(site) + carol_browses.get(SETTINGS).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_sitesettings")
        assert PASSWORD not in str(cursor.fetchall())
    assert PASSWORD not in str(AuditRecord.objects.values())
    carol_browses.post(SETTINGS, FORM)
    assert SiteSettings.current().mail_password == PASSWORD
    carol_browses.post(SETTINGS, {**FORM, "mail_host": "mail.evil.example"})
    assert SiteSettings.current().mail_password == ""
    assert PASSWORD not in send_trial(
        SiteSettings(mail_host="127.0.0.1", mail_port=9), "a@b.example"
    )


def test_sign_up_by_address_needs_mail_and_a_domain(carol_browses: Client) -> None:
    form = {**FORM, "mail_host": "", "sign_up": "email_domain"}
    page = carol_browses.post(SETTINGS, form).content.decode()
    assert "this needs a mail server" in page
    assert "Name at least one domain" in page
    assert SiteSettings.current().sign_up == "closed"


def test_an_administrators_tools_for_who_cannot_come_in(
    carol_browses: Client, ada: User, bob: User
) -> None:
    page = carol_browses.post(f"/admin/accounts/user/{ada.pk}/reset-link/")
    assert "https://chat.example.com/accounts/password/reset/key/" in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    none = carol_browses.post(f"/admin/accounts/user/{ada.pk}/second-factor/remove/", follow=True)
    assert "has no second factor" in none.content.decode()
    bob.is_staff = True
    bob.save()
    browser = Client()
    browser.force_login(bob)
    for tool in ("reset-link", "second-factor/remove"):
        assert browser.post(f"/admin/accounts/user/{ada.pk}/{tool}/").status_code == 403
