"""A table that administrators take away, change elsewhere, and bring back.

Trying it out and doing it are one way: what is tried is taken back. The same file a second time changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.models import User
from accounts.tables.reading import Row
from accounts.tables.values import Refused, told

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    column: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a row: `added`, `changed`, `same` or `refused` (and the `reason`)."""

    line: int
    name: str
    kind: str
    changes: tuple[Change, ...] = ()
    reason: str = ""
    target: Any = None


class Table:
    """`readers` read a cell of each column that can be brought back; `told_only` are those that are only told.
    `blank` is what a new row has where the file says nothing.
    """

    name = ""
    key: tuple[str, ...] = ()
    readers: Mapping[str, Callable[[Any], Any]]
    told_only: tuple[str, ...] = ()
    blank: Plain

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.readers, *self.told_only)

    def rows(self) -> Iterable[Plain]:
        raise NotImplementedError

    def plain(self, found: Any) -> Plain:
        raise NotImplementedError

    def find(self, key: Plain) -> Any:
        """The row that is there already, or None."""
        raise NotImplementedError

    def save(self, found: Any, key: Plain, changes: Plain, actor: User) -> Any:
        """Add (where `found` is None) or change; raises Refused, ValidationError or IntegrityError."""
        raise NotImplementedError

    # --- Bringing rows in --------------------------------------------------------------------------------------------

    def bring(
        self, rows: Iterable[Row], actor: User, *, keep: bool, request: Any = None
    ) -> list[Outcome]:
        """In one transaction, which is taken back where it is only tried; rows that are refused hold up no others."""
        with transaction.atomic():
            outcomes = list(self._each(rows, actor, request))
            if keep:
                done = sum(each.kind in {"added", "changed"} for each in outcomes)
                detail = f"{self.name}, {done}"
                record("table_imported", actor=actor, detail=detail, request=request)
            else:
                transaction.set_rollback(True)
        return outcomes

    def _each(self, rows: Iterable[Row], actor: User, request: Any) -> Iterator[Outcome]:
        seen: dict[tuple[str, ...], int] = {}
        for row in rows:
            name = ""
            try:
                key = {column: self._read(row, column) for column in self.key}
                name = " / ".join(value for value in map(told, key.values()) if value)
                folded = tuple(told(value).casefold() for value in key.values())
                if folded in seen:
                    raise Refused(_("It stands in line %d already.") % seen[folded])
                seen[folded] = row.line
                with transaction.atomic():  # one that is refused in the middle leaves nothing
                    yield self._one(row, key, name, actor, request)
            except Refused as error:
                yield Outcome(row.line, name, "refused", reason=str(error))
            except ValidationError as error:
                yield Outcome(row.line, name, "refused", reason=" ".join(error.messages))
            except IntegrityError:
                reason = _("It does not fit with what is there.")
                yield Outcome(row.line, name, "refused", reason=reason)

    def _one(self, row: Row, key: Plain, name: str, actor: User, request: Any) -> Outcome:
        found = self.find(key)
        now = self.blank if found is None else self.plain(found)
        said = [column for column in self.readers if column in row.values and column not in key]
        wanted = {column: self._read(row, column) for column in said}
        changes = {column: value for column, value in wanted.items() if value != now.get(column)}
        if found is not None and not changes:
            return Outcome(row.line, name, "same")
        saved = self.save(found, key, changes, actor)
        kind = "changed" if found is not None else "added"
        detail = ", ".join([*changes, "by import"])
        record(kind, actor=actor, target=saved, detail=detail, request=request)
        differences = tuple(
            Change(column, told(now.get(column)), told(value)) for column, value in changes.items()
        )
        return Outcome(row.line, name, kind, differences, target=saved)

    def _read(self, row: Row, column: str) -> Any:
        if not row.values:
            raise Refused(_("This row has no columns that are known, or more than there are."))
        try:
            return self.readers[column](row.values.get(column))
        except Refused as error:
            raise Refused(f"{column}: {error}") from error
