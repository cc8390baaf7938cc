"""Look at everything that the portal needs, and say what to do."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chatportal.doctor.at_home import (
    examine_backups,
    examine_database,
    examine_disk,
    examine_secrets,
)
from chatportal.doctor.finding import Finding, State
from chatportal.doctor.outward import examine_mail, examine_redis, examine_upstreams
from chatportal.doctor.through_the_public_url import examine, public_url

SIGNS = {State.GOOD: "✓", State.DOUBTFUL: "!", State.BAD: "✗"}


class Command(BaseCommand):
    help = "Examine database, disk, upstreams, mail, clock, proxy headers, and the WebSocket through the public URL."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--url", default="", help="where members reach the portal; PORTAL_URL if not given"
        )

    def handle(self, *, url: str, **options: Any) -> None:
        styles = {
            State.GOOD: self.style.SUCCESS,
            State.DOUBTFUL: self.style.WARNING,
            State.BAD: self.style.ERROR,
        }
        worst = 0
        for found in self._findings((url or public_url()).rstrip("/")):
            self.stdout.write(
                styles[found.state](f"{SIGNS[found.state]} {found.what}: {found.said}")
            )
            if found.advice:
                self.stdout.write(f"  → {found.advice}")
            worst += found.state == State.BAD
        if worst:
            raise CommandError(f"{worst} of these keep the portal from working as it should.")

    def _findings(self, url: str) -> Iterator[Finding]:
        database = list(examine_database())
        yield from database
        yield from examine_disk()
        yield from examine_secrets()
        yield from examine_backups()
        if all(found.state != State.BAD for found in database):
            yield from examine_upstreams()
            yield from examine_mail()
        yield from examine_redis()
        yield from examine(url)
