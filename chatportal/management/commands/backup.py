"""Back the portal up while it runs, or look whether a backup is whole."""

from __future__ import annotations

import os
import signal
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chatportal.backups.keeping import keep_newest, name_for_now
from chatportal.backups.making import make_backup
from chatportal.backups.manifest import Manifest, NotABackup
from chatportal.backups.verifying import has_its_secret_key, keys_that_are_missing, opened, verify

BEHIND = 10  # of 19: after what people wait for


class Command(BaseCommand):
    help = "Write all conversations, accounts, settings and attachments to FILE, while the portal runs; never a key."

    def run_from_argv(self, argv: list[str]) -> None:
        # Whoever ends this process wants no half a backup to stay.
        signal.signal(signal.SIGTERM, lambda *_told: sys.exit(1))
        super().run_from_argv(argv)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            type=Path,
            metavar="FILE",
            help="or a folder: then a name with the time is chosen",
        )
        parser.add_argument(
            "--verify", action="store_true", help="read FILE, and say whether it is whole"
        )
        parser.add_argument(
            "--keep", type=int, metavar="N", help="in a folder: delete all but the newest N"
        )

        parser.add_argument(
            "--stand-back", action="store_true", help="let everything else on this machine go first"
        )

    def handle(self, *, file: Path, **options: Any) -> None:
        begun = time.monotonic()
        if options["stand_back"]:
            os.nice(BEHIND)
        try:
            if options["verify"]:
                self._verify(file)
            else:
                self._make(file, options["keep"])
        except NotABackup as error:
            raise CommandError(f"{file}: {error}") from error
        except OSError as error:
            raise CommandError(
                f"{error.filename or file}: {error.strerror}. {_next_step(error)}"
            ) from error
        self.stdout.write(f"{time.monotonic() - begun:.1f} s")

    def _make(self, file: Path, keep: int | None) -> None:
        if keep is not None and (keep < 1 or not file.is_dir()):
            raise CommandError("--keep wants a number from 1, and a folder that is there.")
        target = file / name_for_now() if file.is_dir() else file
        manifest = make_backup(target)
        self.stdout.write(self.style.SUCCESS(f"{target}: {_contents(manifest)}"))
        if manifest.missing:
            self.stdout.write(f"{len(manifest.missing)} attachments were gone before.")
        self._say_needs(manifest)
        if keep is not None:
            for gone in keep_newest(file, keep):
                self.stdout.write(f"{gone.name}: deleted, as {keep} newer ones are there.")

    def _verify(self, file: Path) -> None:
        with opened(file) as (archive, manifest):
            verify(archive, manifest)
        self.stdout.write(self.style.SUCCESS(f"{file} is whole: {_contents(manifest)}"))
        self._say_needs(manifest)
        for key in keys_that_are_missing(manifest):
            self.stdout.write(
                self.style.WARNING(
                    f"This portal does not have the key {key} of FIELD_ENCRYPTION_KEYS."
                )
            )
        if not has_its_secret_key(manifest):
            self.stdout.write(
                "SECRET_KEY is another here: access codes have to be made anew after a restore."
            )

    def _say_needs(self, manifest: Manifest) -> None:
        keys = ", ".join(manifest.needs["FIELD_ENCRYPTION_KEYS"])
        self.stdout.write(
            f"Keep beside it, elsewhere: FIELD_ENCRYPTION_KEYS (fingerprint {keys}) and SECRET_KEY. Without the first, "
            "the credentials in it cannot be opened."
        )


def _contents(manifest: Manifest) -> str:
    rows = {name: told["rows"] for name, told in manifest.tables.items()}
    return (
        f"{rows.get('conversations_conversation', 0)} conversations, {rows.get('conversations_message', 0)} messages, "
        f"{rows.get('accounts_user', 0)} accounts, {manifest.attachments} attachments, of {manifest.created_at}"
    )


def _next_step(error: OSError) -> str:
    if isinstance(error, FileExistsError):
        return "Choose another name; nothing is overwritten."
    return "Nothing was left behind. Choose a place with room that may be written to."
