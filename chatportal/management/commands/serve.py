"""What `make run` runs: prepare the data, start the demo model, serve, and end all of it together."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from chatportal.backups.schedule import Schedule
from chatportal.serving import CannotListen, PortalServer, listen, urls
from chatportal.sqlite.checkpointing import checkpointing
from chatportal.starting.database import (
    await_database,
    refuse_newer,
    telling_what_it_refused,
)
from chatportal.starting.disk import examine_disk, writing_below
from chatportal.starting.keys import refuse_lost_keys
from chatportal.static_files import collect_if_changed
from upstream.demo import registration
from upstream.demo.process import DemoModel, DemoModelError


class Command(BaseCommand):
    help = "Prepare the database and the static files, start the demo model and serve the portal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
        parser.add_argument("--port", type=int, default=os.environ.get("PORT") or 8000)
        parser.add_argument(
            "--without-keys",
            action="store_true",
            help="start although no key opens the secrets in the database: they have to be entered again",
        )

    def handle(self, *, host: str, port: int, without_keys: bool, **options: Any) -> None:
        # From the first line on, both signals end everything in order; while it serves, uvicorn takes them itself
        # and hands them back when it is done.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt), self._listening(host, port) as listener:
            self._prepare(without_keys)
            with self._demo_model(), Schedule(), checkpointing():
                server = PortalServer(
                    on_started=lambda: self._say_where(host, listener.getsockname()[1]),
                    on_stopping=self._say_stopping,
                )
                server.run(sockets=[listener])
                if not server.started:
                    raise CommandError("The portal did not start; the lines above say why.")

    @contextlib.contextmanager
    def _listening(self, host: str, port: int) -> Iterator[Any]:
        try:
            listener = listen(host, port)
        except CannotListen as reason:
            raise CommandError(
                f"Cannot listen on {host}, port {port}: {reason}.\n"
                f"Give another one: PORT={port + 1 if port < 65535 else 8000} make run"
            ) from reason
        with listener:
            yield listener

    def _prepare(self, without_keys: bool) -> None:
        examine_disk(settings.DATA_DIR)
        await_database(self._say)
        with telling_what_it_refused():
            refuse_newer()
            with self._step("Preparing the database"):
                call_command("migrate", interactive=False, verbosity=0)
            if not without_keys:
                refuse_lost_keys()
        with self._step("Collecting the static files"), writing_below(settings.STATIC_ROOT):
            collect_if_changed()
        with telling_what_it_refused():
            call_command("bootstrap")

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()

    @contextlib.contextmanager
    def _demo_model(self) -> Iterator[None]:
        if not settings.PORTAL_DEMO_MODEL:
            registration.unregister()
            yield
            return
        model = DemoModel(log_file=settings.DATA_DIR / "logs" / "demo-model.log")
        try:
            with self._step("Starting the built-in demo model"):
                endpoint = model.start()
        except DemoModelError as error:
            registration.unregister()
            self.stderr.write(
                f"The demo model cannot be started; the portal goes on without it. {error}"
            )
            yield
            return
        try:
            registration.register(address=endpoint.address, key=endpoint.key, model=endpoint.model)
            yield
        finally:
            model.stop()  # last of all: answers that were still being drained needed it

    @contextlib.contextmanager
    def _step(self, title: str) -> Iterator[None]:
        started = time.monotonic()
        self.stdout.write(f"→ {title} … ", ending="")
        self.stdout.flush()
        try:
            yield
        except BaseException:
            self.stdout.write("FAILED")
            raise
        self.stdout.write(f"{time.monotonic() - started:.1f} s")

    def _say_where(self, host: str, port: int) -> None:
        first, *others = urls(host, port)
        self.stdout.write(self.style.SUCCESS(f"\nThe portal is at {first}"))
        if others:
            self.stdout.write(f"From other machines: {' '.join(others)}")
        self.stdout.write("Ctrl-C ends it.\n")
        self.stdout.flush()

    def _say_stopping(self) -> None:
        self.stdout.write(
            f"\nStopping. Running answers have {settings.PORTAL_DRAIN_SECONDS} s to finish; "
            "Ctrl-C again ends at once."
        )
        self.stdout.flush()
