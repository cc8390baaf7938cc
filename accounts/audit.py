"""Writing down who did what. What is written is said in a word or two, and ACTIONS says it to people.

That a member's generation used a credential stands in a UsageRecord (upstream), one for each lease: it is not written
here a second time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditRecord, SiteSettings, User

STEP = 500  # rows of one transaction, which holds up no other

Actor = User | AnonymousUser | None

# What is known to be written, as the administration says it; by app, in the order in which one looks for it.
ACTIONS: dict[str, Any] = {
    "log_in": _("logged in"),
    "log_out": _("logged out"),
    "log_in_failed": _("failed to log in"),
    "joined": _("joined"),
    "asked_to_join": _("asked to join"),
    "session_ended": _("ended a session"),
    "password_changed": _("changed the password"),
    "password_reset": _("reset the password"),
    "password_set": _("set a password"),
    "email_changed": _("changed the e-mail address"),
    "email_confirmed": _("confirmed the e-mail address"),
    "second_factor_added": _("added a second factor"),
    "second_factor_removed": _("removed a second factor"),
    "second_factor_reset": _("made new recovery codes"),
    "second_factor_failed": _("gave a wrong second factor"),
    "picture_changed": _("changed the profile picture"),
    "deletion_asked_for": _("asked for the account to be deleted"),
    "deletion_taken_back": _("kept the account"),
    "account_deleted": _("was deleted"),
    "added": _("added"),
    "changed": _("changed"),
    "deleted": _("deleted"),
    "action": _("did to several"),
    "member_activated": _("activated a member"),
    "member_deactivated": _("deactivated a member"),
    "member_approved": _("approved a member"),
    "member_awaits_approval": _("took an approval back"),
    "group_joined": _("added a member to a group"),
    "group_left": _("removed a member from a group"),
    "password_change_required": _("required a new password"),
    "password_change_not_required": _("required no new password"),
    "reset_link_made": _("made a link for a new password"),
    "invitation_revoked": _("revoked an invitation"),
    "accesscode_revoked": _("revoked an access code"),
    "mail_tried": _("tried out the mail"),
    "logged_out_everywhere": _("logged a member out everywhere"),
    "limit_changed": _("changed a limit"),
    "usage_exported": _("exported usage"),
    "credential_rotated": _("replaced a secret"),
    "credentials_pasted": _("pasted credentials"),
    "credential_tested": _("tested a credential"),
    "credential_paused": _("paused a credential"),
    "credential_resumed": _("resumed a credential"),
    "models_fetched": _("fetched the list of models"),
    "prompt_templates_exported": _("exported prompt templates"),
    "conversations_imported": _("imported conversations"),
    "import_undone": _("undid an import"),
    "conversations_exported": _("exported conversations"),
    "table_exported": _("exported from the administration"),
    "table_imported": _("imported in the administration"),
    "audit_exported": _("exported who did what"),
}


def record(
    action: str,
    *,
    actor: Actor = None,
    actor_name: str = "",
    target: Model | None = None,
    detail: str = "",
    request: HttpRequest | None = None,
) -> AuditRecord:
    """Keep that `actor` did `action` to `target`.

    `actor_name` stands for somebody who is no member: the name that a failed log-in gave. `detail` says in a few words
    what changed, never a secret and never what somebody wrote in a conversation.
    """
    row = _row(
        action,
        actor=actor,
        actor_name=actor_name,
        target=target,
        detail=detail,
        request=request,
    )
    row.save()
    return row


def record_each(
    action: str,
    targets: Iterable[Model],
    *,
    actor: Actor,
    detail: str = "",
    request: HttpRequest | None = None,
) -> None:
    """The same was done to each of `targets`: in one statement, however many they are."""
    AuditRecord.objects.bulk_create(
        _row(action, actor=actor, target=target, detail=detail, request=request)
        for target in targets
    )


def _row(
    action: str,
    *,
    actor: Actor = None,
    actor_name: str = "",
    target: Model | None = None,
    detail: str = "",
    request: HttpRequest | None = None,
) -> AuditRecord:
    return AuditRecord(
        action=action,
        actor=actor if isinstance(actor, User) and actor.pk else None,
        actor_name=_plain(actor.get_username() if actor is not None else actor_name),
        object_type=target._meta.label_lower if target is not None else "",
        object_id=str(target.pk)[:64] if target is not None else "",
        object_name=_plain(str(target)) if target is not None else "",
        detail=_plain(detail, 500),
        address=address_of(request),
    )


def _plain(text: str, longest: int = 254) -> str:
    """Fit for every database, which somebody's failed log-in need not be."""
    return text.replace("\0", "\ufffd")[:longest]


def address_of(request: HttpRequest | None) -> str | None:
    """Where a request came from, as the server saw it (a listed proxy's word is taken by the server itself)."""
    found: Any = request.META.get("REMOTE_ADDR") if request is not None else None
    return found or None


def forget_old_records(now: datetime, *, most: int = 10_000) -> int:
    """Delete what is older than the portal keeps it, in small steps; returns how many. The rest waits."""
    days = SiteSettings.current().audit_days
    if not days:
        return 0
    old = AuditRecord.objects.filter(at__lt=now - timedelta(days=days)).order_by("at")
    deleted = 0
    while deleted < most:
        batch = list(old.values_list("pk", flat=True)[:STEP])
        AuditRecord.objects.filter(pk__in=batch).delete()
        deleted += len(batch)
        if len(batch) < STEP:
            break
    return deleted
