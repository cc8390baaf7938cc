"""The first run: the administrator, and the provider that the environment names. Later runs change nothing."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.first_run import create_first_administrator, take_access_code_from_environment
from chatportal.first_models import add_models
from upstream.environment import SetUp, limit_from_environment, providers_from_environment


class Command(BaseCommand):
    help = "Create the first administrator and the provider of the environment, where they are missing."

    def handle(self, *args: Any, **options: Any) -> None:
        self._create_administrator()
        try:
            if take_access_code_from_environment():
                self.stdout.write("AUTH_SECRET_KEY is now the access code by which members join.")
            made = providers_from_environment()
            limit = limit_from_environment()
        except ValueError as error:
            raise CommandError(str(error)) from error
        if limit:
            self.stdout.write(
                f"Everybody may send {limit} messages an hour (MAX_REQUEST_PER_HOUR)."
            )
        for set_up in made:
            self._introduce(set_up)

    def _introduce(self, set_up: SetUp) -> None:
        provider = set_up.provider
        self.stdout.write(
            f"Provider “{provider}” was set up from {set_up.variable} ({provider.base_url})."
        )
        if provider.takes_access_tokens:
            self.stdout.write(
                self.style.WARNING(
                    "Whoever operates this address sees the access token and every conversation, and the account's "
                    "owner can read them on the vendor's page. Confirm it in the administration, or disable it."
                )
            )
        if not provider.language_models.exists():
            add_models(provider, self.stdout.write)

    def _create_administrator(self) -> None:
        made = create_first_administrator(
            settings.PORTAL_ADMIN_USERNAME, password=settings.PORTAL_ADMIN_PASSWORD
        )
        if made is None:
            return
        self.stdout.write(self.style.SUCCESS(f"Administrator:      {made.username}"))
        if made.one_time_password:
            self.stdout.write(self.style.SUCCESS(f"One-time password:  {made.one_time_password}"))
            self.stdout.write(
                "It is shown this once, and you will be asked for your own at the first log-in."
            )
