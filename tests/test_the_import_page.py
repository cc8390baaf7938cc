"""The page on which members bring conversations along, without a script."""

from __future__ import annotations

import csv
import io
import json
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import AuditRecord, User
from conversations.imports import files
from conversations.imports.working import claim_import, work
from conversations.jobs import holding
from conversations.models import Conversation, Import
from tests.doors import body_of
from tests.foreign.bringing import bring, written
from tests.foreign.chatgpt import branching
from tests.portal import Browser, Portal, eventually

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.IMPORTS_DIR = tmp_path
    return tmp_path


def an_upload(count: int = 3, name: str = "conversations.json") -> SimpleUploadedFile:
    values = [branching(f"c{at}") | {"title": f"Trip {at}"} for at in range(count)]
    return SimpleUploadedFile(name, json.dumps(values).encode())


def uploaded(browser: Client, *uploads: SimpleUploadedFile) -> Import:
    answer = browser.post("/import/", {"files": list(uploads or (an_upload(),))})
    assert answer.status_code == 302, answer.content.decode()
    made = Import.objects.latest("created_at")
    assert answer.url == f"/import/{made.pk}/"
    return made


def worked_off() -> Import:
    """What the engine's thread does in life."""
    found = claim_import(uuid.uuid4())
    assert found is not None
    work(found)
    found.refresh_from_db()
    return found


def page_of(browser: Client, made: Import) -> str:
    return browser.get(f"/import/{made.pk}/").content.decode()


def test_from_the_upload_to_the_report_and_back(
    ada: User, ada_browses: Client, own_folder: Path
) -> None:
    made = uploaded(ada_browses)
    (stored,) = own_folder.iterdir()
    assert stored.name not in page_of(ada_browses, made)
    assert stored.stat().st_mode & 0o777 == 0o600
    assert "Looking into it" in page_of(ada_browses, made)
    assert worked_off().state == Import.State.WAITING
    assert not Conversation.objects.exists()
    page = page_of(ada_browses, made)
    assert "3 conversations can be imported" in page and "Trip 1" in page
    rows = {row.title: row.pk for row in made.rows.all()}
    chosen = [rows["Trip 0"], rows["Trip 2"]]
    ada_browses.post(f"/import/{made.pk}/start/", {"row": chosen})
    assert "0 of 3" in page_of(ada_browses, made)
    assert worked_off().state == Import.State.COMPLETED
    assert not list(own_folder.iterdir())
    titles = set(Conversation.objects.visible_to(ada).values_list("title", flat=True))
    assert titles == {"Trip 0", "Trip 2"}
    page = page_of(ada_browses, made)
    assert "Finished." in page and "You left it out." in page
    ada_browses.post(f"/import/{made.pk}/undo/")
    assert not Conversation.objects.visible_to(ada).exists()
    assert "was undone" in page_of(ada_browses, made)
    assert set(AuditRecord.objects.values_list("action", flat=True)) >= {
        "conversations_imported",
        "import_undone",
    }


def test_the_report_is_a_spreadsheet_without_formulas(ada_browses: Client) -> None:
    evil = [branching("e") | {"title": "=HYPERLINK(1)"}, {"weather": "fine"}]
    made = uploaded(ada_browses, SimpleUploadedFile("x.json", json.dumps(evil).encode()))
    worked_off()
    ada_browses.post(f"/import/{made.pk}/start/", {"row": [made.rows.earliest("number").pk]})
    worked_off()
    text = body_of(ada_browses.get(f"/import/{made.pk}/report/")).decode("utf-8-sig")
    head, first, second = csv.reader(io.StringIO(text))
    assert head == ["Place", "Title", "From", "Messages", "Outcome", "Reason"]
    assert first[1:5] == ["'=HYPERLINK(1)", "ChatGPT", "5", "imported"]
    assert second[4] == "failed" and "not a conversation" in second[5]


def test_nothing_imported_is_never_called_success(ada_browses: Client) -> None:
    made = uploaded(ada_browses, SimpleUploadedFile("x.json", b"[]"))
    assert worked_off().state == Import.State.FAILED
    page = page_of(ada_browses, made)
    assert "Nothing was imported." in page and "Finished." not in page


def test_a_second_time_everything_is_here_already(ada_browses: Client) -> None:
    made = uploaded(ada_browses)
    worked_off()
    ada_browses.post(f"/import/{made.pk}/start/", {"row": [row.pk for row in made.rows.all()]})
    worked_off()
    again = uploaded(ada_browses)
    assert worked_off().state == Import.State.FAILED
    assert page_of(ada_browses, again).count("It is here already, and nothing in it is new.") == 3


