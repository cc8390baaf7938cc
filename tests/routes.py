"""Every URL of the portal, read from its URL configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse


@dataclass(frozen=True, slots=True)
class Route:
    """`name` with its namespaces, as reverse() takes it; `parameters` that its URL wants."""

    name: str
    parameters: tuple[str, ...]

    def url(self, **values: Any) -> str:
        return reverse(self.name, kwargs={name: values[name] for name in self.parameters})


def all_routes() -> list[Route]:
    """Raises AssertionError for a route without a name: nobody could give it a row."""
    return list(_below(get_resolver(), ""))


def _below(resolver: URLResolver, namespace: str) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _below(pattern, inner)
        elif isinstance(pattern, URLPattern) and not _is_a_net(pattern):
            name = pattern.name or _shadowed(pattern)
            yield Route(f"{namespace}{name}", _parameters(pattern))


def _is_a_net(pattern: URLPattern) -> bool:
    """The admin's last pattern, which catches what is no page, and redirects of old addresses."""
    return pattern.name is None and str(pattern.pattern) in {r"(?P<url>.*)$", "<path:object_id>/"}


def _shadowed(pattern: URLPattern) -> str:
    """A redirect of ours in front of a page of others, by whose name it is found."""
    names = {"accounts/signup/": "account_signup"}
    assert str(pattern.pattern) in names, f"a route without a name: {pattern.pattern}"
    return names[str(pattern.pattern)]


def _parameters(pattern: URLPattern) -> tuple[str, ...]:
    if pattern.pattern.converters:
        return tuple(pattern.pattern.converters)
    return tuple(re.findall(r"\(\?P<(\w+)>", str(pattern.pattern)))
