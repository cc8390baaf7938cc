"""The page that says why a person may, or may not, use a model: it agrees with what decides, and names the step."""

from __future__ import annotations

import itertools

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts.models import GroupPolicy, User
from upstream.models import Credential, LanguageModel, Provider
from upstream.reasons import explain, explain_all

WHY = "/admin/upstream/languagemodel/why/"


@pytest.fixture
def model(db: None) -> LanguageModel:
    provider = Provider.objects.create(title="House", base_url="https://a.example/v1")
    Credential.objects.create(provider=provider, secret="sk-1")
    return LanguageModel.objects.create(provider=provider, name="m", title="Modest")


def test_it_agrees_with_what_decides_in_every_combination(ada: User, model: LanguageModel) -> None:
    team, other = Group.objects.create(name="Team"), Group.objects.create(name="Other")
    ada.groups.add(team)
    combinations = itertools.product(
        (True, False),  # the person is active
        (True, False),  # the model is offered
        (True, False),  # the provider is enabled
        ("everybody", "groups"),
        ("provider", "everybody", "groups"),
        ((), (team,), (other,)),  # the provider's groups
        ((), (team,), (other,)),  # the model's
    )
    seen = set()
    for active, offered, enabled, provider_says, model_says, of_provider, of_model in combinations:
        User.objects.filter(pk=ada.pk).update(is_active=active)
        LanguageModel.objects.update(is_enabled=offered, offered_to=model_says)
        Provider.objects.update(is_enabled=enabled, offered_to=provider_says)
        model.groups.set(of_model)
        model.provider.groups.set(of_provider)
        person = User.objects.get(pk=ada.pk)
        usable = LanguageModel.objects.usable_by(person).filter(pk=model.pk).exists()
        assert explain(person, model).may_use is usable
        assert [each.may_use for each in explain_all(person)] == [usable]
        seen.add(usable)
    assert seen == {True, False}


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        ("active", "The account is not active."),
        ("offered", "The model is hidden from members."),
        ("provider_enabled", "The provider “House” is disabled."),
        ("granted", "offered to the groups “Team”. The person&#x27;s groups: none."),
        ("password", "The one-time password has to be changed"),
        ("second_factor", "“Strict” requires a second factor"),
        ("credential", "has no credential that can be used"),
    ],
)
def test_the_page_names_the_step_that_fails_and_leads_to_where_it_is_changed(
    carol_browses: Client, ada: User, model: LanguageModel, step: str, sentence: str
) -> None:
    page = f"{WHY}?person={ada.pk}&model={model.pk}"
    assert "Yes: Ada can use “Modest” now." in carol_browses.get(page).content.decode()
    _spoil(step, ada, model)
    explanation = explain(User.objects.get(pk=ada.pk), model)
    assert explanation.obstacle
    assert explanation.obstacle.name == step
    text = carol_browses.get(page).content.decode()
    assert "Yes: Ada can use" not in text
    assert sentence in text
    assert f'href="{explanation.obstacle.url}"' in text
    assert carol_browses.get(explanation.obstacle.url).status_code == 200


def _spoil(step: str, ada: User, model: LanguageModel) -> None:
    if step == "active":
        User.objects.filter(pk=ada.pk).update(is_active=False)
    elif step == "offered":
        LanguageModel.objects.update(is_enabled=False)
    elif step == "provider_enabled":
        Provider.objects.update(is_enabled=False)
    elif step == "granted":
        LanguageModel.objects.update(offered_to="groups")
        model.groups.add(Group.objects.create(name="Team"))
    elif step == "password":
        User.objects.filter(pk=ada.pk).update(must_change_password=True)
    elif step == "second_factor":
        strict = Group.objects.create(name="Strict")
        GroupPolicy.objects.create(group=strict, requires_second_factor=True)
        ada.groups.add(strict)
    elif step == "credential":
        Credential.objects.update(is_enabled=False)


def test_a_person_is_found_by_any_of_their_names(
    carol_browses: Client, ada: User, bob: User, model: LanguageModel
) -> None:
    for query in ("ada", "ADA", "ada@example"):
        text = carol_browses.get(WHY, {"q": query, "model": model.pk}).content.decode()
        assert f"?person={ada.pk}&amp;model={model.pk}" in text
        assert "bob@example.com" not in text
    assert "Nobody of that name." in carol_browses.get(WHY, {"q": "zoe"}).content.decode()


def test_it_is_linked_from_the_member_the_group_the_model_and_the_front_page(
    carol_browses: Client, ada: User, model: LanguageModel
) -> None:
    group = Group.objects.create(name="Team")
    ada.groups.add(group)
    for page, query in {
        reverse("admin:accounts_user_change", args=[ada.pk]): f"?person={ada.pk}",
        reverse("admin:auth_group_change", args=[group.pk]): f"?group={group.pk}",
        reverse("admin:upstream_languagemodel_change", args=[model.pk]): f"?model={model.pk}",
        reverse("admin:index"): "",
    }.items():
        assert f'href="{WHY}{query}"' in carol_browses.get(page).content.decode()
        assert carol_browses.get(f"{WHY}{query}").status_code == 200
    assert "ada@example.com" in carol_browses.get(f"{WHY}?group={group.pk}").content.decode()


def test_the_table_of_all_models_asks_no_more_for_more_of_them(
    ada: User, model: LanguageModel, django_assert_max_num_queries: object
) -> None:
    for number in range(30):
        LanguageModel.objects.create(provider=model.provider, name=f"m{number}")
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        assert len(explain_all(ada)) == 31


def test_members_do_not_get_in(ada_browses: Client, ada: User) -> None:
    assert ada_browses.get(f"{WHY}?person={ada.pk}").status_code == 302


def test_nonsense_in_the_address_breaks_nothing(carol_browses: Client) -> None:
    for query in ("?person=x", "?person=-1", "?model=²", "?person=" + "9" * 40, "?q=%00"):
        assert carol_browses.get(WHY + query).status_code == 200
    assert carol_browses.get(f"{WHY}?person=4711").status_code == 404
