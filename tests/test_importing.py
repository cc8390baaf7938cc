"""What holds of every import, whatever it comes from: counts that agree, nothing twice, nothing overwritten."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from conversations.imports import pieces, working, writing
from conversations.imports.undoing import undo
from conversations.imports.working import claim_import
from conversations.jobs.holding import MOST_ATTEMPTS
from conversations.models import Conversation, Import, ImportRow, Message, Origin
from conversations.shelf import delete_conversation, delete_for_ever, rename_conversation
from tests.foreign.bringing import (
    bring,
    counted,
    leaf_of,
    the_only_conversation,
    tree_of,
    written,
)
from tests.foreign.chatgpt import branching, conversation, node, root
from tests.foreign.every import SAMPLES, Sample

pytestmark = pytest.mark.django_db
every_format = pytest.mark.parametrize("sample", SAMPLES.values(), ids=list(SAMPLES))


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each sample is a long one then."""
    monkeypatch.setattr(pieces, "PIECE", 2)


@every_format
def test_the_report_agrees_with_who_counts_alone(ada: User, tmp_path: Path, sample: Sample) -> None:
    value = sample.whole(7)
    made = bring(ada, written(tmp_path, value))
    assert counted(made) == {"imported": sample.count(value)} == {"imported": 7}
    assert made.state == Import.State.COMPLETED
    assert Conversation.objects.visible_to(ada).count() == 7


