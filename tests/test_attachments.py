"""Files and pictures come along with what was said, are shown to their owner, and go when nothing speaks of them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

from accounts.models import User
from conversations import attached_files
from conversations.attached_files import path_of, sweep_now
from conversations.branching import copy_conversation
from conversations.exports.asking import is_large
from conversations.exports.writing import EXPORT_FORMATS, export_file
from conversations.imports import attaching, files_beside
from conversations.imports.values import NotReadable
from conversations.models import Attachment, Conversation, Message
from tests.doors import body_of
from tests.foreign.bringing import (
    bring,
    counted,
    message_saying,
    row_of,
    the_only_conversation,
    written,
)
from tests.foreign.chatgpt import conversation, node, root

SCHEMA = json.loads((settings.BASE_DIR / "docs" / "export.schema.json").read_text())
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_place_of_their_own(settings: Any, tmp_path: Path) -> None:
    settings.ATTACHMENTS_DIR = tmp_path / "attachments"
    settings.ATTACHMENTS_DIR.mkdir()


def png(colour: str = "red", side: int = 7) -> bytes:
    page = io.BytesIO()
    Image.new("RGB", (side, side + 2), colour).save(page, "PNG")
    return page.getvalue()


PNG = png()
PDF = b"%PDF-1.4 not much of it"


def pointing(pointer: str = "file-service://file-AbcDef123456") -> Any:
    """A picture that was sent with a file, and one that was drawn."""
    picture = {"content_type": "image_asset_pointer", "asset_pointer": pointer, "size_bytes": 1}
    drawn = {
        "content_type": "image_asset_pointer",
        "asset_pointer": "sediment://file_0000000012345678",
        "metadata": {"dalle": {"prompt": "A red square"}},
    }
    sent = {"content_type": "multimodal_text", "parts": [picture, "What is this?"]}
    files = [
        {"id": "file-AbcDef123456", "name": "red.png", "mime_type": "image/png", "size": 1},
        {"id": "file-Pdf9876543210", "name": "plan.pdf", "mime_type": "application/pdf"},
    ]
    answer = {"content_type": "multimodal_text", "parts": ["Red.", drawn]}
    nodes = [
        root("q"),
        node("q", "client-created-root", content=sent, metadata={"attachments": files}),
        node("a", "q", "assistant", content=answer),
    ]
    return conversation("c", nodes, "a")


def archive(folder: Path, files: dict[str, bytes], name: str = "export.zip") -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w") as packed:
        for member, held in files.items():
            packed.writestr(member, held)
    return path


FILES = {
    "file-AbcDef123456-red.png": PNG,
    "dalle-generations/file_0000000012345678-8a7b.webp": png("blue"),
    "file-Pdf9876543210-plan.pdf": PDF,
}


def whole(folder: Path) -> Path:
    return archive(folder, {"conversations.json": json.dumps([pointing()]).encode(), **FILES})


def pictures_of(message: Message) -> list[dict[str, Any]]:
    return [part for part in message.parts if part["type"] == "attachment"]


def test_pictures_and_files_of_a_zip_come_along(ada: User, tmp_path: Path) -> None:
    made = bring(ada, whole(tmp_path))
    assert counted(made) == {"imported": 1}, row_of(made).reason
    assert made.warnings == []
    asked = message_saying(the_only_conversation(ada), "What is this?")
    red, plan = pictures_of(asked)
    assert red == {
        "type": "attachment",
        "name": "red.png",
        "media_type": "image/png",
        "size": len(PNG),
        "digest": hashlib.sha256(PNG).hexdigest(),
        "width": 7,
        "height": 9,
    }
    assert (plan["name"], plan["media_type"], plan["size"]) == (
        "plan.pdf",
        "application/pdf",
        len(PDF),
    )
    (blue,) = pictures_of(message_saying(the_only_conversation(ada), "Red."))
    assert blue["name"] == "A red square"
    assert path_of(ada.pk, red["digest"]).read_bytes() == PNG
    assert path_of(ada.pk, plan["digest"]).read_bytes() == PDF
    assert path_of(ada.pk, plan["digest"]).stat().st_mode & 0o077 == 0


def test_a_history_in_several_files_is_one(ada: User, tmp_path: Path) -> None:
    said = archive(tmp_path, {"conversations-000.json": json.dumps([pointing()]).encode()})
    pictures = archive(
        tmp_path, {name: held for name, held in FILES.items() if "Pdf" not in name}, "second.zip"
    )
    plan = written(tmp_path, PDF, "file-Pdf9876543210-plan.pdf")
    made = bring(ada, pictures, said, plan)
    assert counted(made) == {"imported": 1}
    assert made.warnings == []
    assert Attachment.objects.count() == 3


def test_a_picture_in_the_json_itself_comes_along_and_is_not_kept_twice(
    ada: User, tmp_path: Path
) -> None:
    uri = "data:image/png;base64," + base64.b64encode(PNG).decode()
    made = bring(ada, written(tmp_path, [pointing(uri)]))
    found = the_only_conversation(ada)
    (red, *_rest) = pictures_of(message_saying(found, "What is this?"))
    assert path_of(ada.pk, red["digest"]).read_bytes() == PNG
    assert b"base64" not in found.origin.original_json  # type: ignore[attr-defined]
    assert "3 files and pictures were not brought along" in made.warnings[0]


def test_what_somebody_wrote_stays_though_it_looks_like_a_file(ada: User, tmp_path: Path) -> None:
    uri = "data:image/png;base64," + base64.b64encode(PNG).decode()
    bring(ada, written(tmp_path, [conversation("c", [root(), node("q", None, text=uri)], "q")]))
    assert the_only_conversation(ada).messages.get().text == uri


def test_open_webui_and_librechat_hold_pictures_too(ada: User, tmp_path: Path) -> None:
    uri = "data:image/png;base64," + base64.b64encode(PNG).decode()
    asked = {
        "id": "1",
        "parentId": None,
        "role": "user",
        "content": "Look",
        "files": [{"type": "image", "url": uri}],
    }
    open_webui = {"id": "w", "title": "W", "chat": {"history": {"messages": {"1": asked}}}}
    image = {"type": "image_url", "image_url": {"url": uri}}
    said = {"messageId": "2", "isCreatedByUser": True, "content": [image], "text": "See"}
    librechat = {"conversationId": "l", "title": "L", "messages": [said]}
    bring(ada, written(tmp_path, [open_webui], "w.json"), written(tmp_path, librechat, "l.json"))
    digests = [
        pictures_of(message)[0]["digest"]
        for message in Message.objects.filter(conversation__owner=ada)
    ]
    assert digests == [hashlib.sha256(PNG).hexdigest()] * 2


def test_what_came_without_its_files_gets_them_from_a_later_import(
    ada: User, tmp_path: Path
) -> None:
    bring(ada, written(tmp_path, [pointing()]))
    made = bring(ada, whole(tmp_path))
    assert counted(made) == {"updated": 1}
    assert Attachment.objects.count() == 3
    assert all("digest" in part for m in Message.objects.all() for part in pictures_of(m))
    assert counted(bring(ada, whole(tmp_path))) == {"skipped": 1}


def test_a_file_that_is_damaged_or_too_large_stays_behind_alone(
    ada: User, tmp_path: Path, settings: Any
) -> None:
    settings.PORTAL_ATTACHMENT_MAX_BYTES = len(PNG) + 10
    large = FILES | {"file-Pdf9876543210-plan.pdf": os.urandom(len(PNG) + 11)}
    path = archive(tmp_path, {"conversations.json": json.dumps([pointing()]).encode(), **large})
    raw = path.read_bytes()
    at = raw.index(png("blue")[-30:])
    path.write_bytes(raw[:at] + b"\0" + raw[at + 1 :])
    made = bring(ada, path)
    assert counted(made) == {"imported": 1}
    assert "2 files and pictures were not brought along" in made.warnings[0]
    assert Attachment.objects.get().name == "red.png"
    assert not list(Path(settings.ATTACHMENTS_DIR).glob(".*"))


def test_a_full_disk_fails_the_conversation_and_says_so(
    ada: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(owner: int, source: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("conversations.imports.attaching.keep", full)
    made = bring(ada, whole(tmp_path))
    assert counted(made) == {"failed": 1}
    assert "No space left on device" in row_of(made).reason
    assert not Conversation.objects.exists()


def test_what_unpacks_to_more_than_there_is_room_for_is_not_brought_in(
    ada: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attaching, "LEFT_FREE", 2**62)
    made = bring(ada, whole(tmp_path))
    assert counted(made) == {"failed": 1}
    assert "No space left on device" in row_of(made).reason
    monkeypatch.undo()
    with files_beside.files_beside([(whole(tmp_path), "export.zip")]) as beside:
        beside.room = len(PNG)  # enough for the first of three
        with pytest.raises(NotReadable, match="more than can be kept"):
            for name in ("file-AbcDef123456", "file-Pdf9876543210", "file_0000000012345678"):
                attaching._kept(ada.pk, name, beside, {})
    assert not Conversation.objects.exists()


def test_a_damaged_file_of_any_packing_stays_behind_alone(ada: User, tmp_path: Path) -> None:
    for number, how in enumerate((zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)):
        path = tmp_path / f"{number}.zip"
        with zipfile.ZipFile(path, "w", how) as packed:
            said = pointing("file-service://file-Damaged12345")
            said["conversation_id"] = said["id"] = f"c{number}"
            packed.writestr("conversations.json", json.dumps([said]))
            packed.writestr("file-Damaged12345-a.bin", os.urandom(2000).hex())
        with zipfile.ZipFile(path) as packed:
            at = packed.getinfo("file-Damaged12345-a.bin").header_offset
        raw = bytearray(path.read_bytes())
        raw[at + 400 : at + 1000] = b"\xff" * 600
        path.write_bytes(raw)
        made = bring(ada, path)
        assert counted(made) == {"imported": 1}, made.rows.get().reason
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("name", ["../file-AbcDef123456-red.png", "/file-AbcDef123456-red.png"])
def test_a_name_that_leads_out_is_not_opened(ada: User, tmp_path: Path, name: str) -> None:
    said = json.dumps([pointing()]).encode()
    bring(ada, archive(tmp_path, {"conversations.json": said, name: PNG}))
    assert not Attachment.objects.exists()


def test_a_pointer_names_no_file_of_the_portals_own(ada: User, tmp_path: Path) -> None:
    """Nor of anybody else's, though it has their file's digest."""
    kept = attached_files.keep(ada.pk + 1, io.BytesIO(PNG))
    for pointer in ("/etc/passwd", "file:///etc/passwd", "../secret_key", f"sha256:{kept.digest}"):
        Conversation.objects.all().delete()
        bring(ada, written(tmp_path, [pointing(pointer)]))
        assert not Attachment.objects.exists()


def test_its_owner_sees_a_picture_and_saves_a_file(
    ada: User, ada_browses: Client, bob_browses: Client, tmp_path: Path
) -> None:
    bring(ada, whole(tmp_path))
    found = the_only_conversation(ada)
    red, plan = (Attachment.objects.get(name=name) for name in ("red.png", "plan.pdf"))
    page = ada_browses.get(found.get_absolute_url()).content.decode()
    assert f'<img src="{red.get_absolute_url()}"' in page
    assert f'href="{plan.get_absolute_url()}"' in page
    shown, saved = ada_browses.get(red.get_absolute_url()), ada_browses.get(plan.get_absolute_url())
    assert body_of(shown) == PNG
    assert shown["Content-Type"] == "image/png"
    assert shown["Content-Disposition"].startswith("inline")
    assert body_of(saved) == PDF
    assert saved["Content-Type"] == "application/octet-stream"
    assert saved["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert bob_browses.get(red.get_absolute_url()).status_code == 404
    found.delete_softly()
    assert ada_browses.get(red.get_absolute_url()).status_code == 404


def test_what_only_says_that_it_is_a_picture_is_never_shown(
    ada: User, ada_browses: Client, tmp_path: Path
) -> None:
    evil = {"file-AbcDef123456-red.png": b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"}
    said = json.dumps([pointing()]).encode()
    bring(ada, archive(tmp_path, {"conversations.json": said, **evil}))
    answer = ada_browses.get(Attachment.objects.get().get_absolute_url())
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_copy_of_the_conversation_has_them_and_they_outlive_the_first(
    ada: User, ada_browses: Client, tmp_path: Path
) -> None:
    bring(ada, whole(tmp_path))
    first = the_only_conversation(ada)
    copy_conversation(message_saying(first, "Red."))
    first.delete()
    sweep_now(time.time() + 7200)
    red = Attachment.objects.get(name="red.png")
    assert body_of(ada_browses.get(red.get_absolute_url())) == PNG


def test_a_copy_has_what_it_speaks_of_alone(ada: User, tmp_path: Path) -> None:
    bring(ada, whole(tmp_path))
    copy = copy_conversation(message_saying(the_only_conversation(ada), "What is this?"))
    names = Attachment.objects.filter(conversation=copy).values_list("name", flat=True)
    assert set(names) == {"red.png", "plan.pdf"}


def test_a_name_of_several_lines_is_sent_as_one(
    ada: User, ada_browses: Client, tmp_path: Path
) -> None:
    bring(ada, whole(tmp_path))
    plan = Attachment.objects.get(name="plan.pdf")
    Attachment.objects.filter(pk=plan.pk).update(name="a\r\nplan.pdf\n")
    answer = ada_browses.get(plan.get_absolute_url())
    assert answer["Content-Disposition"] == 'attachment; filename="a plan.pdf"'


def test_they_go_when_no_conversation_speaks_of_them(ada: User, tmp_path: Path) -> None:
    bring(ada, whole(tmp_path))
    there = [path for path in Path(settings.ATTACHMENTS_DIR).rglob("*") if path.is_file()]
    assert len(there) == 3
    sweep_now(time.time() + 7200)
    assert all(path.exists() for path in there)
    the_only_conversation(ada).delete()
    sweep_now(time.time())
    assert all(path.exists() for path in there)  # an import may have brought them a moment ago
    sweep_now(time.time() + 7200)
    assert not any(path.exists() for path in there)


def exported(ada: User, form: str) -> tuple[str, bytes]:
    own = Conversation.objects.visible_to(ada)
    made = export_file(own, EXPORT_FORMATS[form])
    return made.name, b"".join(made.pieces)


@pytest.mark.parametrize("form", ["json", "chatgpt"])
def test_out_and_in_again_is_the_same(ada: User, tmp_path: Path, form: str) -> None:
    bring(ada, whole(tmp_path))
    found = the_only_conversation(ada)
    before = {message.text: pictures_of(message) for message in found.messages.all()}
    name, held = exported(ada, form)
    assert name.endswith(".zip")
    path = written(tmp_path, held, name)
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        assert len(packed.namelist()) == 4
        if form == "json":
            assert f"attachments/{hashlib.sha256(PNG).hexdigest()}" in packed.namelist()
            jsonschema.validate(json.loads(packed.read("conversations.json")), SCHEMA)
    found.delete()
    sweep_now(time.time() + 7200)
    made = bring(ada, path)
    assert counted(made) == {"imported": 1}
    assert made.warnings == []
    again = the_only_conversation(ada).messages.all()
    after = {message.text: pictures_of(message) for message in again}
    unnamed = [{**each, "name": ""} for each in after["Red."]] if form == "chatgpt" else None
    if unnamed:  # what was drawn has no name there, only what was asked for
        assert unnamed == [{**each, "name": ""} for each in before["Red."]]
        assert after["What is this?"] == before["What is this?"]
    else:
        assert after == before


def test_the_html_holds_the_pictures_themselves(ada: User, tmp_path: Path) -> None:
    bring(ada, whole(tmp_path))
    name, held = exported(ada, "html")
    assert name.endswith(".html")
    assert base64.b64encode(PNG) in held
    assert b'alt="red.png"' in held
    assert b"plan.pdf" in held


def test_a_picture_that_is_spoken_of_often_is_in_the_html_once(ada: User, tmp_path: Path) -> None:
    bring(ada, whole(tmp_path))
    asked = message_saying(the_only_conversation(ada), "What is this?")
    asked.parts = [part for part in asked.parts if part.get("width")] * 100
    asked.save()
    _name, held = exported(ada, "html")
    assert held.count(base64.b64encode(PNG)) == 1
    assert held.count(b"red.png") == 100


def test_an_export_of_many_files_is_made_ahead(ada: User, tmp_path: Path, settings: Any) -> None:
    bring(ada, whole(tmp_path))
    settings.PORTAL_EXPORT_DIRECT_BYTES = 2000 + len(PNG)
    assert is_large(Conversation.objects.visible_to(ada))
