"""Taking conversations away: in each form, whole, and by nobody but their owner."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.core.management import call_command
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from accounts.models import AuditRecord, User
from conversations.exports.writing import EXPORT_FORMATS, export_conversations
from conversations.models import Conversation, Generation, Message
from tests.doors import body_of
from tests.foreign.bringing import bring, counted, leaf_of, tree_of, written

pytestmark = pytest.mark.django_db
SCHEMA = json.loads((Path(__file__).parent.parent / "docs" / "export.schema.json").read_text())
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
PARTS: list[dict[str, Any]] = [
    {"type": "tool_call", "name": "python", "text": "1+1"},
    {"type": "tool_output", "name": "python", "text": "2"},
    {"type": "citation", "url": "https://a.example", "title": "A", "text": ""},
    {"type": "attachment", "name": "a.pdf", "media_type": "application/pdf", "size": 12},
    {"type": "duration", "text": "Thought for 38s"},
    {"type": "error", "text": "too slow"},
    {"type": "incomplete"},
    {"type": "unknown", "name": "hologram", "raw": "{}"},
]


def exported(owner: User, name: str = "json") -> str:
    return "".join(export_conversations(own_of(owner), EXPORT_FORMATS[name]))


def own_of(owner: User) -> Any:
    return Conversation.objects.visible_to(owner)


@pytest.fixture
def trip(ada: User) -> Conversation:
    """Two answers to a question, a hidden word before it, and <script> in the title."""
    found = Conversation.objects.create(
        owner=ada, title="A <script> trip", created_at=AT, updated_at=AT + timedelta(hours=1)
    )

    def say(role: str, text: str, parent: Message | None, minutes: int, **more: Any) -> Message:
        at = AT + timedelta(minutes=minutes)
        return Message.objects.create(
            conversation=found, role=role, text=text, parent=parent, created_at=at, **more
        )

    hidden = say("system", "Be kind.", None, 0, is_hidden=True, left_out=True)
    question = say("user", "Where <b>to</b>?", hidden, 1)
    say("assistant", "To Rome.", question, 2, model_title="Small")
    answer = say(
        "assistant", "To Oslo.", question, 3, model_title="Big", reasoning="North?", parts=PARTS
    )
    found.current_leaf = answer
    found.save()
    return found


def test_our_own_format_is_as_its_schema_says(ada: User, trip: Conversation) -> None:
    value = json.loads(exported(ada))
    jsonschema.validate(value, SCHEMA, format_checker=jsonschema.FormatChecker())
    assert [each["text"] for each in value["conversations"][0]["messages"]] == [
        "Be kind.",
        "Where <b>to</b>?",
        "To Rome.",
        "To Oslo.",
    ]
    with pytest.raises(jsonschema.ValidationError):
        del value["conversations"][0]["messages"][0]["role"]
        jsonschema.validate(value, SCHEMA)


def test_nothing_is_an_export_too(ada: User) -> None:
    jsonschema.validate(json.loads(exported(ada)), SCHEMA)
    for name in ("chatgpt", "chatgpt-web"):
        json.loads(exported(ada, name))


def test_what_was_deleted_is_not_in_it_and_what_stood_below_is(
    ada: User, trip: Conversation
) -> None:
    Message.objects.filter(text="Where <b>to</b>?").update(deleted_at=AT)
    Conversation.objects.create(owner=ada, title="Gone", deleted_at=AT)
    (value,) = json.loads(exported(ada))["conversations"]
    hidden, rome, oslo = value["messages"]
    assert (rome["parent"], oslo["parent"]) == (hidden["id"], hidden["id"])
    assert value["current"] == oslo["id"]


def test_an_answer_that_broke_off_says_so(ada: User, trip: Conversation) -> None:
    rome = Message.objects.get(text="To Rome.")
    Generation.objects.create(conversation=trip, message=rome, status="interrupted")
    assert exported(ada).count('"incomplete"') == 2


def test_markdown_is_the_branch_that_one_sees(ada: User, trip: Conversation) -> None:
    text = exported(ada, "markdown")
    assert text.startswith("# A <script> trip\n\n*2026-03-01*\n")
    assert "## You\n\nWhere <b>to</b>?\n" in text
    assert "## Big\n\n> North?\n\nTo Oslo.\n" in text
    assert "To Rome." not in text and "Be kind." not in text
    assert "[A](<https://a.example>)" in text


def test_html_needs_nothing_and_runs_nothing(ada: User, trip: Conversation) -> None:
    text = exported(ada, "html")
    assert "default-src 'none'" in text
    assert "<script" not in text and "<b>" not in text
    assert "Where &lt;b&gt;to&lt;/b&gt;?" in text
    assert not re.findall(r"""(?:src|href)=["'](?!https://a\.example)""", text)


@pytest.mark.parametrize("name", ["json", "chatgpt"])
def test_another_member_brings_the_whole_tree_in(
    ada: User, bob: User, trip: Conversation, tmp_path: Path, name: str
) -> None:
    made = bring(bob, written(tmp_path, exported(ada, name).encode()))
    assert counted(made) == {"imported": 1}
    (found,) = own_of(bob)
    tree = tree_of(found)
    assert tree["To Rome."] == ("assistant", "Where <b>to</b>?")
    assert leaf_of(found) == "To Oslo."
    hidden = found.messages.get(text="Be kind.")
    assert (hidden.is_hidden, hidden.left_out, hidden.role) == (True, True, "system")
    assert "North?" in found.messages.values_list("reasoning", flat=True)