@every_format
@pytest.mark.parametrize("how", ["whole", "in pieces"])
def test_the_tree_is_what_the_eye_sees(
    ada: User, tmp_path: Path, sample: Sample, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "in pieces":
        monkeypatch.setattr(pieces, "PIECE", 2)
    bring(ada, written(tmp_path, sample.whole(1)))
    found = the_only_conversation(ada)
    assert tree_of(found) == sample.tree
    assert leaf_of(found) == sample.leaf


@every_format
def test_the_same_file_twice_changes_nothing(ada: User, tmp_path: Path, sample: Sample) -> None:
    path = written(tmp_path, sample.whole(3))
    bring(ada, path)
    before = [list(Conversation.objects.values_list()), list(Message.objects.values_list())]
    again = bring(ada, path)
    assert counted(again) == {"skipped": 3}
    assert again.state == Import.State.FAILED  # nothing was imported
    assert before == [list(Conversation.objects.values_list()), list(Message.objects.values_list())]


@every_format
def test_the_same_file_in_another_dress_changes_nothing(
    ada: User, tmp_path: Path, sample: Sample
) -> None:
    value = sample.whole(2)
    bring(ada, written(tmp_path, value))
    rows = list(Message.objects.values_list())
    assert counted(
        bring(ada, written(tmp_path, json.dumps(value, indent=2).encode(), "other.json"))
    ) == {"skipped": 2}
    assert rows == list(Message.objects.values_list())


@every_format
def test_two_members_may_bring_the_same_file(
    ada: User, bob: User, tmp_path: Path, sample: Sample
) -> None:
    path = written(tmp_path, sample.whole(2))
    bring(ada, path)
    hers = list(Message.objects.order_by("pk").values_list())
    assert counted(bring(bob, path)) == {"imported": 2}
    assert hers == list(
        Message.objects.filter(conversation__owner=ada).order_by("pk").values_list()
    )
    assert Conversation.objects.visible_to(bob).count() == 2


@every_format
def test_five_thousand_deep_in_every_format(ada: User, tmp_path: Path, sample: Sample) -> None:
    made = bring(ada, written(tmp_path, sample.deep(5_000)))
    assert counted(made) == {"imported": 1}
    assert the_only_conversation(ada).messages.count() == 5_000


class TestANewerExport:
    @pytest.fixture(autouse=True)
    def the_first(self, ada: User, tmp_path: Path) -> None:
        nodes = [root("q1"), node("q1", "client-created-root", text="Where to?")]
        nodes.append(node("a1", "q1", "assistant", "To Rome."))
        bring(ada, written(tmp_path, [conversation("6650-trip", nodes, "a1")]))

    def test_adds_what_is_new_and_follows_to_its_leaf(self, ada: User, tmp_path: Path) -> None:
        made = bring(ada, written(tmp_path, [branching() | {"title": "Trip, again"}]))
        assert counted(made) == {"updated": 1}
        found = the_only_conversation(ada)
        assert found.messages.count() == 5
        assert (leaf_of(found), found.title) == ("Home.", "Trip, again")

    def test_leaves_what_the_member_named_said_and_deleted(self, ada: User, tmp_path: Path) -> None:
        found = the_only_conversation(ada)
        rename_conversation(found, title="Mine")
        rome = found.messages.get(text="To Rome.")
        own = Message.objects.create(
            conversation=found, parent=rome, role="user", text="I go on here"
        )
        Conversation.objects.filter(pk=found.pk).update(current_leaf=own)
        Message.objects.filter(pk=rome.pk).update(text="To Rome. (changed)", left_out=True)
        assert counted(bring(ada, written(tmp_path, [branching()]))) == {"updated": 1}
        found.refresh_from_db()
        rome.refresh_from_db()
        assert (found.title, found.current_leaf) == ("Mine", own)
        assert (rome.text, rome.left_out) == ("To Rome. (changed)", True)
        assert found.messages.count() == 6

    def test_does_not_bring_back_what_is_in_the_trash(self, ada: User, tmp_path: Path) -> None:
        delete_conversation(the_only_conversation(ada))
        made = bring(ada, written(tmp_path, [branching()]))
        assert counted(made) == {"skipped": 1}
        assert "trash" in made.rows.get().reason
        assert not Conversation.objects.visible_to(ada).exists()

    def test_brings_anew_what_was_deleted_for_ever(self, ada: User, tmp_path: Path) -> None:
        delete_conversation(the_only_conversation(ada))
        delete_for_ever(Conversation.objects.deleted_by(ada))
        assert counted(bring(ada, written(tmp_path, [branching()]))) == {"imported": 1}

    def test_fills_up_an_answer_that_had_broken_off(self, ada: User, tmp_path: Path) -> None:
        nodes = [node("q", None), node("a", "q", "assistant", "It is", status="in_progress")]
        bring(ada, written(tmp_path, [conversation("x", nodes)]))
        nodes[1] = node("a", "q", "assistant", "It is so.")
        assert counted(bring(ada, written(tmp_path, [conversation("x", nodes)]))) == {"updated": 1}
        assert Message.objects.get(text="It is so.").parts == []
        assert not Message.objects.filter(text="It is").exists()


@pytest.mark.usefixtures("small_pieces")
class TestALongOne:
    def test_is_seen_by_nobody_until_it_is_whole(
        self, ada: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen = []
        create = writing.save_pieces

        def save(pieces: Any) -> None:
            for piece in pieces:
                create([piece])
                seen.append(Conversation.objects.visible_to(ada).count())
                seen.append(Message.objects.visible_to(ada).count())

        monkeypatch.setattr(writing, "save_pieces", save)
        bring(ada, written(tmp_path, [branching()]))
        assert set(seen) == {0}
        assert Message.objects.visible_to(ada).count() == 5

    def test_that_broke_off_in_the_middle_is_made_whole_by_the_next(
        self, ada: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        create = writing.save_pieces

        def die(pieces: Any) -> None:
            create(pieces[:1])
            raise KeyboardInterrupt

        with monkeypatch.context() as until, pytest.raises(KeyboardInterrupt):
            until.setattr(writing, "save_pieces", die)
            bring(ada, written(tmp_path, [branching()]))
        assert not Conversation.objects.visible_to(ada).exists()
        assert not Conversation.objects.deleted_by(ada).exists()
        assert counted(bring(ada, written(tmp_path, [branching()]))) == {"imported": 1}
        assert tree_of(the_only_conversation(ada)) == SAMPLES["chatgpt"].tree


def test_a_whole_import_is_undone(ada: User, tmp_path: Path) -> None:
    own = Conversation.objects.create(owner=ada, title="Mine")
    made = bring(ada, written(tmp_path, SAMPLES["chatgpt"].whole(3)))
    assert undo(made) == 3
    assert list(Conversation.objects.visible_to(ada)) == [own]
    assert Conversation.objects.deleted_by(ada).count() == 3
    made.refresh_from_db()
    assert made.state == Import.State.UNDONE


def test_what_ends_whoever_begins_with_it_is_given_up(ada: User, tmp_path: Path) -> None:
    """Or one file would end the portal again and again."""
    path = written(tmp_path, [])
    files = [{"name": path.name, "path": str(path), "size": 2}]
    made = Import.objects.create(owner=ada, state="running", files=files)
    ImportRow.objects.create(belongs_to=made, number=0, title="Poison")
    for attempt in range(MOST_ATTEMPTS):
        taken = claim_import(uuid.uuid4())
        assert taken
        assert taken.attempts == attempt
        with pytest.raises(MemoryError), mock.patch.object(working, "conversations_in", ends):
            working.work(taken)
        Import.objects.update(heard_at=timezone.now() - timedelta(minutes=2))
    given_up = claim_import(uuid.uuid4())
    assert given_up
    working.work(given_up)
    made.refresh_from_db()
    assert (made.state, made.rows.get().outcome) == ("failed", "failed")
    assert "broke off 5 times" in made.rows.get().reason
    assert "broke off 5 times" in made.warnings[0]
    assert claim_import(uuid.uuid4()) is None


def ends(*_args: Any) -> None:
    raise MemoryError


@pytest.mark.parametrize(
    "where",
    [
        {"access_token": "eyJcanary"},
        {"settings": {"openaiApiKey": "sk-canary"}},
        {"note": "sk-proj-canary0123456789abcdefghij"},
    ],
)
def test_a_key_in_a_file_is_not_kept_and_is_warned_of(
    ada: User, tmp_path: Path, where: dict[str, Any]
) -> None:
    made = bring(ada, written(tmp_path, [branching() | where]))
    assert "revoke it" in made.warnings[0]
    if "note" not in where:
        assert b"canary" not in Origin.objects.get().original_json


def test_the_command_imports_and_says_so(ada: User, tmp_path: Path, capsys: Any) -> None:
    path = written(tmp_path, [branching()])
    call_command("import_conversations", "--user", "ada", str(path))
    assert "1 imported" in capsys.readouterr().out
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("import_conversations", "--user", "ada", str(path))
    assert path.exists()
    with pytest.raises(CommandError, match="no member"):
        call_command("import_conversations", "--user", "zoe", str(path))
