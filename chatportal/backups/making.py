"""Making a backup while the portal runs: the database as it was at one instant, and the files that belong to it."""

from __future__ import annotations

import hashlib
import os
import queue
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection

from chatportal.backups.manifest import NAME, Manifest, new_manifest
from chatportal.backups.tables import Table, lines_of, tables_of
from chatportal.version import VERSION
from conversations.attached_files import path_of
from conversations.models import Attachment

WAITING = 16  # pieces between the one that reads and the one that packs
PACKING = 1  # zlib's quickest: a backup is made often and read seldom


def make_backup(target: Path) -> Manifest:
    """Writes `target` whole or not at all, readable by its owner alone. Raises OSError, also where it is there."""
    if target.exists():
        raise FileExistsError(17, "There is a file of that name already", str(target))
    arriving = target.with_name(f".{target.name}.{os.getpid()}.part")
    descriptor = os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=PACKING) as archive:
                manifest = _fill(archive)
            out.flush()
            os.fsync(out.fileno())
        arriving.replace(target)
    finally:
        arriving.unlink(missing_ok=True)
    return manifest


def _fill(archive: zipfile.ZipFile) -> Manifest:
    with one_instant():
        manifest = new_manifest(VERSION)
        for table in tables_of(apps):
            manifest.tables[table.name] = _add_table(archive, table)
        files = set(
            Attachment.objects.order_by().values_list("conversation__owner_id", "digest").distinct()
        )
    for owner, digest in sorted(files):
        if _add_file(archive, owner, digest):
            manifest.attachments += 1
        else:
            manifest.missing.append(digest)
    archive.writestr(NAME, manifest.as_json())
    return manifest


@contextmanager
def one_instant() -> Iterator[None]:
    """All that is read within is of the same instant; nobody who writes has to wait for it."""
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("BEGIN" if is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _add_table(archive: zipfile.ZipFile, table: Table) -> dict[str, Any]:
    digest, rows = hashlib.sha256(), 0
    with (
        archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as out,
        _packed_beside(out) as write,
    ):
        for piece in lines_of(table):
            digest.update(piece)
            rows += piece.count(b"\n")
            write(piece)
    columns = [list(each) for each in table.columns]
    return {"rows": rows, "sha256": digest.hexdigest(), "columns": columns}


@contextmanager
def _packed_beside(out: Any) -> Iterator[Any]:
    """What is written is packed in a thread of its own, while the next rows are read."""
    waiting: queue.Queue[bytes | None] = queue.Queue(WAITING)
    failed: list[BaseException] = []

    def pack() -> None:
        while (piece := waiting.get()) is not None:
            if failed:
                continue  # whoever writes must not wait for ever
            try:
                out.write(piece)
            except BaseException as error:
                failed.append(error)

    def write(piece: bytes) -> None:
        if failed:
            raise failed[0]
        waiting.put(piece)

    thread = threading.Thread(target=pack, name="backup")
    thread.start()
    try:
        yield write
    finally:
        waiting.put(None)
        thread.join()
    if failed:
        raise failed[0]


def _add_file(archive: zipfile.ZipFile, owner: int, digest: str) -> bool:
    name = f"attachments/{owner}/{digest}"
    try:
        archive.write(path_of(owner, digest), name, zipfile.ZIP_STORED)
    except FileNotFoundError:
        return False
    return True
