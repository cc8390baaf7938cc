"""Working an import off: first the list to choose from, then one conversation after another.

The row is the truth. It goes on when the page is closed; whoever cancels it changes the row, and the work ends at the
next conversation; and when the process ends in the middle, another takes it up where the rows say it stood.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import record
from accounts.time_zones import zone
from conversations.imports import files
from conversations.imports.files_beside import FilesBeside, files_beside, only_beside
from conversations.imports.reading import Found, conversations_in, read_conversation
from conversations.imports.values import Circumstances, NotReadable
from conversations.imports.writing import Written, known_by_content, write_conversation
from conversations.jobs.holding import MOST_ATTEMPTS, Ended, Hold, claim
from conversations.models import Import, ImportRow
from conversations.models.conversation import TITLE_LENGTH

State, Outcome = Import.State, ImportRow.Outcome
BATCH = 50  # rows of the list in one transaction
REASON_LENGTH = 500
MOST_ROWS = 200_000


def claim_import(worker: uuid.UUID) -> Import | None:
    """The oldest import that nobody works on, now this worker's."""
    return claim(Import.objects.all(), worker)


def work(
    work_on: Import, *, keep_on: Callable[[], bool] = lambda: True, breathes: bool = False
) -> None:
    """See an import that this worker has claimed to the end of its state."""
    with translation.override(work_on.owner.locale or translation.get_language()):
        hold = Hold(work_on, keep_on, breathes=breathes)
        job = _Job(work_on, hold)
        try:
            if work_on.attempts >= MOST_ATTEMPTS:
                job.give_up()
                return
            hold.note(attempts=work_on.attempts + 1)
            with files_beside(job.brought) as job.beside:
                job.make_list() if work_on.state == State.READING else job.bring_in()
        except Ended:
            hold.let_go(attempts=work_on.attempts)  # an orderly end is no failed attempt


def start(chosen: Import) -> bool:
    """Bring in what was chosen; returns whether it was waiting for that."""
    waiting = Import.objects.filter(pk=chosen.pk, state=State.WAITING)
    return bool(waiting.update(state=State.RUNNING, worker=None))


def cancel(unwanted: Import) -> bool:
    """Bring in no more; what has been stays, until the import is undone."""
    unfinished = Import.objects.filter(pk=unwanted.pk, state__in=Import.UNFINISHED)
    moved = unfinished.update(state=State.CANCELLED, finished_at=timezone.now(), worker=None)
    if moved:
        files.remove(unwanted.files)
    return bool(moved)


def counts_of(counted: Import) -> dict[str, int]:
    """How many conversations there are of each outcome."""
    found = counted.rows.values("outcome").annotate(count=Count("pk")).order_by()
    return {str(outcome): 0 for outcome in Outcome} | {
        row["outcome"]: row["count"] for row in found
    }


