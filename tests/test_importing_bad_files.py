"""Files that are damaged, or made to do damage: each ends in a report, and never in half a conversation."""

from __future__ import annotations

import gzip
import io
import json
import random
import re
import stat
import zipfile
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import User
from conversations.imports import sources
from conversations.imports.reading import Found, read_conversation
from conversations.imports.values import Circumstances, NotReadable
from conversations.models import Conversation, Import, Message
from tests.foreign.bringing import bring, counted, row_of, the_only_conversation, tree_of, written
from tests.foreign.chatgpt import branching, conversation, node
from tests.foreign.every import SAMPLES, Sample

pytestmark = pytest.mark.django_db
every_format = pytest.mark.parametrize("sample", SAMPLES.values(), ids=list(SAMPLES))


def is_whole(ada: User) -> bool:
    """No conversation without its leaf, and no message without its parent."""
    for each in Conversation.objects.filter(owner=ada):
        assert not each.is_arriving
        assert each.current_leaf_id, each.title
    return not Conversation.objects.filter(owner=ada, messages=None).exists()


def a_reason(made: Import) -> str:
    return made.rows.filter(outcome="failed").latest("pk").reason


@every_format
@pytest.mark.parametrize(
    "dress",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-le"),
        lambda text: gzip.compress(text.encode()),
        lambda text: ("\n\n  " + text + "\n\n").encode(),
    ],
    ids=["BOM", "UTF-16", "UTF-16 without a mark", "gzip", "blanks"],
)
@pytest.mark.parametrize("name", ["conversations.json", "holiday.png", "noextension"])
def test_how_it_is_written_and_called_does_not_matter(
    ada: User, tmp_path: Path, sample: Sample, dress: Callable[[str], bytes], name: str
) -> None:
    bring(ada, written(tmp_path, dress(json.dumps(sample.whole(1))), name))
    assert tree_of(the_only_conversation(ada)) == sample.tree


@every_format
def test_bytes_that_are_no_text_spoil_themselves_alone(
    ada: User, tmp_path: Path, sample: Sample
) -> None:
    first = next(iter(sample.tree))
    raw = json.dumps(sample.whole(1)).encode().replace(first.encode(), b"caf\xe9 " + first.encode())
    made = bring(ada, written(tmp_path, raw))
    assert counted(made) == {"imported": 1}
    assert Message.objects.filter(text=f"caf\ufffd {first}").exists()


@every_format
@pytest.mark.parametrize("odd", ["\\u0000", "\\ud800", "\\udc00x"])
def test_what_no_database_holds_is_replaced(
    ada: User, tmp_path: Path, sample: Sample, odd: str
) -> None:
    first = next(iter(sample.tree))
    raw = json.dumps(sample.whole(1)).replace(first, odd + first)
    assert counted(bring(ada, written(tmp_path, raw.encode()))) == {"imported": 1}
    found = Message.objects.filter(text__endswith=first).first()
    assert found is not None and found.text.startswith("\ufffd")


@every_format
def test_a_truncated_file_gives_what_is_whole_and_says_where_it_ends(
    ada: User, tmp_path: Path, sample: Sample
) -> None:
    raw = json.dumps(sample.whole(4)).encode()
    for share in (0.1, 0.5, 0.9, 0.999):
        made = bring(ada, written(tmp_path, raw[: int(len(raw) * share)]))
        assert made.rows.filter(outcome="failed").count() == 1
        assert "byte" in a_reason(made)
        assert is_whole(ada)


@every_format
def test_any_byte_flipped_gives_a_report(ada: User, tmp_path: Path, sample: Sample) -> None:
    raw = json.dumps(sample.whole(2)).encode()
    chance = random.Random(7)
    for _time in range(60):
        at = chance.randrange(len(raw))
        flipped = bytearray(raw)
        flipped[at] ^= 1 << chance.randrange(8)
        made = bring(ada, written(tmp_path, bytes(flipped)))
        assert made.rows.exists()
        assert made.state in {Import.State.COMPLETED, Import.State.FAILED}
        assert is_whole(ada)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "no JSON"),
        (b"   ", "no conversation"),
        (b"hello", "not JSON"),
        (b"<html>{}</html>", "not JSON"),
        (b"%PDF-1.4 {}", "not JSON"),
        (b"[]", "no conversation"),
        (b"{}", "no conversation|not a conversation"),
        (b'{"data": {}}', "not a conversation"),
        (b"[1, 2]", "no conversation"),
        (b'[{"weather": "fine"}]', "not a conversation"),
        (b"[[1]]", "not a conversation"),
        (b"[" * 100_000, "nested"),
        (b'[{"mapping":' + b"[" * 100_000 + b"]" * 100_000 + b"}]", "nested"),
        (b'{"a":' * 100_000, "nested"),
        (b'[{"mapping": {"a": tru}}]', "goes wrong at byte"),
        (b"\x1f\x8b\x08damaged", "damaged"),
        (b"PK\x03\x04damaged", "not whole"),
    ],
)
def test_what_is_no_export_is_refused_with_a_sentence(
    ada: User, tmp_path: Path, raw: bytes, said: str
) -> None:
    made = bring(ada, written(tmp_path, raw))
    assert made.state == Import.State.FAILED
    assert re.search(said, a_reason(made)), a_reason(made)
    assert not Conversation.objects.exists()


