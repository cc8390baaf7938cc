"""What can be done with many members at once: the question before it, what is told after it, and what takes it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy, ngettext_lazy

from accounts import membership


@dataclass(frozen=True, slots=True)
class Change:
    """`title` of the action, the `question` before it, what is told when it is `done`. `undo` names the change that
    takes it back; `spares_oneself` where it would lock its author out.
    """

    title: Any
    question: Any
    done: Any
    audit: str
    run: Callable[..., list[int]]
    undo: str = ""
    of_group: bool = False
    spares_oneself: bool = False


CHANGES = {
    "activate": Change(
        gettext_lazy("Activate"),
        ngettext_lazy("Activate %(count)d member?", "Activate %(count)d members?", "count"),
        ngettext_lazy(
            "%(count)d member was activated.", "%(count)d members were activated.", "count"
        ),
        "member_activated",
        membership.activate,
        undo="deactivate",
    ),
    "deactivate": Change(
        gettext_lazy("Deactivate"),
        ngettext_lazy(
            "Deactivate %(count)d member? They are logged out at once and cannot log in again. Everything of theirs is "
            "kept.",
            "Deactivate %(count)d members? They are logged out at once and cannot log in again. Everything of theirs "
            "is kept.",
            "count",
        ),
        ngettext_lazy(
            "%(count)d member was deactivated.", "%(count)d members were deactivated.", "count"
        ),
        "member_deactivated",
        membership.deactivate,
        undo="activate",
        spares_oneself=True,
    ),
    "approve": Change(
        gettext_lazy("Approve"),
        ngettext_lazy(
            "Let %(count)d person in who has signed up?",
            "Let %(count)d people in who have signed up?",
            "count",
        ),
        ngettext_lazy(
            "%(count)d member was approved.", "%(count)d members were approved.", "count"
        ),
        "member_approved",
        membership.approve,
        undo="await_approval",
    ),
    "await_approval": Change(
        gettext_lazy("Have wait for approval"),
        "",
        ngettext_lazy(
            "%(count)d member waits for approval again.",
            "%(count)d members wait for approval again.",
            "count",
        ),
        "member_awaits_approval",
        membership.await_approval,
    ),
    "add_to_group": Change(
        gettext_lazy("Add to a group"),
        ngettext_lazy(
            "Add %(count)d member to a group?", "Add %(count)d members to a group?", "count"
        ),
        ngettext_lazy(
            "%(count)d member was added to “%(group)s”.",
            "%(count)d members were added to “%(group)s”.",
            "count",
        ),
        "group_joined",
        membership.add_to_group,
        undo="remove_from_group",
        of_group=True,
    ),
    "remove_from_group": Change(
        gettext_lazy("Remove from a group"),
        ngettext_lazy(
            "Remove %(count)d member from a group?",
            "Remove %(count)d members from a group?",
            "count",
        ),
        ngettext_lazy(
            "%(count)d member was removed from “%(group)s”.",
            "%(count)d members were removed from “%(group)s”.",
            "count",
        ),
        "group_left",
        membership.remove_from_group,
        undo="add_to_group",
        of_group=True,
    ),
    "require_new_password": Change(
        gettext_lazy("Require a new password"),
        ngettext_lazy(
            "Have %(count)d member choose a new password? Until then they can do nothing else.",
            "Have %(count)d members choose a new password? Until then they can do nothing else.",
            "count",
        ),
        ngettext_lazy(
            "%(count)d member has to choose a new password.",
            "%(count)d members have to choose a new password.",
            "count",
        ),
        "password_change_required",
        membership.require_new_password,
        undo="require_no_new_password",
    ),
    "require_no_new_password": Change(
        gettext_lazy("Require no new password"),
        "",
        ngettext_lazy(
            "%(count)d member keeps the password.", "%(count)d members keep the password.", "count"
        ),
        "password_change_not_required",
        membership.require_no_new_password,
    ),
    "log_out_everywhere": Change(
        gettext_lazy("Log out everywhere"),
        ngettext_lazy(
            "Log %(count)d member out on every device? Answers that are being written go on.",
            "Log %(count)d members out on every device? Answers that are being written go on.",
            "count",
        ),
        ngettext_lazy(
            "%(count)d member was logged out everywhere.",
            "%(count)d members were logged out everywhere.",
            "count",
        ),
        "logged_out_everywhere",
        membership.log_out_everywhere,
    ),
}
OFFERED = tuple(name for name, change in CHANGES.items() if change.question)
