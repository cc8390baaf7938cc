"""Take over the settings of a chatgpt-web installation."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chatportal.first_models import add_models
from chatportal.moving_in.env_file import Setting, read_env
from chatportal.moving_in.taking_over import take_over


class Command(BaseCommand):
    help = "Read chatgpt-web's .env or compose file (or both) and set the portal up by it; what is set already stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def handle(self, *, files: list[Path], **options: Any) -> None:
        given: list[Setting] = []
        for path in files:
            try:
                found = read_env(path.read_bytes())
            except OSError as error:
                raise CommandError(f"{path}: {error.strerror}.") from error
            except ValueError as error:
                raise CommandError(f"{path}: {error}") from error
            given += found.settings
            self._tell(path, found.problems)
        account = take_over(given)
        self._tell(files[0] if len(files) == 1 else None, account.left)
        for sentence in account.taken:
            self.stdout.write(self.style.SUCCESS(f"✓ {sentence}"))
        for provider in account.providers:
            if not provider.language_models.exists():
                add_models(provider, self.stdout.write)
        if not account.taken:
            raise CommandError("Nothing was taken over; the lines above say why.")
        self.stdout.write(
            "Next: histories and templates, by docs/migrating.md. Then delete the file: it holds keys."
        )

    def _tell(self, path: Path | None, problems: list[tuple[int, str]]) -> None:
        for line, sentence in sorted(problems):
            where = f"line {line}: " if line else ""
            self.stdout.write(f"{f'{path.name}, ' if path and line else ''}{where}{sentence}")