def test_cancelling_before_and_in_the_middle(
    ada: User, ada_browses: Client, own_folder: Path
) -> None:
    made = uploaded(ada_browses)
    ada_browses.post(f"/import/{made.pk}/cancel/")
    assert claim_import(uuid.uuid4()) is None
    assert not list(own_folder.iterdir())
    made = uploaded(ada_browses)
    worked_off()
    ada_browses.post(f"/import/{made.pk}/start/", {"row": [row.pk for row in made.rows.all()]})
    found = claim_import(uuid.uuid4())
    assert found is not None
    ada_browses.post(f"/import/{made.pk}/cancel/")
    work(found)
    assert not Conversation.objects.exists()
    made.refresh_from_db()
    assert made.state == Import.State.CANCELLED
    assert "You cancelled it." in page_of(ada_browses, made)


def test_who_takes_over_goes_on_where_it_stood(
    ada: User, ada_browses: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = uploaded(ada_browses, an_upload(5))
    worked_off()
    ada_browses.post(f"/import/{made.pk}/start/", {"row": [row.pk for row in made.rows.all()]})
    first = claim_import(uuid.uuid4())
    assert first is not None
    asked = []

    def keep_on() -> bool:
        asked.append(1)
        return len(asked) < 3

    monkeypatch.setattr(holding, "TELL_SECONDS", 0.0)
    work(first, keep_on=keep_on)
    assert Conversation.objects.count() == 2
    assert worked_off().state == Import.State.COMPLETED
    assert set(made.rows.values_list("outcome", flat=True)) == {"imported"}
    assert Conversation.objects.visible_to(ada).count() == 5


def test_one_worker_at_a_time_and_a_dead_one_is_replaced(ada_browses: Client) -> None:
    made = uploaded(ada_browses)
    assert claim_import(uuid.uuid4()) == made
    assert claim_import(uuid.uuid4()) is None
    Import.objects.update(heard_at=timezone.now() - timedelta(minutes=2))
    assert claim_import(uuid.uuid4()) == made


@pytest.mark.parametrize("uploads", [[], [SimpleUploadedFile("big.json", b"x" * 2000)]])
def test_what_is_refused_leaves_nothing(
    ada_browses: Client, own_folder: Path, settings: LazySettings, uploads: Any
) -> None:
    settings.PORTAL_IMPORT_MAX_BYTES = 1000
    answer = ada_browses.post("/import/", {"files": uploads})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    script = ada_browses.post("/import/", headers={"X-Requested-With": "fetch"})
    assert script.json()["error"]["message"] == "Choose a file first."
    assert not Import.objects.exists() and not list(own_folder.iterdir())


def test_nobody_fills_the_disk_with_waiting_imports(ada_browses: Client) -> None:
    for _time in range(5):
        uploaded(ada_browses)
    assert ada_browses.post("/import/", {"files": [an_upload()]}).status_code == 422


def test_what_no_import_needs_is_swept_away(ada_browses: Client, own_folder: Path) -> None:
    uploaded(ada_browses)
    (own_folder / "stray").write_bytes(b"x")
    files.sweep(time.time() + 60)
    assert len(list(own_folder.iterdir())) == 2
    files.sweep(time.time() + 3600)
    assert [path.name for path in own_folder.iterdir()] != ["stray"]
    assert len(list(own_folder.iterdir())) == 1


@pytest.mark.django_db(transaction=True)
def test_the_engine_works_it_off_while_nobody_looks(portal: Portal, ada_at: Browser) -> None:
    body = {"files": ("conversations.json", an_upload().read(), "application/json")}
    answer = ada_at.http.post("/import/", files=body)
    assert answer.status_code == 201, answer.text
    made = Import.objects.get()
    eventually(lambda: Import.objects.get().state == Import.State.WAITING)
    ada_at.post(f"/import/{made.pk}/start/", row=[row.pk for row in made.rows.all()])
    eventually(lambda: Import.objects.get().state == Import.State.COMPLETED)
    assert Conversation.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_what_is_sent_in_pieces_arrives_whole_at_a_browser_that_takes_gzip(
    portal: Portal, ada_at: Browser, ada: User, tmp_path: Path
) -> None:
    made = bring(ada, written(tmp_path, [branching()]))
    gzip = {"Accept-Encoding": "gzip"}
    report = ada_at.http.get(f"/import/{made.pk}/report/", headers=gzip).text
    assert "Trip plan" in report
    ada_at.http.headers["Accept-Encoding"] = "gzip"
    whole = ada_at.post("/export/", format="json", which="all").json()
    assert len(whole["conversations"][0]["messages"]) == 5
