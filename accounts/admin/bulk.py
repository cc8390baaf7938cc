"""Changing many members at once: asked about first, told afterwards, and undone by a button."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import Group
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts import membership
from accounts.admin.member_changes import CHANGES, Change
from accounts.audit import record_each
from accounts.models import User

NAMED = 20  # members that the question names
MOST_UNDONE = 2000  # their ids travel in the button's address
UNDO_SECONDS = 24 * 3600
SALT = "accounts.admin.bulk"


class GroupForm(forms.Form):
    group = forms.ModelChoiceField(Group.objects.order_by("name"), label=gettext_lazy("Group"))


def action_for(name: str) -> Any:
    """The admin action of a change: the question first and, once confirmed, the change itself."""
    change = CHANGES[name]

    @admin.action(description=change.title, permissions=["change"])
    def act(model_admin: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        people = _changeable(request, queryset, change)
        form = GroupForm(request.POST if "confirmed" in request.POST else None)
        if not people.exists():
            messages.warning(request, _("Nobody among them can be changed by you."))
            return None
        ready = "confirmed" in request.POST and (not change.of_group or form.is_valid())
        if not ready:
            return _question(request, name, people, form)
        _do(request, name, people, form.cleaned_data["group"] if change.of_group else None)
        return None

    act.__name__ = name
    return act


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take back what the button's address says, and nothing else: it was signed for this administrator."""
    if not request.user.has_perm("accounts.change_user"):
        raise PermissionDenied
    try:
        said = signing.loads(request.GET.get("what", ""), salt=SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature as error:
        raise Http404 from error
    if said["by"] != request.user.pk:
        raise Http404
    change = CHANGES[said["change"]]
    people = _changeable(request, User.objects.filter(pk__in=said["ids"]), change)
    group = Group.objects.filter(pk=said["group"]).first() if change.of_group else None
    if change.of_group and group is None:
        messages.error(request, _("That group is no longer there."))
    else:
        _do(request, said["change"], people, group, undoable=False)
    return redirect("admin:accounts_user_changelist")


def _changeable(request: HttpRequest, queryset: Any, change: Change) -> Any:
    # Without what the list joins and orders by: it is counted, and changed by its ids.
    people = User.objects.filter(pk__in=queryset.order_by().values("pk"))
    people = membership.changeable_by(request.user, people)
    return people.exclude(pk=request.user.pk) if change.spares_oneself else people


def _question(request: HttpRequest, name: str, people: Any, form: GroupForm) -> HttpResponse:
    change = CHANGES[name]
    count = people.count()
    across = request.POST.get("select_across") == "1"
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": change.title,
        "question": change.question % {"count": count},
        "named": list(people.order_by("username")[:NAMED]),
        "more": max(0, count - NAMED),
        "action": name,
        "across": across,
        "ids": request.POST.getlist(ACTION_CHECKBOX_NAME)[: 1 if across else None],
        "checkbox_name": ACTION_CHECKBOX_NAME,
        "form": form if change.of_group else None,
    }
    return render(request, "admin/accounts/user/confirm.html", context)


def _do(
    request: HttpRequest, name: str, people: Any, group: Group | None, *, undoable: bool = True
) -> None:
    change = CHANGES[name]
    changed = change.run(people, group) if group else change.run(people)
    detail = str(group) if group else ""
    found = User.objects.filter(pk__in=changed)
    record_each(change.audit, found, actor=request.user, detail=detail, request=request)
    told = change.done % {"count": len(changed), "group": group or ""}
    way_back = undoable and change.undo and 0 < len(changed) <= MOST_UNDONE
    tags = f"undo:{_undo_url(request, change.undo, changed, group)}" if way_back else ""
    messages.success(request, told, extra_tags=tags)


def _undo_url(request: HttpRequest, name: str, ids: list[int], group: Group | None) -> str:
    said = {
        "change": name,
        "ids": ids,
        "group": group.pk if group else None,
        "by": request.user.pk,
    }
    what = signing.dumps(said, salt=SALT, compress=True)
    return f"{reverse('admin:accounts_user_undo')}?what={what}"
