"""Why a person may, or may not, use a model: the same conditions that decide, told one by one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import GroupPolicy, User
from accounts.second_factor import is_missing
from upstream.models import LanguageModel, Quota
from upstream.models.language_model import usable_if
from upstream.models.offering import ModelOfferedTo, ProviderOfferedTo
from upstream.pool.granting import LeaseRequest, Refused, Waiting, try_on
from upstream.quota_sentences import shown
from upstream.quotas import allowance_of


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that has to hold, and where it is changed. What `decides` is what `usable_by` goes by; the others say
    whether something stands in the way at this moment.
    """

    name: str
    question: str
    holds: bool
    answer: str
    url: str
    decides: bool = False


@dataclass(slots=True)
class Explanation:
    person: User
    model: LanguageModel
    steps: list[Step] = field(default_factory=list)

    @property
    def may_use(self) -> bool:
        return all(step.holds for step in self.steps if step.decides)

    @property
    def works_now(self) -> bool:
        return all(step.holds for step in self.steps)

    @property
    def obstacle(self) -> Step | None:
        """The first step that does not hold."""
        return next((step for step in self.steps if not step.holds), None)


def explain(person: User, model: LanguageModel) -> Explanation:
    """All the steps for one model."""
    (explanation,) = _deciding(person, Q(pk=model.pk))
    explanation.steps += [
        *_at_the_door(person),
        _credential(person, explanation.model),
        *_allowance(person),
    ]
    return explanation


def explain_all(person: User) -> list[Explanation]:
    """What decides, for every model that there is, in a number of queries that does not grow with them."""
    return _deciding(person, Q())


def _deciding(person: User, which: Q) -> list[Explanation]:
    names = {f"holds_{name}": condition for name, condition in usable_if(person.pk).items()}
    models: Any = LanguageModel.objects.filter(which).annotate(**names)
    models = models.select_related("provider").prefetch_related("groups", "provider__groups")
    own = set(person.groups.all())
    return [
        Explanation(person, model, [_active(person), *_of_model(model, own)])
        for model in models.order_by("provider__title", "position", "title")
    ]


def _active(person: User) -> Step:
    answer = _("The account is active.") if person.is_active else _("The account is not active.")
    page = reverse("admin:accounts_user_change", args=[person.pk])
    return Step("active", _("Active account?"), person.is_active, answer, page, decides=True)


def _of_model(model: Any, own: set[Group]) -> Iterator[Step]:
    page = reverse("admin:upstream_languagemodel_change", args=[model.pk])
    provider_page = reverse("admin:upstream_provider_change", args=[model.provider_id])
    offered = (
        _("The model is offered to members.")
        if model.holds_offered
        else _("The model is hidden from members.")
    )
    yield Step("offered", _("Model offered?"), model.holds_offered, offered, page, decides=True)
    enabled = (
        _("The provider “%s” is enabled.")
        if model.holds_provider_enabled
        else _("The provider “%s” is disabled.")
    ) % model.provider
    yield Step(
        "provider_enabled",
        _("Provider enabled?"),
        model.holds_provider_enabled,
        enabled,
        provider_page,
        decides=True,
    )
    by_model = model.offered_to != ModelOfferedTo.AS_PROVIDER
    yield Step(
        "granted",
        _("Granted?"),
        model.holds_granted,
        _grant_sentence(model, own, by_model=by_model),
        page if by_model else provider_page,
        decides=True,
    )


def _grant_sentence(model: LanguageModel, own: set[Group], *, by_model: bool) -> str:
    """Which setting counts, and what it says of these groups."""
    groups = set(model.groups.all() if by_model else model.provider.groups.all())
    everybody = {ModelOfferedTo.EVERYBODY, ProviderOfferedTo.EVERYBODY}
    said = model.offered_to if by_model else model.provider.offered_to
    whose = (
        _("The model's own setting counts:")
        if by_model
        else _("The provider's setting counts, for the model has none of its own:")
    )
    if said in everybody:
        return f"{whose} {_('offered to everybody.')}"
    if granting := groups & own:
        return f"{whose} {_('granted by the group %s.') % _listed(granting)}"
    if not groups:
        return f"{whose} {_('offered to chosen groups, and none is chosen.')}"
    named = {"groups": _listed(groups), "own": _listed(own) if own else _("none")}
    return (
        f"{whose} " + _("offered to the groups %(groups)s. The person's groups: %(own)s.") % named
    )


def _listed(groups: set[Group]) -> str:
    return ", ".join(sorted(f"“{group}”" for group in groups))


def _at_the_door(person: User) -> Iterator[Step]:
    """What keeps somebody from every page, whichever model they want."""
    page = reverse("admin:accounts_user_change", args=[person.pk])
    yield Step(
        "password",
        _("Password their own?"),
        not person.must_change_password,
        _("The one-time password has to be changed at the next log-in.")
        if person.must_change_password
        else _("Nothing has to be changed before the next log-in."),
        page,
    )
    asking = GroupPolicy.objects.filter(requires_second_factor=True, group__user=person)
    names = {policy.group for policy in asking.select_related("group")}
    missing = is_missing(person)
    if missing:
        answer = _("%s requires a second factor, and there is none yet.") % _listed(names)
    elif names:
        answer = _("%s requires a second factor, and it is set up.") % _listed(names)
    else:
        answer = _("No group requires one.")
    yield Step("second_factor", _("Second factor?"), not missing, answer, page)


def _credential(person: User, model: LanguageModel) -> Step:
    """What the pool would say to them now; nothing is leased."""
    request = LeaseRequest(uuid.uuid4(), person.pk, model, lambda: (model,))
    answer = try_on(request, providers=[model.provider_id])
    if isinstance(answer, Refused):
        said = answer.error.detail
    elif isinstance(answer, Waiting):
        said = _("All credentials of “%s” are busy just now: the answer waits in line.")
        said %= model.provider
    else:
        said = _("A credential of “%s” can be used.") % model.provider
    usable = not isinstance(answer, Refused)
    return Step("credential", _("Usable credential?"), usable, said, reverse("admin:upstream_pool"))


def _allowance(person: User) -> Iterator[Step]:
    """What is left of their limits, and whose limits these are."""
    allowance = allowance_of(person.pk)
    limits = allowance.limits
    yield _limit(
        person,
        "messages",
        _("Messages left this hour?"),
        (allowance.messages_left, limits.messages_an_hour, limits.of_messages),
    )
    yield _limit(
        person,
        "tokens",
        _("Tokens left this month?"),
        (allowance.tokens_left, limits.tokens_a_month, limits.of_tokens),
    )


def _limit(
    person: User, name: str, question: str, found: tuple[int | None, int | None, Quota | None]
) -> Step:
    left, most, quota = found
    page = reverse("admin:upstream_quota_changelist")
    if quota is not None:
        page = reverse("admin:upstream_quota_change", args=[quota.pk])
    if most is None or quota is None:
        return Step(name, question, True, _("There is no limit."), page)
    if quota.member_id:
        whose = _("their own limit")
    elif quota.group:
        whose = _("the limit of the group “%s”") % quota.group
    else:
        whose = _("the limit for everybody")
    answer = _("%(left)s of %(most)s left; it is %(whose)s that counts.")
    answer %= {"left": shown(left or 0), "most": shown(most), "whose": whose}
    return Step(name, question, bool(left), answer, page)
