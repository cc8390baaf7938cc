"""Change the key that credentials and other secrets are encrypted with."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.rotating import rotate_all
from chatportal.backups.manifest import fingerprints
from chatportal.secret_files import replace
from conversations.models import EngineProcess

ALIVE = timedelta(seconds=30)


class Command(BaseCommand):
    help = "Encrypt all secrets anew with the first of FIELD_ENCRYPTION_KEYS; with --new-key, with a new one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--new-key",
            action="store_true",
            help="make one, where the portal keeps its keys in its own file",
        )
        parser.add_argument(
            "--forget-old",
            action="store_true",
            help="keep the new key alone: older backups then need the old ones",
        )

    def handle(self, *, new_key: bool, forget_old: bool, **options: Any) -> None:
        own_file = settings.KEYS_ARE_OURS
        if new_key or forget_old:
            self._check(own_file)
        if new_key:
            # Saved before anything is encrypted with it: a kill in between loses nothing.
            self._keep([Fernet.generate_key().decode(), *settings.FIELD_ENCRYPTION_KEYS])
        count, unreadable = rotate_all()
        first, *others = fingerprints(settings.FIELD_ENCRYPTION_KEYS)
        self.stdout.write(
            self.style.SUCCESS(f"{count} secrets are encrypted with the key {first} now.")
        )
        if unreadable:
            raise CommandError(
                "No key opens these; they stay as they are, and have to be entered again:\n"
                + "\n".join(unreadable)
            )
        if forget_old:
            self._keep(settings.FIELD_ENCRYPTION_KEYS[:1])
            self.stdout.write(
                f"Forgotten: {', '.join(others)}. Backups made before need them still."
            )
        elif others:
            self.stdout.write(
                f"Older keys ({', '.join(others)}) open nothing here any more. Backups made before need them: keep "
                "them with those, and take them out of FIELD_ENCRYPTION_KEYS (or run this with --forget-old)."
            )

    def _check(self, own_file: bool) -> None:
        if not own_file:
            raise CommandError(
                "FIELD_ENCRYPTION_KEYS stands in the environment, which only you can change: put a new key before "
                "the others there (new,old), restart the portal, and run this without options."
            )
        if EngineProcess.objects.filter(heartbeat_at__gt=timezone.now() - ALIVE).exists():
            raise CommandError(
                "A portal is running, and knows only the keys that it started with. Stop it first."
            )

    def _keep(self, keys: list[str]) -> None:
        replace(settings.DATA_DIR / "field_encryption_keys", ",".join(keys))
        settings.FIELD_ENCRYPTION_KEYS = keys