def test_who_goes_back_to_chatgpt_web_and_comes_again(
    ada: User, bob: User, trip: Conversation, tmp_path: Path
) -> None:
    value = json.loads(exported(ada, "chatgpt-web"))
    (chat,), (title,) = value["data"]["chat"], value["data"]["history"]
    assert chat["uuid"] == title["uuid"] == value["data"]["active"]
    assert [each["inversion"] for each in chat["data"]] == [True, False]
    bring(bob, written(tmp_path, value))
    (found,) = own_of(bob)
    assert tree_of(found) == {
        "Where <b>to</b>?": ("user", None),
        "To Oslo.": ("assistant", "Where <b>to</b>?"),
    }


class TestAtThePage:
    def test_everything_and_what_is_ticked(
        self, ada: User, ada_browses: Client, trip: Conversation
    ) -> None:
        other = Conversation.objects.create(owner=ada, title="Another")
        form = {"format": "json", "which": "all"}
        whole = json.loads(body_of(ada_browses.post("/export/", form)))
        assert len(whole["conversations"]) == 2
        form = {"format": "markdown", "which": "chosen", "conversation": [str(other.pk)]}
        answer = ada_browses.post("/export/", form)
        assert body_of(answer).decode().startswith("# Another")
        assert ".md" in answer["Content-Disposition"]
        details = AuditRecord.objects.filter(action="conversations_exported").order_by("pk")
        assert list(details.values_list("detail", flat=True)) == ["json, 2", "markdown, 1"]

    def test_nothing_ticked_and_somebody_elses(
        self, bob: User, bob_browses: Client, trip: Conversation
    ) -> None:
        for chosen in ([], [str(trip.pk)], [str(uuid.uuid4())], ["x"]):
            form = {"format": "json", "which": "chosen", "conversation": chosen}
            answer = bob_browses.post("/export/", form)
            assert answer.status_code == 302
            assert answer.url == "/import/"

    @pytest.mark.parametrize("name", list(EXPORT_FORMATS))
    def test_one_conversation_from_its_menu(
        self, ada_browses: Client, trip: Conversation, name: str
    ) -> None:
        answer = ada_browses.get(f"/conversations/{trip.pk}/export/?format={name}")
        assert "To Oslo." in body_of(answer).decode()
        assert 'filename="a-script-trip.' in answer["Content-Disposition"]


def test_the_command_writes_a_file_for_nobody_elses_eyes(
    ada: User, trip: Conversation, tmp_path: Path
) -> None:
    path = tmp_path / "mine.json"
    call_command("export_conversations", "--user", "ada", str(path))
    assert path.read_text() == exported(ada)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["mine.json"]


# --- Out, in, and out again ----------------------------------------------------------------------------------------

texts = some.text(
    some.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30
)
moments = some.integers(0, 10**12).map(lambda micros: AT + timedelta(microseconds=micros))
said = some.fixed_dictionaries(
    {
        "role": some.sampled_from(["user", "assistant", "system", "tool"]),
        "text": texts,
        "reasoning": some.one_of(some.just(""), texts),
        "model_title": some.one_of(some.just(""), texts),
        "created_at": moments,
        "is_hidden": some.booleans(),
        "left_out": some.booleans(),
        "ends_context": some.booleans(),
        "parts": some.lists(some.sampled_from(PARTS), max_size=3),
    }
)
trees = some.lists(
    some.tuples(some.integers(0, 20), said),
    min_size=1,
    max_size=12,
    unique_by=lambda pair: pair[1]["created_at"],
)


def normal(text: str) -> Any:
    """With ids by their order: rows have other ids at another portal."""
    value = json.loads(text)
    for each in value["conversations"]:
        names = {message["id"]: number for number, message in enumerate(each["messages"])}
        each["id"], each["current"] = "", names.get(each["current"])
        for message in each["messages"]:
            message["id"], message["parent"] = names[message["id"]], names.get(message["parent"])
    return value


@given(tree=trees, title=texts.filter(str.strip), pinned=some.booleans(), leaf=some.integers(0, 20))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_out_in_and_out_again_is_the_same(
    ada: User,
    bob: User,
    tmp_path: Path,
    tree: list[tuple[int, dict[str, Any]]],
    title: str,
    pinned: bool,
    leaf: int,
) -> None:
    Conversation.objects.all().delete()
    found = Conversation.objects.create(
        owner=ada,
        title=" ".join(title.split())[:200],
        temperature=0.5,
        system_prompt="Be kind.",
        pinned_at=AT if pinned else None,
    )
    rows: list[Message] = []
    for parent, fields in tree:
        above = rows[parent % (len(rows) + 1) - 1] if parent % (len(rows) + 1) else None
        rows.append(Message.objects.create(conversation=found, parent=above, **fields))
    found.current_leaf = rows[leaf % len(rows)]
    found.save()
    first = exported(ada)
    made = bring(bob, written(tmp_path, first.encode()))
    assert counted(made) == {"imported": 1}, made.rows.get().reason
    assert normal(exported(bob)) == normal(first)
    jsonschema.validate(json.loads(first), SCHEMA)


@given(at=some.floats(0, 1, exclude_max=True), bit=some.integers(0, 7))
@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_bit_flipped_gives_a_report_and_never_half_a_conversation(
    ada: User, bob: User, trip: Conversation, tmp_path: Path, at: float, bit: int
) -> None:
    raw = bytearray(exported(ada).encode())
    raw[int(at * len(raw))] ^= 1 << bit
    made = bring(bob, written(tmp_path, bytes(raw)))
    assert made.rows.exists()
    for each in Conversation.objects.filter(owner=bob):
        assert not each.is_arriving
        assert each.current_leaf is not None
    own_of(bob).delete()
