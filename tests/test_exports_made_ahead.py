"""An export that is too large to be waited for: made while nobody looks, kept for a while, and its owner's alone."""

from __future__ import annotations

import errno
import json
import os
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from accounts.leaving import delete_account
from accounts.models import AuditRecord, User
from conversations.exports import asking, files, working, writing
from conversations.exports.working import MOST_ATTEMPTS, claim_export, work
from conversations.exports.writing import EXPORT_FORMATS, export_conversations
from conversations.generation.household import keep_house
from conversations.jobs import holding
from conversations.models import Conversation, Export, Message
from tests.doors import body_of
from tests.foreign.bringing import bring, counted
from tests.portal import Browser, Portal, eventually

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.EXPORTS_DIR = tmp_path / "exports"
    settings.EXPORTS_DIR.mkdir()
    settings.PORTAL_EXPORT_DIRECT_BYTES = 2500  # two messages and a little
    return Path(settings.EXPORTS_DIR)


@pytest.fixture
def history(ada: User) -> list[Conversation]:
    return [conversation_of(ada, f"Trip {number}") for number in range(4)]


def conversation_of(owner: User, title: str) -> Conversation:
    found = Conversation.objects.create(owner=owner, title=title)
    said = Message.objects.create(conversation=found, role="user", text=f"Where to, {title}?")
    Conversation.objects.filter(pk=found.pk).update(current_leaf=said)
    return found


def asked(browser: Client, name: str = "json", **more: Any) -> Export:
    answer = browser.post("/export/", {"format": name, "which": "all", **more})
    assert (answer.status_code, answer.url) == (302, "/import/")
    return Export.objects.latest("created_at")


def worked_off(**more: Any) -> Export:
    """What the engine's thread does in life."""
    found = claim_export(uuid.uuid4())
    assert found is not None
    work(found, **more)
    found.refresh_from_db()
    return found


def page_of(browser: Client) -> str:
    return browser.get("/import/").content.decode()


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.mark.parametrize("name", list(EXPORT_FORMATS))
def test_the_file_is_what_would_have_been_sent(
    ada: User, ada_browses: Client, history: Any, own_folder: Path, name: str
) -> None:
    made = asked(ada_browses, name)
    assert "waits for its turn" in page_of(ada_browses)
    assert worked_off().state == Export.State.READY
    made.refresh_from_db()
    answer = ada_browses.get(made.download_url)
    own = Conversation.objects.visible_to(ada)
    assert body_of(answer).decode() == "".join(export_conversations(own, EXPORT_FORMATS[name]))
    assert f".{EXPORT_FORMATS[name].module.SUFFIX}" in answer["Content-Disposition"]
    (path,) = own_folder.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert made.size == path.stat().st_size == int(answer["Content-Length"])
    page = page_of(ada_browses)
    assert "kept until" in page and "4 conversations" in page
    assert path.name not in page


def test_what_is_small_is_sent_at_once(
    ada: User, ada_browses: Client, settings: LazySettings
) -> None:
    conversation_of(ada, "One")
    form = {"format": "json", "which": "all"}
    assert json.loads(body_of(ada_browses.post("/export/", form)))["conversations"]
    assert not Export.objects.exists()
    Message.objects.update(text="ß" * 800)  # bytes, not letters
    assert ada_browses.post("/export/", form).status_code == 302
    assert Export.objects.get().total == 1
    settings.PORTAL_EXPORT_DIRECT_BYTES = 3000
    assert body_of(ada_browses.post("/export/", form))


def test_only_what_was_chosen_and_is_still_hers(
    ada: User, bob: User, ada_browses: Client, history: list[Conversation]
) -> None:
    his = conversation_of(bob, "Secret")
    chosen = [str(each.pk) for each in history[:3]]
    made = asked(ada_browses, which="chosen", conversation=chosen)
    Export.objects.update(chosen=[*chosen, str(his.pk)])  # whatever stands in the row
    history[0].delete_softly()
    worked_off()
    made.refresh_from_db()
    value = json.loads(files.path_of(made.stored).read_text())
    assert [each["title"] for each in value["conversations"]] == ["Trip 1", "Trip 2"]
    assert made.total == 2


def test_another_portal_reads_it(ada: User, bob: User, ada_browses: Client, history: Any) -> None:
    asked(ada_browses)
    made = worked_off()
    assert counted(bring(bob, files.path_of(made.stored))) == {"imported": 4}


def test_it_is_written_down_when_it_is_asked_for(ada_browses: Client, history: Any) -> None:
    asked(ada_browses)
    (row,) = AuditRecord.objects.filter(action="conversations_exported")
    assert row.detail == "json, 4"


