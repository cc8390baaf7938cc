"""“Why can this person (not) use this model?”: a person is chosen by name, then a model from the table of all."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import User
from upstream.models import LanguageModel
from upstream.reasons import explain, explain_all
from upstream.scalars import clean_text

SHOWN = 50  # people


@require_GET
@never_cache
def why(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perms(["upstream.view_languagemodel", "accounts.view_user"]):
        raise PermissionDenied
    person = _named(request, "person", User)
    model = _named(request, "model", LanguageModel)
    group = _named(request, "group", Group)
    query = clean_text(request.GET.get("q", "")).strip()[:150]
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Who may use what, and why"),
        "person": person,
        "model": model,
        "group": group,
        "query": query,
        "explanation": explain(person, model) if person and model else None,
        "explanations": explain_all(person) if person else (),
        "found": None if person else _people(query, group),
    }
    return render(request, "admin/upstream/why.html", context)


def _people(query: str, group: Group | None) -> list[User]:
    people = User.objects.order_by("username")
    if group:
        people = people.filter(groups=group)
    if query:
        names = ("username", "email", "first_name", "last_name")
        matches = Q()
        for name in names:
            matches |= Q(**{f"{name}__icontains": query})
        people = people.filter(matches)
    return list(people[:SHOWN])


def _named(request: HttpRequest, name: str, kind: Any) -> Any:
    """What the id in the address belongs to; none for no id, 404 for nobody's."""
    said = request.GET.get(name, "")
    if not said.isascii() or not said.isdigit() or len(said) > 18:
        return None
    return get_object_or_404(kind, pk=said)
