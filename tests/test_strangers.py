"""Every door tried by a stranger: the answer is that of an id which does not exist, over HTTP and over the socket.

The list of doors is made from the URL configuration, so that a new door without a test fails here.
"""

from __future__ import annotations

import inspect
import re
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from accounts.models import User
from conversations.consumers import PageConsumer
from conversations.models import Conversation, PromptTemplate
from tests.doors import DOORS, WITHOUT_OBJECT, knock, rows, without_nonce
from tests.portal import Browser, Portal, answer_of, settled
from tests.upstreams.scripted import HEAD, Hold, ScriptedUpstream, delta
from upstream.models import LanguageModel, Provider

OPEN_TO_ALL = {
    "healthz",
    "readyz",
    "javascript-catalog",
    "account_login",
    "account_signup",
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_confirm_email",
    "account_email_verification_sent",
    "account_confirm_login_code",
}


@pytest.fixture
def model(a_model: LanguageModel) -> LanguageModel:
    return a_model


def our_doors() -> Iterator[str]:
    for pattern in get_resolver("conversations.urls").url_patterns:
        assert isinstance(pattern, URLPattern)
        assert pattern.name
        yield pattern.name


def test_every_door_is_on_the_list() -> None:
    assert set(our_doors()) == set(DOORS) | WITHOUT_OBJECT


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("as_fetch", [True, False])
def test_a_stranger_is_told_what_is_told_of_nothing(
    bob_browses: Client, ids_of_ada: dict[str, Any], door: str, as_fetch: bool
) -> None:
    before = rows()
    stranger = knock(bob_browses, door, ids_of_ada[DOORS[door][1]], as_fetch=as_fetch)
    nothing = knock(bob_browses, door, uuid.uuid4(), as_fetch=as_fetch)
    assert stranger.status_code == nothing.status_code == 404
    assert without_nonce(stranger) == without_nonce(nothing)
    assert rows() == before


@pytest.mark.parametrize("door", DOORS)
def test_an_administrator_is_a_stranger_too(
    carol_browses: Client, ids_of_ada: dict[str, Any], door: str
) -> None:
    assert knock(carol_browses, door, ids_of_ada[DOORS[door][1]], as_fetch=True).status_code == 404


@pytest.mark.parametrize("door", DOORS)
def test_the_owner_gets_in(ada_browses: Client, ids_of_ada: dict[str, Any], door: str) -> None:
    """Else the tests above would say nothing."""
    assert knock(ada_browses, door, ids_of_ada[DOORS[door][1]], as_fetch=True).status_code != 404


@pytest.mark.parametrize("door", [*DOORS, *sorted(WITHOUT_OBJECT)])
def test_nobody_gets_in_without_a_log_in(ids_of_ada: dict[str, Any], door: str) -> None:
    method, which, form = DOORS.get(door, ("get", "", {}))
    path = reverse(f"conversations:{door}", args=[ids_of_ada[which]] if which else [])
    page = getattr(Client(), method)(path, form)
    assert page.status_code == 302
    assert page.url.startswith(reverse("account_login"))
    script = getattr(Client(), method)(path, form, headers={"X-Requested-With": "fetch"})
    assert script.status_code == 401
    assert script.json()["error"]["code"] == "logged_out"