def test_progress_is_shown_without_the_page_around_it(
    ada_browses: Client, history: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(ada_browses)
    monkeypatch.setattr(holding, "TELL_SECONDS", 0.0)
    shown = []

    def looks() -> bool:
        fragment = ada_browses.get("/exports/", headers={"X-Requested-With": "fetch"})
        text = fragment.content.decode()
        assert "data-at-work" in text and "<html" not in text
        shown.append(int(text.split('value="')[1].split('"')[0]))
        return True

    worked_off(keep_on=looks)
    assert shown == sorted(shown)
    assert set(shown) == {0, 1, 2, 3, 4}
    fragment = ada_browses.get("/exports/", headers={"X-Requested-With": "fetch"})
    assert "data-at-work" not in fragment.content.decode()
    assert ada_browses.get("/exports/").url == "/import/"


class TestTheLink:
    @pytest.fixture
    def made(self, ada_browses: Client, history: Any) -> Export:
        asked(ada_browses)
        return worked_off()

    def test_is_nobody_elses_and_no_guess(
        self, made: Export, ada_browses: Client, bob_browses: Client, carol_browses: Client
    ) -> None:
        for browser in (bob_browses, carol_browses):
            assert browser.get(made.download_url).status_code == 404
        for token in ("", "x", made.token[:-1]):
            assert ada_browses.get(f"/exports/{made.pk}/file/?token={token}").status_code == 404
        assert Client().get(made.download_url).status_code == 302

    def test_expires(
        self,
        made: Export,
        ada_browses: Client,
        own_folder: Path,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        assert made.expires_at
        left = made.expires_at - timezone.now()
        assert timedelta(hours=23) < left <= timedelta(hours=24)
        Export.objects.update(expires_at=timezone.now())
        answer = ada_browses.get(made.download_url, follow=True)
        assert "no longer kept" in answer.content.decode()
        with django_capture_on_commit_callbacks(execute=True):
            keep_house(set())
        assert names_in(own_folder) == []
        made.refresh_from_db()
        assert made.state == Export.State.EXPIRED
        assert made.download_url not in page_of(ada_browses)
        Export.objects.update(finished_at=timezone.now() - timedelta(days=8))
        keep_house(set())
        assert not Export.objects.exists()

    def test_goes_on_where_a_download_broke_off(self, made: Export, ada_browses: Client) -> None:
        first = ada_browses.get(made.download_url)
        whole, etag = body_of(first), first["ETag"]

        def part(**headers: str) -> tuple[int, bytes]:
            answer = ada_browses.get(made.download_url, headers=headers)
            body = body_of(answer)
            assert int(answer["Content-Length"]) == len(body)
            return answer.status_code, body

        assert part(Range="bytes=10-") == (206, whole[10:])
        assert part(Range="bytes=10-19") == (206, whole[10:20])
        assert part(Range="bytes=-7") == (206, whole[-7:])
        assert part(**{"Range": "bytes=10-", "If-Range": etag}) == (206, whole[10:])
        assert part(**{"Range": "bytes=10-", "If-Range": '"other"'}) == (200, whole)
        for nonsense in ("bytes=9-3", "bytes=99999999-", "bytes=-", "x", "bytes=1-2,4-5"):
            assert part(Range=nonsense) == (200, whole)

    def test_of_a_file_that_is_gone_says_so(
        self, made: Export, ada_browses: Client, own_folder: Path
    ) -> None:
        files.path_of(made.stored).unlink()
        answer = ada_browses.get(made.download_url, follow=True)
        assert "The file cannot be read." in answer.content.decode()

    def test_ends_with_the_file(
        self,
        made: Export,
        ada_browses: Client,
        own_folder: Path,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            ada_browses.post(f"/exports/{made.pk}/delete/")
        assert names_in(own_folder) == []
        assert not Export.objects.exists()


def test_a_member_who_leaves_leaves_no_file(
    ada: User,
    ada_browses: Client,
    history: Any,
    own_folder: Path,
    django_capture_on_commit_callbacks: Any,
) -> None:
    asked(ada_browses)
    worked_off()
    with django_capture_on_commit_callbacks(execute=True):
        delete_account(ada)
    assert names_in(own_folder) == []


def test_a_few_at_a_time_and_the_latest_are_kept(
    ada_browses: Client, history: Any, own_folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    for _time in range(asking.MOST_UNFINISHED):
        asked(ada_browses)
    answer = ada_browses.post("/export/", {"format": "json", "which": "all"}, follow=True)
    assert "Exports of yours are being made already." in answer.content.decode()
    assert (
        Export.objects.count()
        == AuditRecord.objects.filter(action="conversations_exported").count()
        == asking.MOST_UNFINISHED
    )
    for _time in range(asking.MOST_UNFINISHED):
        worked_off()
    with django_capture_on_commit_callbacks(execute=True):
        for _time in range(3):
            asked(ada_browses)
            worked_off()
    assert len(names_in(own_folder)) == asking.MOST_KEPT
    oldest = Export.objects.order_by("created_at").values_list("state", flat=True)
    assert list(oldest) == ["expired", "expired", "ready", "ready", "ready"]


def test_cancelling_before_and_in_the_middle(
    ada_browses: Client, history: Any, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = asked(ada_browses)
    ada_browses.post(f"/exports/{made.pk}/cancel/")
    assert claim_export(uuid.uuid4()) is None
    made = asked(ada_browses)
    monkeypatch.setattr(holding, "TELL_SECONDS", 0.0)

    def changes_her_mind() -> bool:
        if Export.objects.filter(pk=made.pk, done=2).exists():
            ada_browses.post(f"/exports/{made.pk}/cancel/")
        return True

    assert worked_off(keep_on=changes_her_mind).state == Export.State.CANCELLED
    assert names_in(own_folder) == []
    assert claim_export(uuid.uuid4()) is None
    assert "cancelled" in page_of(ada_browses)


def test_it_is_heeded_also_while_files_are_packed(
    ada_browses: Client, history: Any, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the last conversation, however long that takes."""
    made = asked(ada_browses)
    monkeypatch.setattr(holding, "TELL_SECONDS", 0.0)

    def packs(*_args: Any, watch: Any, **_more: Any) -> Any:
        def pieces() -> Iterator[bytes]:
            watch(4)
            yield b"the conversations"
            ada_browses.post(f"/exports/{made.pk}/cancel/")
            yield b"a file"
            raise AssertionError("it went on")

        return writing.ExportFile("a.zip", "application/zip", pieces())

    monkeypatch.setattr(working, "export_file", packs)
    assert worked_off().state == Export.State.CANCELLED
    assert names_in(own_folder) == []


def test_after_an_orderly_end_it_is_begun_anew(
    ada_browses: Client, history: Any, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = asked(ada_browses)
    monkeypatch.setattr(holding, "TELL_SECONDS", 0.0)
    for _time in range(MOST_ATTEMPTS + 1):
        assert worked_off(keep_on=lambda: False).state == Export.State.RUNNING
        assert names_in(own_folder) == []
    assert worked_off().state == Export.State.READY
    made.refresh_from_db()
    assert (made.done, made.total) == (4, 4)


def test_after_a_kill_another_takes_over_and_half_a_file_stays_nowhere(
    ada_browses: Client, history: Any, own_folder: Path
) -> None:
    asked(ada_browses)
    dead = claim_export(uuid.uuid4())
    assert dead is not None
    (own_folder / ".half.part").write_text("[")
    Export.objects.update(state="running", stored="half", attempts=1)
    assert claim_export(uuid.uuid4()) is None
    Export.objects.update(heard_at=timezone.now() - timedelta(minutes=2))
    made = worked_off()
    assert made.state == Export.State.READY
    assert names_in(own_folder) == [made.stored]
    work(dead)  # it was not dead, only slow
    made.refresh_from_db()
    assert made.state == Export.State.READY
    assert names_in(own_folder) == [made.stored]


def test_what_breaks_off_each_time_ends_with_a_word(ada_browses: Client, history: Any) -> None:
    asked(ada_browses)
    Export.objects.update(attempts=MOST_ATTEMPTS)
    assert worked_off().state == Export.State.FAILED
    assert "It broke off 5 times." in page_of(ada_browses)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (errno.ENOSPC, "There is no room left"),
        (errno.EDQUOT, "There is no room left"),
        (errno.EROFS, "The portal could not write the file."),
        (errno.EACCES, "The portal could not write the file."),
    ],
)
@pytest.mark.parametrize("when", ["open", "fsync"])
def test_a_disk_that_takes_nothing(
    ada_browses: Client,
    history: Any,
    own_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    sentence: str,
    when: str,
) -> None:
    asked(ada_browses)

    def refuses(*_args: Any) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, when, refuses)
    made = worked_off()
    monkeypatch.undo()
    assert (made.state, made.stored) == (Export.State.FAILED, "")
    assert sentence in page_of(ada_browses)
    assert names_in(own_folder) == []


def test_what_no_export_needs_is_swept_away(
    ada_browses: Client, history: Any, own_folder: Path
) -> None:
    asked(ada_browses)
    kept = worked_off()
    asked(ada_browses)
    Export.objects.filter(state="pending").update(state="running", stored="running")
    for name in ("stray", ".stray.part", ".running.part"):
        (own_folder / name).write_text("x")
    files.sweep(time.time() + 60)
    assert len(names_in(own_folder)) == 4
    files.sweep(time.time() + 3600)
    assert set(names_in(own_folder)) == {kept.stored, ".running.part"}


def test_nobody_makes_the_export_of_a_deactivated_member(
    ada: User, ada_browses: Client, history: Any
) -> None:
    asked(ada_browses)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert claim_export(uuid.uuid4()) is None


@pytest.mark.django_db(transaction=True)
def test_the_engine_makes_it_while_nobody_looks(portal: Portal, ada_at: Browser, ada: User) -> None:
    for number in range(4):
        conversation_of(ada, f"Trip {number}")
    ada_at.http.post("/export/", data={"format": "json", "which": "all"})
    eventually(lambda: Export.objects.get().state == Export.State.READY)
    ada_at.http.headers["Accept-Encoding"] = "gzip"
    answer = ada_at.http.get(Export.objects.get().download_url)
    assert len(answer.json()["conversations"]) == 4