class TestOddTrees:
    def brought(self, ada: User, folder: Path, value: Any) -> dict[str, tuple[str, str | None]]:
        assert counted(bring(ada, written(folder, [value]))) == {"imported": 1}
        assert is_whole(ada)
        return tree_of(the_only_conversation(ada))

    def test_a_circle_is_opened_at_its_first(self, ada: User, tmp_path: Path) -> None:
        nodes = [
            node("a", "c", text="A"),
            node("b", "a", "assistant", "B"),
            node("c", "b", text="C"),
        ]
        assert self.brought(ada, tmp_path, conversation("x", nodes, "c")) == {
            "A": ("user", None),
            "B": ("assistant", "A"),
            "C": ("user", "B"),
        }

    def test_its_own_parent(self, ada: User, tmp_path: Path) -> None:
        tree = self.brought(ada, tmp_path, conversation("x", [node("a", "a", text="A")]))
        assert tree == {"A": ("user", None)}

    def test_a_parent_that_is_missing(self, ada: User, tmp_path: Path) -> None:
        nodes = [node("a", "gone", text="A", children=("also gone",)), node("b", "a", text="B")]
        assert self.brought(ada, tmp_path, conversation("x", nodes, "nowhere")) == {
            "A": ("user", None),
            "B": ("user", "A"),
        }

    def test_no_times_no_metadata_no_title_no_model(self, ada: User, tmp_path: Path) -> None:
        question, answer = (
            node("a", None, text="A", at=None),
            node("b", "a", "assistant", "B", at=0),
        )
        for each in (question, answer):
            del each["message"]["metadata"], each["message"]["status"]
        value = conversation("x", [question, answer], "b", title=None, create_time=None)
        for name in ("update_time", "default_model_slug", "id"):
            del value[name]
        assert self.brought(ada, tmp_path, value) == {"A": ("user", None), "B": ("assistant", "A")}
        found = the_only_conversation(ada)
        assert (found.title, found.messages.get(text="B").model_title) == ("A", "")

    def test_no_mapping(self, ada: User, tmp_path: Path) -> None:
        value = branching()
        del value["mapping"]
        made = bring(ada, written(tmp_path, [branching("y"), value]))
        assert counted(made) == {"imported": 1, "skipped": 1}
        assert made.rows.get(outcome="skipped").reason == "There is no message in it."

    @pytest.mark.parametrize("wrong", [None, 1, "x", [], {}, True, [[]], {"a": 1}])
    def test_anything_may_stand_anywhere(self, ada: User, tmp_path: Path, wrong: Any) -> None:
        values = []
        for name in conversation("x", []):
            values.append(branching(f"c-{name}") | {name: wrong})
        for place in ("message", "parent", "children", "id"):
            value = branching(f"n-{place}")
            value["mapping"]["a2"][place] = wrong
            values.append(value)
        for place in node("x", None)["message"]:
            value = branching(f"m-{place}")
            value["mapping"]["a2"]["message"][place] = wrong
            values.append(value)
        made = bring(ada, written(tmp_path, values))
        assert sum(counted(made).values()) == len(values)
        assert is_whole(ada)


def test_more_values_than_memory_is_for_are_not_read(ada: User, tmp_path: Path) -> None:
    many = b'{"mapping": {}, "x": [' + b"[]," * 2_000_000 + b"0]}"
    made = bring(ada, written(tmp_path, b"[" + many + b"]"))
    assert counted(made) == {"failed": 1}
    assert row_of(made).reason == "It holds more values than can be read."


