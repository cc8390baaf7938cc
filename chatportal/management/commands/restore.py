"""Put a backup into an empty portal."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chatportal.backups.manifest import Manifest, NotABackup
from chatportal.backups.restoring import NotEmpty, refuse_if_in_use, refuse_if_newer, restore
from chatportal.backups.verifying import has_its_secret_key, keys_that_are_missing, opened, verify


class Command(BaseCommand):
    help = (
        "Put the backup FILE into an empty portal. FILE is read through before anything is changed."
    )
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--without-keys",
            action="store_true",
            help="go on without the key of FIELD_ENCRYPTION_KEYS: credentials then have to be entered again",
        )

    def handle(self, *, file: Path, without_keys: bool, **options: Any) -> None:
        begun = time.monotonic()
        try:
            with opened(file) as (archive, manifest):
                refuse_if_in_use()
                refuse_if_newer(manifest)
                self._check_keys(manifest, without_keys)
                self._say("Verifying")
                verify(archive, manifest)
                restore(archive, manifest, self._say)
        except (NotABackup, NotEmpty) as error:
            raise CommandError(f"{file}: {error}") from error
        except OSError as error:
            raise CommandError(
                f"{error.filename or file}: {error.strerror}. Nothing was restored; begin again when that is put right."
            ) from error
        seconds = time.monotonic() - begun
        self.stdout.write(
            self.style.SUCCESS(
                f"Restored what was there at {manifest.created_at}, in {seconds:.1f} s."
            )
        )
        self.stdout.write("Everybody logs in again. Start the portal as usual.")
        if not has_its_secret_key(manifest):
            self.stdout.write(
                "SECRET_KEY is another than it was: access codes have to be made anew."
            )

    def _check_keys(self, manifest: Manifest, without_keys: bool) -> None:
        missing = keys_that_are_missing(manifest)
        if missing and not without_keys:
            raise NotABackup(
                f"what is encrypted in it needs the key with the fingerprint {', '.join(missing)}, which is not among "
                "FIELD_ENCRYPTION_KEYS (or in the file field_encryption_keys of PORTAL_DATA_DIR). Put it there, or go "
                "on --without-keys and enter all credentials again."
            )

    def _say(self, step: str) -> None:
        self.stdout.write(f"→ {step}")
        self.stdout.flush()
