"""What is seen to once a minute, in each process: idempotent, so that several may do it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.utils import timezone

from accounts.audit import forget_old_records
from accounts.leaving import delete_due_accounts
from accounts.pictures import forget_removed_pictures
from accounts.presence import note_seen
from conversations import attached_files
from conversations.exports import files as files_of_exports
from conversations.exports.asking import expire
from conversations.imports import files as files_of_imports
from conversations.jobs.stored import sweep_folder


def keep_house(present: set[int]) -> None:
    """`present` are the people who have a page open in this process: they are here, though they ask for nothing."""
    note_seen(present)
    now = timezone.now()
    forget_old_records(now)
    forget_removed_pictures(now)
    delete_due_accounts(now)
    expire(now)
    files_of_imports.sweep()
    files_of_exports.sweep()
    attached_files.sweep()
    # What came for a process that was killed.
    sweep_folder(Path(settings.FILE_UPLOAD_TEMP_DIR), set)
