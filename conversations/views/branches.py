"""A branch, or a part of it, as a fragment of the page."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.middleware import is_fetch
from conversations.branch import THE_END, Window, read_branch
from conversations.models import Conversation


def branch_context(
    request: HttpRequest, found: Conversation, window: Window = THE_END
) -> dict[str, Any]:
    staff = getattr(request.user, "is_staff", False)
    return {"conversation": found, "branch": read_branch(found, window, show_details=staff)}


def show_branch(
    request: HttpRequest, pk: uuid.UUID, window: Window = THE_END, *, status: int = 200
) -> HttpResponse:
    """What became of a conversation: its branch for a script, its page for a plain form."""
    found = Conversation.objects.get(pk=pk)
    if not is_fetch(request):
        return redirect(found)
    context = branch_context(request, found, window)
    return render(request, "conversations/_branch.html", context, status=status)


def window_asked_for(request: HttpRequest) -> Window:
    """`before`, `after` or `around` a message; the end where nothing, or nonsense, is asked for."""
    for name in ("before", "after", "around"):
        try:
            return Window(**{name: uuid.UUID(request.GET.get(name, ""))})
        except ValueError:
            continue
    return THE_END