def test_commands_ask_for_the_csrf_token(ada: User, ids_of_ada: dict[str, Any]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    for door, (method, which, _form) in DOORS.items():
        if method == "post":
            assert knock(client, door, ids_of_ada[which], as_fetch=True).status_code == 403


def test_the_sidebar_shows_own_conversations_only(
    ada_browses: Client, bob_browses: Client, ids_of_ada: dict[str, Any]
) -> None:
    for path in ("/", "/conversations/"):
        assert "secret plan" in ada_browses.get(path).content.decode()
        assert "secret plan" not in bob_browses.get(path).content.decode()
        assert "deleted plan" not in ada_browses.get(path).content.decode()


def test_templates_of_others_are_in_no_list(
    ada_browses: Client,
    bob_browses: Client,
    carol_browses: Client,
    ids_of_ada: dict[str, Any],
) -> None:
    for path in ("", "titles/", "export/"):
        assert "Secret" in ada_browses.get(f"/prompt-templates/{path}").content.decode()
        for browser in (bob_browses, carol_browses):
            assert "Secret" not in browser.get(f"/prompt-templates/{path}").content.decode()


def test_a_stranger_deletes_and_restores_own_templates_only(
    ada_browses: Client, bob_browses: Client, ids_of_ada: dict[str, Any]
) -> None:
    bob_browses.post("/prompt-templates/delete/")
    kept = PromptTemplate.objects.get(pk=ids_of_ada["template"])
    assert kept.deleted_at is None
    ada_browses.post("/prompt-templates/delete/")
    kept.refresh_from_db()
    moment = kept.deleted_at.isoformat().replace("+", "%2B")
    assert bob_browses.post(f"/prompt-templates/restore/?deleted_at={moment}").status_code == 404
    assert ada_browses.post(f"/prompt-templates/restore/?deleted_at={moment}").status_code == 302


def test_a_client_id_that_somebody_else_used_is_free(
    ada: User, bob: User, ada_browses: Client, bob_browses: Client, model: LanguageModel
) -> None:
    form = {"text": "Mine", "client_id": str(uuid.uuid4())}
    for browser in (ada_browses, bob_browses):
        path = reverse("conversations:conversation-create")
        assert browser.post(path, form, headers={"X-Requested-With": "fetch"}).status_code == 201
    assert {found.owner for found in Conversation.objects.all()} == {ada, bob}


def test_a_model_that_is_not_offered_cannot_be_chosen_by_its_id(
    ada_browses: Client, model: LanguageModel
) -> None:
    hidden = LanguageModel.objects.create(provider=model.provider, name="hidden", is_enabled=False)
    form = {"text": "Hi", "client_id": str(uuid.uuid4()), "model": hidden.pk}
    answer = ada_browses.post(
        reverse("conversations:conversation-create"), form, headers={"X-Requested-With": "fetch"}
    )
    assert answer.status_code == 422
    assert not Conversation.objects.exists()


def test_the_pages_of_accounts_are_open_or_ask_for_a_log_in(db: None) -> None:
    for pattern in get_resolver("allauth.account.urls").url_patterns:
        name = getattr(pattern, "name", None)
        if name is None or name in OPEN_TO_ALL or getattr(pattern.pattern, "converters", None):
            continue
        answer = Client().get(reverse(name))
        assert answer.status_code == 302, name


class TestOverTheSocket:
    """With the portal served, and a model that answers."""

    @pytest.fixture
    def model(self, transactional_db: None, upstream: ScriptedUpstream) -> LanguageModel:
        provider = Provider.objects.create(
            title="Scripted", base_url=upstream.base_url, own_host_may_be_private=True
        )
        provider.credentials.create(secret="s")
        return LanguageModel.objects.create(provider=provider, name="m")

    def test_the_socket_knows_these_commands(self) -> None:
        """A new one wants a row here: what a stranger gets by it."""
        asked = re.findall(
            r'said\.get\("type"\) == "(\w+)"', inspect.getsource(PageConsumer.receive)
        )
        assert asked == ["join", "leave"]

    def test_a_stranger_hears_the_same_as_of_nothing(
        self,
        ada_at: Browser,
        bob: User,
        carol: User,
        portal: Portal,
        model: LanguageModel,
        upstream: ScriptedUpstream,
    ) -> None:
        """An administrator is one, too."""
        hold = Hold()
        upstream.will([HEAD, delta("Secret"), hold, delta(" words")])
        conversation = ada_at.start()
        others = [portal.opened_by(person) for person in (bob, carol)]
        with ada_at.socket().join(conversation) as own, ExitStack() as until_the_end:
            own.until_text("Secret")
            sockets = [until_the_end.enter_context(other.socket()) for other in others]
            for socket in sockets:
                socket.until("welcome")
                for pk in (conversation.pk, uuid.uuid4()):
                    socket.join(pk)
                    assert socket.next() == {"type": "gone", "conversation": str(pk)}
                    socket.send({"type": "leave", "conversation": str(pk)})
            hold.release()
            own.until_ended()
            for socket in sockets:
                socket.join(uuid.uuid4())
                assert socket.next()["type"] == "gone"
                assert {event["type"] for event in socket.events} == {"welcome", "gone"}

    def test_a_stranger_with_a_generation_id_gets_nothing(
        self, ada_at: Browser, bob_at: Browser, model: LanguageModel
    ) -> None:
        conversation, own = ada_at.start(), bob_at.start()
        generation = settled(conversation)
        settled(own)
        with bob_at.socket().join(own, {str(generation.pk): 0}) as socket:
            socket.until("joined")
        assert str(answer_of(conversation).pk) not in str(socket.events)

    def test_a_socket_without_a_log_in_is_closed(self, portal: Portal, bob_at: Browser) -> None:
        for cookie in ("", "portal_session=made-up"):
            with bob_at.socket(cookie=cookie) as socket, pytest.raises(Exception, match="4401"):
                socket.next()