class TestZips:
    """`entry` is what makes a member of the archive bad; a good one beside it is still read."""

    def brought(self, ada: User, folder: Path, add: Callable[[zipfile.ZipFile], None]) -> Import:
        path = folder / "export.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            add(archive)
        return bring(ada, path)

    @pytest.mark.parametrize(
        "name",
        [
            "../conversations.json",
            "/conversations.json",
            "a/../../conversations.json",
            "C:\\conversations.json",
            "..\\conversations.json",
        ],
    )
    def test_a_name_that_leads_out(self, ada: User, tmp_path: Path, name: str) -> None:
        def add(archive: zipfile.ZipFile) -> None:
            archive.writestr("conversations-000.json", json.dumps([branching()]))
            archive.writestr(name, json.dumps([branching("other")]))

        made = self.brought(ada, tmp_path, add)
        assert counted(made) == {"imported": 1, "failed": 1}
        assert "leads out" in a_reason(made)

    def test_a_link(self, ada: User, tmp_path: Path) -> None:
        info = zipfile.ZipInfo("conversations.json")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        made = self.brought(ada, tmp_path, lambda archive: archive.writestr(info, "/etc/passwd"))
        assert "link" in a_reason(made)

    def test_a_bomb(self, ada: User, tmp_path: Path) -> None:
        bomb = b"[" + b" " * 20_000_000 + b"]"
        made = self.brought(ada, tmp_path, lambda a: a.writestr("conversations.json", bomb))
        assert "many times its size" in a_reason(made)

    def test_a_gzipped_bomb_ends_at_the_bound(
        self, ada: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sources, "LARGEST_UNPACKED", 5_000_000)
        made = bring(ada, written(tmp_path, gzip.compress(b"[" + b" " * 20_000_000 + b"]")))
        assert "unpacks to more" in a_reason(made)

    def test_an_archive_within_the_archive(self, ada: User, tmp_path: Path) -> None:
        made = self.brought(ada, tmp_path, lambda a: a.writestr("inner.zip", b"PK\x03\x04"))
        assert "within the archive" in a_reason(made)

    def test_a_folder_called_conversations_json(self, ada: User, tmp_path: Path) -> None:
        made = self.brought(ada, tmp_path, lambda a: a.mkdir("conversations.json"))
        assert "no conversations.json" in a_reason(made)

    def test_an_empty_one(self, ada: User, tmp_path: Path) -> None:
        made = self.brought(ada, tmp_path, lambda archive: None)
        assert "no conversations.json" in a_reason(made)

    def test_a_hundred_thousand_entries(self, ada: User, tmp_path: Path) -> None:
        def add(archive: zipfile.ZipFile) -> None:
            archive.writestr("conversations.json", json.dumps([branching()]))
            directory = [zipfile.ZipInfo(f"{at}.txt") for at in range(100_000)]
            for info in directory:
                info.header_offset, info.CRC = 0, 0
                info.compress_size = info.file_size = 0
            archive.filelist += directory

        made = self.brought(ada, tmp_path, add)
        assert "100001 entries" in a_reason(made)
        assert not Conversation.objects.exists()

    def damaged(
        self, ada: User, folder: Path, change: Callable[[bytearray, int, int], None]
    ) -> str:
        path = folder / "export.zip"
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("conversations.json", json.dumps([branching()]))
        raw = bytearray(held.getvalue())
        change(raw, raw.find(b"PK\x03\x04"), raw.find(b"PK\x01\x02"))
        path.write_bytes(raw)
        made = bring(ada, path)
        assert not Conversation.objects.exists()
        return a_reason(made)

    def test_a_wrong_checksum_imports_nothing_of_it(self, ada: User, tmp_path: Path) -> None:
        def change(raw: bytearray, local: int, central: int) -> None:
            at = raw.find(b"To Rome.")
            raw[at : at + 8] = b"To Lima."

        assert "damaged" in self.damaged(ada, tmp_path, change)

    def test_an_encrypted_one(self, ada: User, tmp_path: Path) -> None:
        def change(raw: bytearray, local: int, central: int) -> None:
            raw[local + 6] |= 1
            raw[central + 8] |= 1

        assert "encrypted" in self.damaged(ada, tmp_path, change)

    def test_a_way_to_pack_that_nobody_knows(self, ada: User, tmp_path: Path) -> None:
        def change(raw: bytearray, local: int, central: int) -> None:
            raw[local + 8] = raw[central + 10] = 99

        assert "packed in a way" in self.damaged(ada, tmp_path, change)

    def test_any_byte_of_a_zip_flipped_gives_a_report(self, ada: User, tmp_path: Path) -> None:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("conversations.json", json.dumps([branching()]))
        raw, chance = held.getvalue(), random.Random(11)
        for _time in range(150):
            flipped = bytearray(raw)
            flipped[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
            made = bring(ada, written(tmp_path, bytes(flipped), "export.zip"))
            assert made.rows.exists()
            assert is_whole(ada)


def test_what_is_too_deep_for_a_format_is_no_conversation_of_it() -> None:
    """Else the import would be taken up again for ever, and end at the same one each time."""

    def read(item: Any, circumstances: Any) -> Any:
        return read(item, circumstances)

    endless = SimpleNamespace(NAME="endless", read=read)
    found = Found("deep.json", b"{}", {}, expected=endless)  # type: ignore[arg-type]
    with pytest.raises(NotReadable):
        read_conversation(found, Circumstances(UTC))
