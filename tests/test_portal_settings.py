"""What an administrator sets for the whole portal counts from the next request on."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import SiteSettings, User
from conversations.models import Conversation
from upstream.models import LanguageModel, Provider

PAGE = "/admin/accounts/sitesettings/1/change/"
LOG_IN = "/accounts/login/"
AS_IT_IS = {
    "site_name": "",
    "default_locale": "",
    "default_theme": "system",
    "default_accent": "blue",
    "default_text_size": "medium",
    "system_prompt": "",
}


def shown(browser: Client, path: str, **headers: str) -> str:
    return browser.get(path, headers=headers).content.decode()


def save(carol_browses: Client, **changes: str) -> Any:
    page = carol_browses.get(PAGE)
    form = page.context["adminform"].form
    kept = {name: form[name].value() or "" for name in form.fields}
    return carol_browses.post(PAGE, {**kept, **AS_IT_IS, **changes}, follow=True)


def test_there_is_one_page_and_no_list(carol_browses: Client) -> None:
    assert carol_browses.get("/admin/accounts/sitesettings/").url == PAGE
    assert carol_browses.get("/admin/accounts/sitesettings/add/").status_code == 403
    assert carol_browses.get("/admin/accounts/sitesettings/1/delete/").status_code == 403
    assert carol_browses.get("/admin/accounts/sitesettings/2/change/").status_code == 302
    page = save(carol_browses, site_name="Team Chat")
    assert page.redirect_chain == [(PAGE, 302)], "it stays on the page"
    assert SiteSettings.objects.get().site_name == "Team Chat"


def test_the_name_is_everywhere(carol_browses: Client, ada_browses: Client) -> None:
    assert "· Chat Portal</title>" in shown(Client(), LOG_IN)
    save(carol_browses, site_name="Lab & Söhne 聊天")
    for browser, path in ((Client(), LOG_IN), (ada_browses, "/"), (ada_browses, "/settings/")):
        assert "· Lab &amp; Söhne 聊天</title>" in shown(browser, path)
    assert shown(ada_browses, "/").count("Lab &amp; Söhne 聊天") == 2, "in the sidebar, too"
    assert "Lab &amp; Söhne 聊天" in shown(ada_browses, "/nowhere/")
    assert "Lab &amp; Söhne 聊天</span>: Administration" in shown(carol_browses, "/admin/")
    save(carol_browses)
    assert "· Chat Portal</title>" in shown(ada_browses, "/")


def test_the_theme_is_that_of_who_has_not_chosen(
    carol_browses: Client, ada_browses: Client, bob_browses: Client, bob: User
) -> None:
    User.objects.filter(pk=bob.pk).update(theme=User.Theme.SYSTEM)
    save(carol_browses, default_theme="dark")
    assert 'data-theme="dark"' in shown(Client(), LOG_IN)
    assert 'data-theme="dark"' in shown(ada_browses, "/")
    assert 'data-theme="system"' in shown(bob_browses, "/"), "that was a choice"


@pytest.mark.parametrize(
    ("asked_for", "cookie", "spoken"),
    [
        ("", "", "en"),
        ("fr-FR,fr;q=0.9", "", "de"),
        ("en-GB,en;q=0.9", "", "en"),
        ("fr,en;q=0.5", "", "en"),
        ("fr", "en", "en"),
        ("fr", "", "de"),
        ("*", "", "de"),
        ("x" * 3000, "\x00", "de"),
    ],
)
def test_the_language_is_the_portals_where_the_browser_asks_for_none_that_is_offered(
    carol_browses: Client, settings: Any, asked_for: str, cookie: str, spoken: str
) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    save(carol_browses, default_locale="de")
    somebody = Client()
    if cookie:
        somebody.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie
    page = shown(somebody, LOG_IN, **({"Accept-Language": asked_for} if asked_for else {}))
    assert f'<html lang="{spoken}"' in page


def test_a_member_may_speak_another_language_than_the_portal(
    carol_browses: Client, ada_browses: Client, ada: User, settings: Any
) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    save(carol_browses, default_locale="de")
    french = {"Accept-Language": "fr"}
    assert '<html lang="de"' in shown(ada_browses, "/", **french)
    User.objects.filter(pk=ada.pk).update(locale="en")
    assert '<html lang="en"' in shown(ada_browses, "/", **french)


@pytest.mark.parametrize("path", ["/healthz", "/script-texts.js"])
def test_whoever_is_no_browser_asks_the_database_for_no_language(
    path: str, django_assert_num_queries: Any, db: None
) -> None:
    with django_assert_num_queries(0):
        assert Client().get(path).status_code == 200


class TestTheSystemPrompt:
    @pytest.fixture(autouse=True)
    def model(self, db: None) -> LanguageModel:
        provider = Provider.objects.create(title="Nowhere", base_url="http://127.0.0.1:9/v1")
        return LanguageModel.objects.create(provider=provider, name="m")

    def begin(self, browser: Client, **form: str) -> str:
        sent = {"text": "Hi", "client_id": str(uuid.uuid4()), **form}
        headers = {"X-Requested-With": "fetch"}
        assert browser.post("/conversations/new/", sent, headers=headers).status_code == 201
        return Conversation.objects.latest("created_at").system_prompt

    def test_it_begins_every_new_conversation(
        self, carol_browses: Client, ada_browses: Client
    ) -> None:
        save(carol_browses, system_prompt="You work at a library.")
        assert self.begin(ada_browses) == "You work at a library."
        assert "You work at a library." in shown(ada_browses, "/settings/")

    def test_a_members_own_goes_before_it(self, carol_browses: Client, ada_browses: Client) -> None:
        save(carol_browses, system_prompt="You work at a library.")
        own = {"enter_key": "device", "typewriter": "smooth", "system_prompt": "Be brief."}
        ada_browses.post("/settings/", own)
        assert self.begin(ada_browses) == "Be brief."

    def test_what_is_asked_for_in_a_conversation_goes_before_both(
        self, carol_browses: Client, ada_browses: Client
    ) -> None:
        save(carol_browses, system_prompt="You work at a library.")
        assert self.begin(ada_browses, has_settings="1", system_prompt="") == ""

    def test_one_that_is_too_long_is_refused(self, carol_browses: Client) -> None:
        words = save(carol_browses, system_prompt="x" * 20_001).content.decode()
        assert "at most 20000 characters" in words
        assert not SiteSettings.objects.exists()


def test_imprint_and_privacy_are_found_before_and_after_log_in(
    carol_browses: Client, ada_browses: Client
) -> None:
    assert "Imprint" not in shown(Client(), LOG_IN)
    save(
        carol_browses,
        imprint_url="https://example.com/imprint",
        privacy_url="http://intra.example/privacy",
    )
    for browser, path in ((Client(), LOG_IN), (ada_browses, "/"), (ada_browses, "/settings/")):
        words = shown(browser, path)
        assert 'href="https://example.com/imprint"' in words
        assert 'href="http://intra.example/privacy"' in words


@pytest.mark.parametrize("address", ["javascript:alert(1)", "imprint", "data:text/html,x", "//x"])
def test_a_link_that_is_no_web_address_is_refused(carol_browses: Client, address: str) -> None:
    assert "Enter a valid URL" in save(carol_browses, imprint_url=address).content.decode()


def test_the_way_to_the_default_model_is_shown(carol_browses: Client) -> None:
    assert "/admin/upstream/languagemodel/" in shown(carol_browses, PAGE)
    provider = Provider.objects.create(title="Nowhere", base_url="http://127.0.0.1:9/v1")
    LanguageModel.objects.create(provider=provider, name="m", title="Big one", is_default=True)
    assert "Big one" in shown(carol_browses, PAGE)


def test_a_member_cannot_open_it(ada_browses: Client) -> None:
    assert ada_browses.get(PAGE).status_code == 302
