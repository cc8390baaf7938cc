"""Having a file imported, and looking at what became of it."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.models import User
from conversations.imports.working import counts_of, work
from conversations.models import Conversation, Import, ImportRow, Message


def bring(owner: User, *paths: Path) -> Import:
    """As the command does it: all that is in the files."""
    files = [{"name": path.name, "path": str(path), "size": path.stat().st_size} for path in paths]
    made = Import.objects.create(
        owner=owner, state="running", files=files, worker=uuid.uuid4(), heard_at=timezone.now()
    )
    work(made)
    made.refresh_from_db()
    return made


def written(folder: Path, value: Any, name: str = "conversations.json") -> Path:
    path = folder / name
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return path


def counted(made: Import) -> dict[str, int]:
    return {outcome: count for outcome, count in counts_of(made).items() if count}


def row_of(made: Import) -> ImportRow:
    return made.rows.get()


def the_only_conversation(owner: User) -> Conversation:
    return Conversation.objects.visible_to(owner).get()


def tree_of(conversation: Conversation) -> dict[str, tuple[str, str | None]]:
    """Role and what the parent says, by what each message says."""
    return {
        message.text: (message.role, message.parent.text if message.parent else None)
        for message in conversation.messages.select_related("parent")
    }


def leaf_of(conversation: Conversation) -> str:
    assert conversation.current_leaf is not None
    return conversation.current_leaf.text


def message_saying(conversation: Conversation, text: str) -> Message:
    return conversation.messages.get(text=text)