@dataclass(slots=True)
class _Job:
    of: Import
    hold: Hold
    warnings: list[str] = field(default_factory=list)
    left_behind: int = 0
    beside: FilesBeside = field(default_factory=FilesBeside)
    circumstances: Circumstances = field(init=False)

    def __post_init__(self) -> None:
        self.circumstances = Circumstances(zone(self.of.owner.time_zone) or UTC)
        self.warnings = list(self.of.warnings)

    # --- The list to choose from ---------------------------------------------------------------------------------

    def make_list(self) -> None:
        self.of.rows.all().delete()  # of a list that was not finished
        rows: list[ImportRow] = []
        for number, found in self._all():
            begun = time.monotonic()
            rows.append(self._listed(number, found))
            if len(rows) >= BATCH:
                self._save(rows)
                rows = []
            self.hold.breathe(begun)
        self._save(rows)
        self._move(State.WAITING if counts_of(self.of)[Outcome.PENDING] else State.FAILED)

    def _save(self, rows: list[ImportRow]) -> None:
        with transaction.atomic():
            ImportRow.objects.bulk_create(rows)

    def _listed(self, number: int, found: Found) -> ImportRow:
        row = ImportRow(belongs_to=self.of, number=number, place=found.place)
        if not found.fault and (
            known := known_by_content(self.of.owner, found.digest, self.beside)
        ):
            row.title, row.format, row.conversation_id = (
                known.title,
                known.format,
                known.conversation,
            )
            row.outcome, row.reason = Outcome.SKIPPED, known.reason
            return row
        try:
            read = read_conversation(found, self.circumstances)
        except NotReadable as error:
            row.outcome, row.reason = Outcome.FAILED, str(error)[:REASON_LENGTH]
            return row
        self._watch(read.carries_key)
        row.format = read.format.NAME
        row.title = " ".join(read.conversation.title.split())[:TITLE_LENGTH]
        row.messages = sum(bool(each.role) for each in read.conversation.messages)
        return row

    # --- Bringing in ---------------------------------------------------------------------------------------------

    def bring_in(self) -> None:
        listed = {
            number: (pk, outcome, is_wanted)
            for number, pk, outcome, is_wanted in self.of.rows.values_list(
                "number", "pk", "outcome", "is_wanted"
            )
        }
        for number, found in self._all():
            pk, outcome, is_wanted = listed.get(number, (None, Outcome.PENDING, True))
            if outcome != Outcome.PENDING:
                continue
            begun = time.monotonic()
            note = self._note(number, pk, found)
            if is_wanted:
                self._bring(found, note)
            else:
                note(Written(Outcome.SKIPPED, _("You left it out.")))
            self.hold.breathe(begun)
        if self.left_behind:
            said = ngettext(
                "%d file or picture was not brought along; its name stands where it was.",
                "%d files and pictures were not brought along; their names stand where they were.",
                self.left_behind,
            )
            self.warnings.append(said % self.left_behind)
        counts = counts_of(self.of)
        done = counts[Outcome.IMPORTED] + counts[Outcome.UPDATED]
        self._move(State.COMPLETED if done else State.FAILED)
        record("conversations_imported", actor=self.of.owner, detail=str(done))

    def _bring(self, found: Found, note: Callable[[Written], None]) -> None:
        owner, digest = self.of.owner, "" if found.fault else found.digest
        if digest and (known := known_by_content(owner, digest, self.beside)):
            note(known)
            return
        try:
            read = read_conversation(found, self.circumstances)
        except NotReadable as error:
            note(Written(Outcome.FAILED, str(error)))
            return
        self._watch(read.carries_key)
        try:
            written = write_conversation(owner, read, digest=digest, note=note, beside=self.beside)
        except NotReadable as error:
            note(Written(Outcome.FAILED, str(error)))
            return
        if written.outcome in {Outcome.IMPORTED, Outcome.UPDATED}:
            self.left_behind += written.missing

    def _note(self, number: int, pk: Any, found: Found) -> Callable[[Written], None]:
        def note(written: Written) -> None:
            told: dict[str, Any] = {
                "outcome": written.outcome,
                "reason": written.reason[:REASON_LENGTH],
                "conversation_id": written.conversation,
            }
            if written.format:
                told |= {"format": written.format, "title": written.title[:TITLE_LENGTH]}
                told["messages"] = written.messages
            if pk is None:
                ImportRow.objects.create(
                    belongs_to=self.of, number=number, place=found.place, **told
                )
            else:
                ImportRow.objects.filter(pk=pk).update(**told)

        return note

    def give_up(self) -> None:
        """What ends whoever begins with it must not end everybody's portal again and again."""
        reason = _("It broke off %d times here. Import it alone, or tell an administrator.")
        pending = self.of.rows.filter(outcome=Outcome.PENDING)
        pending.update(outcome=Outcome.FAILED, reason=reason % self.of.attempts)
        self.warnings.append(
            _("The import broke off %d times, and was given up. What came in before stays.")
            % self.of.attempts
        )
        counts = counts_of(self.of)
        self._move(
            State.COMPLETED if counts[Outcome.IMPORTED] + counts[Outcome.UPDATED] else State.FAILED
        )

    # --- Both ----------------------------------------------------------------------------------------------------

    @property
    def brought(self) -> list[tuple[Path, str]]:
        return [
            (
                files.path_of(file["stored"]) if file.get("stored") else Path(file["path"]),
                file["name"],
            )
            for file in self.of.files
        ]

    def _all(self) -> Iterator[tuple[int, Found]]:
        number = 0
        for path, name in self.brought:
            if len(self.of.files) > 1 and only_beside(path):
                continue
            for found in conversations_in(path, name):
                self.hold.tell(warnings=self.warnings)
                yield number, found
                number += 1
                if number >= MOST_ROWS:
                    return

    def _watch(self, carries_key: bool) -> None:
        if carries_key:
            warning = _(
                "There is a key or a token in what you imported. It was not kept, unless it stands in a message: "
                "revoke it where it was made, for whoever has the file can use it."
            )
            if warning not in self.warnings:
                self.warnings.append(warning)

    def _move(self, state: str) -> None:
        self.hold.move(state, warnings=self.warnings, attempts=0)
        if state not in Import.UNFINISHED:
            files.remove(self.of.files)
