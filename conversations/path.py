"""The way from the root of a conversation's tree down to a message: ids alone, read in one statement."""

from __future__ import annotations

import uuid

from django.db import connection

from conversations.models import Message

LONGEST = 100_000  # messages of a branch

PATH_TO_ROOT = """
WITH RECURSIVE path(id, parent_id, deleted_at, depth, standing) AS (
    SELECT id, parent_id, deleted_at, 0, CASE WHEN deleted_at IS NULL THEN 1 ELSE 0 END
    FROM conversations_message WHERE id = %s
    UNION ALL
    SELECT message.id, message.parent_id, message.deleted_at, path.depth + 1,
        path.standing + CASE WHEN message.deleted_at IS NULL THEN 1 ELSE 0 END
    FROM conversations_message AS message JOIN path ON message.id = path.parent_id
    WHERE path.standing < %s
)
SELECT id, CASE WHEN deleted_at IS NULL THEN 1 ELSE 0 END FROM path ORDER BY depth DESC
"""


def path_to(leaf_id: uuid.UUID | None, *, window: int = LONGEST) -> list[uuid.UUID]:
    """The ids from the root (or `window` messages up) to `leaf_id`, oldest first, deleted ones among them."""
    return [pk for pk, _is_standing in standing_path_to(leaf_id, window)]


def standing_path_to(
    leaf_id: uuid.UUID | None, window: int = LONGEST
) -> list[tuple[uuid.UUID, bool]]:
    """Each id with whether it stands there still: deleted messages take no place in a window."""
    if leaf_id is None or window < 1:
        return []
    field = Message._meta.pk
    with connection.cursor() as cursor:
        cursor.execute(PATH_TO_ROOT, [field.get_db_prep_value(leaf_id, connection), window])
        return [(uuid.UUID(str(pk)), bool(standing)) for pk, standing in cursor.fetchall()]


def end_of(leaf_id: uuid.UUID | None) -> uuid.UUID | None:
    """The last message of the branch to `leaf_id` that was not deleted; None where all were."""
    path = standing_path_to(leaf_id, 1)
    return path[0][0] if path and path[0][1] else None
