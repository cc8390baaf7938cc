"""Prompt templates: what a person can do with theirs, and an administrator with those for everybody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from conversations.models import PromptTemplate
from conversations.models.prompt_template import PromptTemplateQuerySet
from conversations.prompt_files import Row

MOST = 2_000  # templates that one person keeps, or that are shared
UNDO = timedelta(days=1)  # what was deleted before that cannot come back


@dataclass(slots=True)
class Added:
    """What became of rows: how many were added, the titles that were there already, and those beyond MOST."""

    count: int = 0
    known: list[str] = field(default_factory=list)
    too_many: list[str] = field(default_factory=list)


def add_templates(rows: Iterable[Row], *, owner: Any) -> Added:
    """Save what `owner` (None: everybody) does not have yet. The same title or the same text is the same template."""
    added = Added()
    with transaction.atomic():
        kept = PromptTemplate.objects.owned_by(owner).values_list("title", "text")
        titles, texts = {title for title, _text in kept}, {text for _title, text in kept}
        room = MOST - len(kept)
        new: list[PromptTemplate] = []
        for row in rows:
            if row.title in titles or row.text in texts:
                added.known.append(row.title)
            elif len(new) >= room:
                added.too_many.append(row.title)
            else:
                titles.add(row.title)
                texts.add(row.text)
                new.append(PromptTemplate(owner=owner, title=row.title, text=row.text))
        PromptTemplate.objects.bulk_create(new, batch_size=200)
    added.count = len(new)
    return added


def matching(templates: Iterable[PromptTemplate], query: str) -> list[PromptTemplate]:
    """Those with `query` in title or text. Folded here: SQLite knows capitals of ASCII only."""
    wanted = query.strip().casefold()
    return [
        template
        for template in templates
        if wanted in template.title.casefold() or wanted in template.text.casefold()
    ]


def delete_templates(templates: PromptTemplateQuerySet) -> datetime:
    """Take them out of sight; `restore_templates` with the moment returned brings them back, for a day."""
    now = timezone.now()
    PromptTemplate.objects.filter(deleted_at__lt=now - UNDO).delete()
    templates.update(deleted_at=now)
    return now


def restore_templates(user: Any, *, deleted_at: datetime) -> int:
    """Bring back what `user` deleted at that moment; how many that were."""
    return (
        PromptTemplate.objects.deleted_by(user)
        .filter(deleted_at=deleted_at)
        .update(deleted_at=None)
    )
