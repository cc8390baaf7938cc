"""Where files wait that members brought: under names that nobody chose, readable by the portal alone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from conversations.jobs.stored import new_name, sweep_folder
from conversations.models import Import
from upstream.scalars import clean_text

NAME_LENGTH = 150


def keep(uploaded: UploadedFile) -> dict[str, Any]:
    """Move an upload to where it waits; returns what an Import keeps of it."""
    stored = new_name()
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
    sweep_folder(Path(settings.IMPORTS_DIR), _needed, now)


def _needed() -> set[str]:
    kept = Import.objects.unfinished().values_list("files", flat=True)
    return {file["stored"] for files in kept for file in files if file.get("stored")}
