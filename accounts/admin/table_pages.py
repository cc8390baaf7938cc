"""Pages of the admin on which a table is taken away, and brought back: first what would become of it, then done."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.audit import record
from accounts.models import User
from accounts.reset_links import make_reset_link
from accounts.spreadsheet import csv_response
from accounts.tables.reading import LARGEST, MOST_ROWS, NoTable, Row, read_table
from accounts.tables.table import Outcome, Table
from accounts.tables.values import told

IN_A_BATCH = 500
SHOWN = 500  # outcomes; those that matter first
ORDER = ("refused", "added", "changed", "same")


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV, with commas, semicolons or tabs, or JSON. Nothing is changed yet."
        ),
    )

    def clean_file(self) -> list[Row]:
        """Its rows."""
        upload = self.cleaned_data["file"]
        if upload.size > LARGEST:
            raise forms.ValidationError(_("The file is larger than can be taken here."))
        try:
            return read_table(upload.read())
        except NoTable as error:
            raise forms.ValidationError(str(error)) from error


class RowsForm(forms.Form):
    """What was shown, sent once more to be done. It is what anybody who may upload could upload."""

    rows = forms.JSONField()
    links = forms.BooleanField(required=False)

    def clean_rows(self) -> list[Row]:
        try:
            rows = [Row(int(line), dict(values)) for line, values in self.cleaned_data["rows"]]
            json.dumps([row.values for row in rows], ensure_ascii=False).encode()
            if len(rows) > MOST_ROWS:
                raise ValueError("more than were shown")
        except (TypeError, ValueError) as error:
            raise forms.ValidationError(_("Choose the file once more.")) from error
        return rows


class TablePages:
    """`permissions` of the model's app are what bringing it back needs; to take it away, one has to be let see it."""

    def __init__(
        self,
        table: Table,
        model: type[Model],
        *,
        title: Any,
        permissions: Sequence[str],
        note: Any = "",
    ) -> None:
        self.table = table
        self.opts = model._meta
        self.title = title
        self.permissions = [f"{self.opts.app_label}.{name}" for name in permissions]
        self.note = note

    def urls(self, view: Any) -> list[Any]:
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_table"
        return [
            path("table/", view(require_GET(self.export)), name=f"{prefix}_export"),
            path("table/import/", view(never_cache(self.bring)), name=f"{prefix}_import"),
        ]

    def export(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(f"{self.opts.app_label}.view_{self.opts.model_name}"):
            raise PermissionDenied
        form = "json" if request.GET.get("format") == "json" else "csv"
        name = f"{self.table.name}-{timezone.localdate():%Y-%m-%d}.{form}"
        rows = list(self.table.rows())
        detail = f"{self.table.name}, {form}, {len(rows)}"
        record("table_exported", actor=request.user, detail=detail, request=request)
        if form == "json":
            answer = JsonResponse(
                {self.table.name: rows}, json_dumps_params={"indent": 1, "ensure_ascii": False}
            )
            answer["Content-Disposition"] = f'attachment; filename="{name}"'
            return answer

        def read(mark: int | None) -> tuple[list[Any], int | None]:
            at, after = mark or 0, (mark or 0) + IN_A_BATCH
            cells = [[told(row[name]) for name in self.table.columns] for row in rows[at:after]]
            return cells, after if after < len(rows) else None

        return csv_response(name, self.table.columns, read)  # type: ignore[return-value]

    def bring(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perms(self.permissions):
            raise PermissionDenied
        if request.method == "POST" and "rows" in request.POST:
            return self._apply(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, form=form)
        rows = form.cleaned_data["file"]
        outcomes = self.table.bring(rows, _actor(request), keep=False)
        sent = json.dumps([[row.line, row.values] for row in rows])
        return self._page(request, outcomes=outcomes, rows=sent, unknown=self._unknown(rows))

    def _apply(self, request: HttpRequest) -> HttpResponse:
        form = RowsForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Choose the file once more."))
            return self._page(request, form=UploadForm())
        actor = _actor(request)
        outcomes = self.table.bring(form.cleaned_data["rows"], actor, keep=True, request=request)
        new = [each.target for each in outcomes if each.kind == "added"]
        links = []
        if form.cleaned_data["links"] and self.opts.model is User:
            links = [(each, make_reset_link(each, by=actor, request=request)) for each in new]
        return self._page(request, outcomes=outcomes, done=True, links=links)

    def _unknown(self, rows: list[Row]) -> list[str]:
        """Columns that say nothing here."""
        return sorted({str(name) for row in rows for name in row.values} - set(self.table.readers))

    def _page(self, request: HttpRequest, **more: Any) -> HttpResponse:
        outcomes: list[Outcome] = more.get("outcomes", [])
        counts = Counter(each.kind for each in outcomes)
        listed = sorted(outcomes, key=lambda each: ORDER.index(each.kind))
        prefix = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        context = {
            **admin.site.each_context(request),
            "title": _("Import: %s") % self.title,
            "table_title": self.title,
            "columns": self.table.readers,
            "note": self.note,
            "is_people": self.opts.model is User,
            "counts": [(kind, counts[kind]) for kind in ORDER],
            "to_do": counts["added"] + counts["changed"],
            "added": counts["added"],
            **more,
            "outcomes": [each for each in listed if each.kind != "same"][:SHOWN],
            "list_url": reverse(f"{prefix}_changelist"),
            "this_url": reverse(f"{prefix}_table_import"),
        }
        bad = "form" in more and more["form"].is_bound
        page = "admin/accounts/table_import.html"
        return render(request, page, context, status=422 if bad else 200)


def _actor(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
