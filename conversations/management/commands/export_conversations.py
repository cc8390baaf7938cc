"""Export all of a member's conversations to a file: the same code as the page's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.audit import record
from accounts.models import User
from conversations.exports.files import write
from conversations.exports.writing import EXPORT_FORMATS, export_file


class Command(BaseCommand):
    help = "Write a member's conversations to a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", required=True, metavar="NAME")
        parser.add_argument("--format", choices=list(EXPORT_FORMATS), default="json")
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = User.objects.filter(username=options["user"]).first()
        if owner is None:
            raise CommandError(f"There is no member called {options['user']}.")
        own = owner.conversations.filter(deleted_at=None, is_arriving=False)
        path: Path = options["file"]
        write(path, export_file(own, EXPORT_FORMATS[options["format"]]).pieces)
        record(
            "conversations_exported", actor=owner, detail=f"{options['format']}, all, by command"
        )
        self.stdout.write(self.style.SUCCESS(f"Written: {path}"))
