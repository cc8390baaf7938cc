"""Where files wait that members brought: under names that nobody chose, readable by the portal alone."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from conversations.models import Import
from upstream.scalars import clean_text

NAME_LENGTH = 150
FORGOTTEN_AFTER = 900.0  # seconds: by then what was uploaded has its row


def keep(uploaded: UploadedFile) -> dict[str, Any]:
    """Move an upload to where it waits; returns what an Import keeps of it."""
    stored = secrets.token_hex(16)
    path = path_of(stored)
    temporary = getattr(uploaded, "temporary_file_path", None)
    if temporary is not None:
        shutil.move(temporary(), path)
        # Django would delete it when the request ends, and complain that it is gone.
        Path(temporary()).touch()
        path.chmod(0o600)
    else:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in uploaded.chunks():
                file.write(chunk)
    return {"name": shown_name(uploaded.name or ""), "stored": stored, "size": uploaded.size or 0}


def shown_name(name: str) -> str:
    name = clean_text(name).replace("\\", "/").rpartition("/")[2]
    return "".join(each if each.isprintable() else "\ufffd" for each in name)[-NAME_LENGTH:]


def path_of(stored: str) -> Path:
    return Path(settings.IMPORTS_DIR) / stored


def remove(files: Iterable[dict[str, Any]]) -> None:
    for file in files:
        if file.get("stored"):
            path_of(file["stored"]).unlink(missing_ok=True)


def sweep(now: float | None = None) -> None:
    """Remove what no import needs any more: those that were finished, and those whose owner is gone."""
    now = time.time() if now is None else now
    folder = Path(settings.IMPORTS_DIR)
    old = [each for each in folder.iterdir() if now - each.stat().st_mtime > FORGOTTEN_AFTER]
    if not old:
        return
    kept = Import.objects.with_files().values_list("files", flat=True)
    needed = {file.get("stored") for files in kept for file in files}
    for path in old:
        if path.name not in needed:
            path.unlink(missing_ok=True)
