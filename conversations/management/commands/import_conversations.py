"""Import conversations from files into a member's own: the same code as the page's."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from conversations.imports.working import counts_of, work
from conversations.models import Import


class Command(BaseCommand):
    help = "Bring what another chat system exported into a member's conversations."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", required=True, metavar="NAME")
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = User.objects.filter(username=options["user"]).first()
        if owner is None:
            raise CommandError(f"There is no member called {options['user']}.")
        for path in options["files"]:
            if not path.is_file():
                raise CommandError(f"There is no file {path}.")
        files = [
            {"name": path.name, "path": str(path.resolve()), "size": path.stat().st_size}
            for path in options["files"]
        ]
        made = Import.objects.create(
            owner=owner,
            state=Import.State.RUNNING,
            files=files,
            worker=uuid.uuid4(),
            heard_at=timezone.now(),
        )
        work(made)
        self._report(made)

    def _report(self, made: Import) -> None:
        made.refresh_from_db()
        for row in made.rows.exclude(outcome="imported").order_by("number"):
            self.stdout.write(f"{row.outcome}: {row.title or row.place}: {row.reason}")
        for warning in made.warnings:
            self.stdout.write(self.style.WARNING(warning))
        counts = counts_of(made)
        said = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
        if made.state != Import.State.COMPLETED:
            raise CommandError(f"Nothing was imported ({said or 'the files are empty'}).")
        self.stdout.write(self.style.SUCCESS(said))
