"""Writing down who did what. What is written is said in a word or two: `log_in`, `credential_rotated`, `export`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from accounts.models import AuditRecord, User


def record(
    action: str,
    *,
    actor: User | None = None,
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
    actor: User | None,
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
    actor: User | None = None,
    actor_name: str = "",
    target: Model | None = None,
    detail: str = "",
    request: HttpRequest | None = None,
) -> AuditRecord:
    return AuditRecord(
        action=action,
        actor=actor if actor is not None and actor.pk else None,
        actor_name=(actor.get_username() if actor is not None else actor_name)[:254],
        object_type=target._meta.label_lower if target is not None else "",
        object_id=str(target.pk)[:64] if target is not None else "",
        object_name=str(target)[:254] if target is not None else "",
        detail=detail[:500],
        address=address_of(request),
    )


def address_of(request: HttpRequest | None) -> str | None:
    """Where a request came from, as the server saw it (a listed proxy's word is taken by the server itself)."""
    found: Any = request.META.get("REMOTE_ADDR") if request is not None else None
    return found or None
