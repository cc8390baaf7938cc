"""Models as a table, each with its provider, to whom it is offered, and what it costs now. No secret is in it: of
credentials only the kind of their provider and their titles are told, and nothing of them is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.tables.table import Plain, Table
from accounts.tables.values import Refused, boolean, names, number, text
from upstream.models import LanguageModel, Price, Provider
from upstream.models.usage_day import day_of

FIELDS = ("title", "is_enabled", "offered_to", "is_default", "position", "context_window")
PRICE = ("input_price", "output_price", "currency")


def amount(value: Any) -> str:
    """An amount without zeros behind it, as a text; empty for none."""
    said = text(value)
    if not said:
        return ""
    try:
        found = Decimal(said)
    except InvalidOperation as error:
        raise Refused(_("“%s” is no amount.") % said) from error
    if not found.is_finite() or abs(found) > 10**9:
        raise Refused(_("“%s” is no amount.") % said)
    return f"{found.normalize():f}"


def place(value: Any) -> int:
    return number(value) or 0


class Models(Table):
    name = "models"
    key = ("provider", "name")
    readers = {
        "provider": text,
        "name": text,
        "title": text,
        "is_enabled": boolean,
        "offered_to": text,
        "groups": names,
        "is_default": boolean,
        "position": place,
        "context_window": number,
        "fallback": text,
        "input_price": amount,
        "output_price": amount,
        "currency": text,
    }
    told_only = ("price_since", "provider_kind", "provider_base_url", "credentials")
    blank = {
        **dict.fromkeys(("title", "fallback", *PRICE), ""),
        "is_enabled": True,
        "offered_to": "provider",
        "groups": [],
        "is_default": False,
        "position": 0,
        "context_window": None,
    }

    def rows(self) -> Iterator[Plain]:
        found = LanguageModel.objects.select_related("provider", "fallback__provider")
        found = found.prefetch_related("groups", "prices", "provider__credentials")
        for each in found.order_by("provider__title", "name", "pk"):
            yield self.plain(each)

    def plain(self, found: LanguageModel) -> Plain:
        provider, price = found.provider, _price_now(found)
        return {
            "provider": provider.title,
            "name": found.name,
            **{field: getattr(found, field) for field in FIELDS},
            "title": "" if found.title == found.name else found.title,  # as it is without one
            "groups": sorted(group.name for group in found.groups.all()),
            "fallback": _named(found.fallback),
            "input_price": f"{price.input_price.normalize():f}" if price else "",
            "output_price": f"{price.output_price.normalize():f}" if price else "",
            "currency": price.currency if price else "",
            "price_since": price.since.isoformat() if price else None,
            "provider_kind": provider.kind,
            "provider_base_url": provider.base_url,
            "credentials": sorted(each.title for each in provider.credentials.all() if each.title),
        }

    def find(self, key: Plain) -> LanguageModel | None:
        if not all(key.values()):
            raise Refused(_("A provider and a name are needed."))
        return LanguageModel.objects.filter(
            provider=_provider(key["provider"]), name=key["name"]
        ).first()

    def save(
        self, found: LanguageModel | None, key: Plain, changes: Plain, actor: User
    ) -> LanguageModel:
        if found is None:
            found = LanguageModel(provider=_provider(key["provider"]), name=key["name"])
        for field in set(FIELDS) & changes.keys():
            setattr(found, field, changes[field])
        if "fallback" in changes:
            found.fallback = _fallback(changes["fallback"])
        found.full_clean()
        found.save()
        if "groups" in changes:
            found.groups.set(_groups(changes["groups"]))
        if set(PRICE) & changes.keys():
            _set_price(found, changes, actor)
        return found


def _provider(title: str) -> Provider:
    found = list(Provider.objects.filter(title=title)[:2])
    if not found:
        raise Refused(_("There is no provider “%s”. Add it first.") % title)
    if len(found) > 1:
        raise Refused(_("Several providers are called “%s”.") % title)
    return found[0]


def _groups(wanted: list[str]) -> list[Group]:
    found = {group.name: group for group in Group.objects.filter(name__in=wanted)}
    if missing := sorted(set(wanted) - found.keys()):
        raise Refused(_("There is no group “%s”.") % missing[0])
    return list(found.values())


def _named(model: LanguageModel | None) -> str:
    return f"{model.provider.title} / {model.name}" if model else ""


def _fallback(said: str) -> LanguageModel | None:
    if not said:
        return None
    provider, _slash, name = said.partition(" / ")
    found = LanguageModel.objects.filter(provider__title=provider, name=name).first()
    if found is None:
        raise Refused(_("There is no model “%s” to fall back on.") % said)
    return found


def _price_now(model: LanguageModel) -> Price | None:
    today = day_of(timezone.now())
    begun = [price for price in model.prices.all() if price.since <= today]
    return max(begun, key=lambda price: price.since, default=None)


def _set_price(model: LanguageModel, changes: Plain, actor: User) -> None:
    """From today on: what was used before keeps its price."""
    if not actor.has_perms(("upstream.add_price", "upstream.change_price")):
        raise Refused(_("You may not change prices."))
    now = _price_now(model)
    wanted = {name: getattr(now, name) if now else "" for name in PRICE} | {
        name: changes[name] for name in PRICE if name in changes
    }
    if "" in (wanted["input_price"], wanted["output_price"]):
        raise Refused(_("A price needs both amounts."))
    today = day_of(timezone.now())
    price = model.prices.filter(since=today).first() or Price(language_model=model, since=today)
    price.input_price = Decimal(wanted["input_price"])
    price.output_price = Decimal(wanted["output_price"])
    price.currency = wanted["currency"] or "USD"
    price.full_clean()
    price.save()
