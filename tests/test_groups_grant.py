"""Groups grant providers and models: what a member may use, sees, and is answered by."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts.models import User
from conversations.generation.revoking import refuse_revoked
from conversations.models import Conversation, ConversationDefaults, Generation, Message
from tests.portal import Browser, answer_of, eventually, settled
from tests.upstreams.scripted import FINISH, HEAD, Hold, ScriptedUpstream, delta, refuse
from upstream.models import Credential, LanguageModel, Provider

FETCH = {"X-Requested-With": "fetch"}


@pytest.fixture
def team(ada: User) -> Group:
    """Ada is in it, Bob is not."""
    team = Group.objects.create(name="Team")
    ada.groups.add(team)
    return team


@pytest.fixture
def secret(db: None) -> LanguageModel:
    provider = Provider.objects.create(title="Hidden house", base_url="https://a.example/v1")
    return LanguageModel.objects.create(provider=provider, name="hid-1", title="Hidden one")


def usable(person: User) -> set[LanguageModel]:
    return set(LanguageModel.objects.usable_by(person))


@pytest.mark.parametrize(
    ("provider_says", "model_says", "provider_grants", "model_grants", "may"),
    [
        ("everybody", "provider", False, False, True),
        ("everybody", "groups", False, False, False),
        ("everybody", "groups", False, True, True),
        ("everybody", "groups", True, False, False),
        ("everybody", "everybody", False, False, True),
        ("groups", "provider", False, False, False),
        ("groups", "provider", True, False, True),
        ("groups", "provider", False, True, False),
        ("groups", "groups", True, False, False),
        ("groups", "groups", False, True, True),
        ("groups", "everybody", False, False, True),
    ],
)
def test_a_models_own_setting_counts_before_its_providers(
    ada: User,
    bob: User,
    team: Group,
    secret: LanguageModel,
    provider_says: str,
    model_says: str,
    provider_grants: bool,
    model_grants: bool,
    may: bool,
) -> None:
    Provider.objects.update(offered_to=provider_says)
    LanguageModel.objects.update(offered_to=model_says)
    if provider_grants:
        secret.provider.groups.add(team)
    if model_grants:
        secret.groups.add(team)
    assert (secret in usable(ada)) is may
    everybody = "everybody" in {model_says, provider_says if model_says == "provider" else ""}
    assert (secret in usable(bob)) is everybody


def test_what_may_be_used_is_asked_in_one_query(
    ada: User, team: Group, secret: LanguageModel, django_assert_num_queries: Any
) -> None:
    other = Group.objects.create(name="Other")
    ada.groups.add(other)
    for number in range(20):
        LanguageModel.objects.create(provider=secret.provider, name=f"m{number}")
    for group in (team, other):  # twice granted is once listed
        secret.provider.groups.add(group)
    Provider.objects.update(offered_to="groups")
    with django_assert_num_queries(1):
        found = list(LanguageModel.objects.usable_by(ada))
        assert [each.provider.title for each in found] == ["Hidden house"] * 21


def test_an_administrator_is_no_exception(carol: User, team: Group, secret: LanguageModel) -> None:
    secret.groups.add(team)
    LanguageModel.objects.update(offered_to="groups")
    assert not usable(carol)


class TestAMemberWhoMayNot:
    """The model is offered to the team alone, and Bob is not in it."""

    @pytest.fixture(autouse=True)
    def _for_the_team(self, secret: LanguageModel, team: Group) -> None:
        LanguageModel.objects.filter(pk=secret.pk).update(offered_to="groups")
        secret.groups.add(team)

    @pytest.fixture
    def conversation(self, bob: User, secret: LanguageModel) -> Conversation:
        """What Bob once talked with it about, when he still could."""
        conversation = Conversation.objects.create(owner=bob, title="Old", language_model=secret)
        question = Message.objects.create(conversation=conversation, role="user", text="Q")
        answer = Message.objects.create(
            conversation=conversation,
            parent=question,
            role="assistant",
            text="A",
            language_model=secret,
            model_title="Title as it was",
        )
        shown = {"first": str(question.pk), "last": str(question.pk)}
        Generation.objects.create(
            conversation=conversation,
            message=answer,
            language_model=secret,
            status="completed",
            sent={"model": "hid-1", "kind": "openai_chat", "tokens": 3} | shown,
        )
        conversation.current_leaf = answer
        conversation.save()
        ConversationDefaults.objects.create(owner=bob, language_model=secret)
        return conversation

    def test_sees_no_trace_of_it_on_any_page(
        self, bob_browses: Client, conversation: Conversation
    ) -> None:
        answer = conversation.current_leaf_id
        pages = [
            "/",
            conversation.get_absolute_url(),
            reverse("conversations:settings"),
            reverse("conversations:conversation-branch", args=[conversation.pk]),
            reverse("conversations:conversation-events", args=[conversation.pk]),
            reverse("conversations:message-details", args=[answer]),
        ]
        for page in pages:
            text = bob_browses.get(page).content.decode()
            for trace in ("Hidden one", "Hidden house", "hid-1"):
                assert trace not in text, page
        assert "Title as it was" in bob_browses.get(pages[1]).content.decode()
        assert "Title as it was" in bob_browses.get(pages[5]).content.decode()

    def test_a_member_of_the_team_sees_it(
        self, ada: User, ada_browses: Client, conversation: Conversation
    ) -> None:
        """Else the test above would say nothing."""
        Conversation.objects.update(owner=ada)
        assert "Hidden one" in ada_browses.get("/").content.decode()
        details = reverse("conversations:message-details", args=[conversation.current_leaf_id])
        text = ada_browses.get(details).content.decode()
        assert "Hidden house" in text and "hid-1" in text

    def test_can_choose_it_nowhere(
        self, bob_browses: Client, conversation: Conversation, secret: LanguageModel
    ) -> None:
        said: dict[str, Any] = {"text": "Hi", "model": secret.pk, "client_id": str(uuid.uuid4())}
        doors = {
            reverse("conversations:conversation-create"): said,
            reverse("conversations:message-create", args=[conversation.pk]): said,
            **{
                reverse(
                    "conversations:generation-create", args=[conversation.current_leaf_id]
                ): {"kind": kind, "model": secret.pk}
                for kind in ("regenerate", "continue", "retry")
            },
        }  # fmt: skip
        for door, form in doors.items():
            for chosen in (form, {**form, "model": ""}):  # by its id, or as the one used before
                refused = bob_browses.post(door, chosen, headers=FETCH)
                assert refused.status_code == 422, door
                assert "Hidden" not in refused.content.decode()
        assert Generation.objects.count() == 1
        saved = bob_browses.post(
            reverse("conversations:settings"), {"language_model": secret.pk}, headers=FETCH
        )
        assert saved.status_code == 422

    def test_is_told_whom_to_ask(self, bob_browses: Client, carol_browses: Client) -> None:
        assert "Ask your administrator" in bob_browses.get("/").content.decode()
        carol = carol_browses.get("/").content.decode()
        assert reverse("admin:upstream_why") in carol


def test_a_fallback_that_the_member_may_not_use_does_not_answer(
    ada_at: Browser, model: LanguageModel, upstream: ScriptedUpstream
) -> None:
    upstream.will(refuse(401, {"error": {"message": "no"}}))
    second = Provider.objects.create(
        title="Second",
        base_url=upstream.base_url,
        own_host_may_be_private=True,
        offered_to="groups",
    )
    Credential.objects.create(provider=second, secret="sk-second")
    fallback = LanguageModel.objects.create(provider=second, name="fallback")
    LanguageModel.objects.filter(pk=model.pk).update(fallback=fallback)
    generation = settled(ada_at.start())
    assert (generation.status, generation.error_code) == ("failed", "unauthorized")
    assert [each.headers["authorization"] for each in upstream.requests] == [
        "Bearer sk-canary-5ee1ba17"
    ]


def test_a_fallback_that_may_be_used_stands_behind_one_that_may_not(
    ada_at: Browser, model: LanguageModel, upstream: ScriptedUpstream
) -> None:
    Credential.objects.update(is_enabled=False)
    barred = Provider.objects.create(
        title="Barred",
        base_url=upstream.base_url,
        own_host_may_be_private=True,
        offered_to="groups",
    )
    allowed = Provider.objects.create(
        title="Allowed", base_url=upstream.base_url, own_host_may_be_private=True
    )
    for provider in (barred, allowed):
        Credential.objects.create(provider=provider, secret=f"sk-{provider}")
    last = LanguageModel.objects.create(provider=allowed, name="last")
    middle = LanguageModel.objects.create(provider=barred, name="middle", fallback=last)
    LanguageModel.objects.filter(pk=model.pk).update(fallback=middle)
    conversation = ada_at.start()
    assert settled(conversation).status == "completed"
    assert answer_of(conversation).language_model == last


CHANGES: dict[str, Callable[[LanguageModel, Group, User], Any]] = {
    "the person leaves the group": lambda model, team, ada: ada.groups.remove(team),
    "the group is deleted": lambda model, team, ada: team.delete(),
    "the grant is taken away": lambda model, team, ada: model.groups.remove(team),
    "the model is hidden": lambda model, team, ada: LanguageModel.objects.update(is_enabled=False),
    "the provider is disabled": lambda model, team, ada: Provider.objects.update(is_enabled=False),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_running_answer_ends_within_five_seconds_when_its_owner_loses_the_model(
    ada_at: Browser,
    ada: User,
    team: Group,
    model: LanguageModel,
    upstream: ScriptedUpstream,
    change: str,
) -> None:
    model.groups.add(team)
    LanguageModel.objects.update(offered_to="groups")
    hold = Hold()
    upstream.will([HEAD, delta("Some words"), hold, delta(" more"), FINISH])
    conversation = ada_at.start()
    eventually(hold.reached.is_set)
    eventually(lambda: "Some words" in ada_at.branch(conversation))
    CHANGES[change](model, team, ada)
    generation = settled(conversation, within=5)
    hold.release()
    assert (generation.status, generation.error_code) == ("interrupted", "not_offered")
    assert answer_of(conversation).text == "Some words"
    shown = ada_at.branch(conversation)
    assert "This model is not offered to you any more. What was written is kept" in shown


def test_an_answer_by_a_model_that_stays_is_left_alone(
    ada_at: Browser, ada: User, team: Group, model: LanguageModel, upstream: ScriptedUpstream
) -> None:
    other = LanguageModel.objects.create(provider=model.provider, name="other", offered_to="groups")
    other.groups.add(team)
    hold = Hold()
    upstream.will([HEAD, delta("Some words"), hold, FINISH])
    conversation = ada_at.start()
    eventually(hold.reached.is_set)
    ada.groups.remove(team)
    with pytest.raises(AssertionError):
        settled(conversation, within=4)
    hold.release()
    settled(conversation)


def test_what_waits_in_line_is_refused_too(
    ada: User, team: Group, secret: LanguageModel, bob: User
) -> None:
    secret.groups.add(team)
    LanguageModel.objects.update(offered_to="groups")
    kept, lost, going_on = (waiting(person, secret) for person in (ada, bob, bob))
    Generation.objects.filter(pk=going_on.pk).update(continues=True)
    assert {each.pk for each in refuse_revoked()} == {lost.pk, going_on.pk}
    found = dict(Generation.objects.values_list("pk", "status"))
    assert found == {kept.pk: "pending", lost.pk: "failed", going_on.pk: "interrupted"}


def waiting(owner: User, model: LanguageModel) -> Generation:
    conversation = Conversation.objects.create(owner=owner, title="Waits")
    message = Message.objects.create(conversation=conversation, role="assistant")
    return Generation.objects.create(
        conversation=conversation, message=message, language_model=model
    )


def test_a_group_shows_and_changes_what_it_grants(
    carol_browses: Client, team: Group, secret: LanguageModel, ada: User
) -> None:
    Provider.objects.update(offered_to="groups")
    page = reverse("admin:auth_group_change", args=[team.pk])
    assert "Grants these providers" in carol_browses.get(page).content.decode()
    form = {
        "name": "Team",
        "policy-TOTAL_FORMS": "0",
        "policy-INITIAL_FORMS": "0",
        "Provider_groups-TOTAL_FORMS": "1",
        "Provider_groups-INITIAL_FORMS": "0",
        "Provider_groups-0-provider": str(secret.provider_id),
        "Provider_groups-0-group": str(team.pk),
        "LanguageModel_groups-TOTAL_FORMS": "0",
        "LanguageModel_groups-INITIAL_FORMS": "0",
    }
    saved = carol_browses.post(page, form)
    assert saved.status_code == 302, saved.content.decode()
    assert secret in usable(ada)
    assert "Members may use its models" in carol_browses.get(page).content.decode()
