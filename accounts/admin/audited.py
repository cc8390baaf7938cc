"""Every change made in the admin is written down, whatever class of ours or of another app makes it.

Django tells each ModelAdmin to log additions, changes and deletions, in three methods that no class of ours overrides;
here they write an audit record, too. What actions do to several rows at once goes past them, and is written down as
the name of the action; what goes past both (pages of our own) calls `record` itself.
"""

from __future__ import annotations

import json
from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest

from accounts.audit import record, record_each

# These say more of what they did than the name of the action: they call `record_each`, or Django's log, themselves.
SPEAK_FOR_THEMSELVES = {"delete_selected"}

_log_addition = ModelAdmin.log_addition
_log_change = ModelAdmin.log_change
_log_deletions = ModelAdmin.log_deletions
_response_action = ModelAdmin.response_action


def log_addition(self: Any, request: HttpRequest, obj: Any, message: Any) -> Any:
    record("added", actor=request.user, target=obj, request=request)
    return _log_addition(self, request, obj, message)


def log_change(self: Any, request: HttpRequest, obj: Any, message: Any) -> Any:
    record("changed", actor=request.user, target=obj, detail=names_of(message), request=request)
    return _log_change(self, request, obj, message)


def log_deletions(self: Any, request: HttpRequest, queryset: Any) -> Any:
    record_each("deleted", queryset, actor=request.user, request=request)
    return _log_deletions(self, request, queryset)


def response_action(self: Any, request: HttpRequest, queryset: Any) -> Any:
    response = _response_action(self, request, queryset)
    name = request.POST.get("action", "")
    chosen = request.POST.getlist("_selected_action")
    told = SPEAK_FOR_THEMSELVES | set(getattr(self, "audited_actions", ()))
    if chosen and name in self.get_actions(request) and name not in told:
        which = "all that were found" if request.POST.get("select_across") == "1" else _ids(chosen)
        said = f"{name}: {self.opts.verbose_name_plural} {which}"
        record("action", actor=request.user, detail=said, request=request)
    return response


def names_of(message: Any) -> str:
    """The names of the fields that changed, never what stands in them."""
    if isinstance(message, str):
        try:
            message = json.loads(message)
        except ValueError:
            return ""
    names: list[str] = []
    for entry in message:
        for kind, what in entry.items():
            fields = what.get("fields", ())
            if inline := what.get("name"):
                names.append(f"{kind} {inline}" + (f" ({', '.join(fields)})" if fields else ""))
            else:
                names += fields
    return ", ".join(map(str, names))


def watch() -> None:
    for method in (log_addition, log_change, log_deletions, response_action):
        setattr(ModelAdmin, method.__name__, method)


def _ids(chosen: list[str]) -> str:
    return ", ".join(chosen[:50])


watch()
