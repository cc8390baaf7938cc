"""Importing what ChatGPT exports: the whole tree, as what it is."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from conversations.models import Conversation, Message, Origin
from tests.foreign.bringing import (
    bring,
    counted,
    leaf_of,
    row_of,
    the_only_conversation,
    tree_of,
    written,
)
from tests.foreign.chatgpt import AT, branching, chain, conversation, node, root

pytestmark = pytest.mark.django_db


def only(ada: User, folder: Path, *nodes: dict[str, Any], **more: Any) -> list[Message]:
    """What becomes of these nodes below a root, in the order of the tree."""
    made = bring(ada, written(folder, [conversation("c", [root(), *nodes], **more)]))
    assert counted(made) == {"imported": 1}, row_of(made).reason
    return list(the_only_conversation(ada).messages.order_by("created_at"))


def test_the_tree_its_leaf_and_its_models_are_kept(ada: User, tmp_path: Path) -> None:
    made = bring(ada, written(tmp_path, [branching()]))
    assert counted(made) == {"imported": 1}
    found = the_only_conversation(ada)
    assert tree_of(found) == {
        "Where to?": ("user", None),
        "To Rome.": ("assistant", "Where to?"),
        "To Oslo.": ("assistant", "Where to?"),
        "And then?": ("user", "To Oslo."),
        "Home.": ("assistant", "And then?"),
    }
    assert leaf_of(found) == "Home."
    models = dict(found.messages.values_list("text", "model_title"))
    assert models == {
        "Where to?": "",
        "To Rome.": "gpt-4o",
        "To Oslo.": "o3",
        "And then?": "",
        "Home.": "gpt-4o",
    }
    assert found.title == "Trip plan"
    assert found.created_at == datetime.fromtimestamp(AT, UTC)
    assert found.updated_at == datetime.fromtimestamp(AT + 100, UTC)
    assert found.messages.get(text="Home.").created_at == datetime.fromtimestamp(AT + 5, UTC)


def test_pins_and_archives_are_kept(ada: User, tmp_path: Path) -> None:
    pinned = branching("p") | {"title": "Pinned", "is_starred": True}
    archived = branching("a") | {"title": "Archived", "is_archived": True}
    bring(ada, written(tmp_path, [pinned, archived]))
    found = {each.title: each for each in Conversation.objects.visible_to(ada)}
    assert found["Pinned"].is_pinned and found["Pinned"].archived_at is None
    assert found["Archived"].archived_at is not None and not found["Archived"].is_pinned


def test_hidden_messages_stay_and_are_sent_to_no_model(ada: User, tmp_path: Path) -> None:
    hidden, shown = only(
        ada,
        tmp_path,
        node("s", "client-created-root", "system", "You are kind.", weight=0),
        node("q", "s", "user", "Hi", at=AT + 1),
    )
    assert (hidden.role, hidden.is_hidden, hidden.left_out) == ("system", True, True)
    assert (shown.is_hidden, shown.left_out) == (False, False)
    assert shown.parent == hidden


def test_placeholders_are_no_messages_and_break_no_branch(ada: User, tmp_path: Path) -> None:
    (message,) = only(
        ada,
        tmp_path,
        node("s", "client-created-root", "system", "", weight=0),
        node("q", "s", "user", "Hi"),
    )
    assert (message.text, message.parent) == ("Hi", None)


@pytest.mark.parametrize(
    ("content", "more", "text", "reasoning", "parts"),
    [
        (
            {"content_type": "code", "language": "python", "text": "1+1"},
            {},
            "```python\n1+1\n```",
            "",
            [],
        ),
        (
            {"content_type": "code", "language": "python", "text": "1+1"},
            {"recipient": "python"},
            "",
            "",
            [{"type": "tool_call", "name": "python", "text": "1+1"}],
        ),
        (
            {"content_type": "thoughts", "thoughts": [{"summary": "Hm", "content": "Let me see."}]},
            {},
            "",
            "Hm\nLet me see.",
            [],
        ),
        (
            {"content_type": "reasoning_recap", "content": "Thought for 38s"},
            {},
            "",
            "",
            [{"type": "duration", "text": "Thought for 38s"}],
        ),
        (
            {
                "content_type": "tether_quote",
                "url": "https://a.example",
                "title": "A",
                "text": "Said",
            },
            {},
            "",
            "",
            [{"type": "citation", "url": "https://a.example", "title": "A", "text": "Said"}],
        ),
        (
            {"content_type": "system_error", "name": "Timeout", "text": "too slow"},
            {},
            "",
            "",
            [{"type": "error", "text": "Timeout: too slow"}],
        ),
        (
            {"content_type": "hologram", "beam": 3},
            {},
            "",
            "",
            [
                {
                    "type": "unknown",
                    "name": "hologram",
                    "raw": json.dumps({"content_type": "hologram", "beam": 3}, indent=1),
                }
            ],
        ),
        (
            {
                "content_type": "multimodal_text",
                "parts": [
                    {
                        "content_type": "image_asset_pointer",
                        "asset_pointer": "file-service://file-abc",
                        "size_bytes": 12,
                    },
                    "See?",
                ],
            },
            {},
            "See?",
            "",
            [{"type": "attachment", "name": "file-abc", "media_type": "image/*", "size": 12}],
        ),
        (
            {"content_type": "text", "parts": ["So \ue200cite\ue202turn0search3\ue201it is."]},
            {
                "metadata": {
                    "content_references": [
                        {
                            "matched_text": "\ue200cite\ue202turn0search3\ue201",
                            "alt": "([A](https://a.example)) ",
                            "items": [{"title": "A", "url": "https://a.example"}],
                        }
                    ]
                }
            },
            "So ([A](https://a.example)) it is.",
            "",
            [{"type": "citation", "url": "https://a.example", "title": "A", "text": ""}],
        ),
    ],
)
def test_each_kind_of_content_is_kept_as_what_it_is(
    ada: User, tmp_path: Path, content: Any, more: Any, text: str, reasoning: str, parts: Any
) -> None:
    (message,) = only(
        ada, tmp_path, node("a", "client-created-root", "assistant", content=content, **more)
    )
    assert (message.text, message.reasoning, message.parts) == (text, reasoning, parts)


def test_what_a_tool_said_is_its_output(ada: User, tmp_path: Path) -> None:
    content = {"content_type": "execution_output", "text": "2"}
    (message,) = only(
        ada, tmp_path, node("t", "client-created-root", "tool", content=content, name="python")
    )
    assert message.role == "tool"
    assert message.parts == [{"type": "tool_output", "name": "python", "text": "2"}]


def test_files_that_stay_behind_are_told(ada: User, tmp_path: Path) -> None:
    metadata = {"attachments": [{"name": "a.pdf", "size": 123, "mime_type": "application/pdf"}]}
    nodes = [node("q", None, metadata=metadata)]
    made = bring(ada, written(tmp_path, [conversation("c", nodes)]))
    assert the_only_conversation(ada).messages.get().parts == [
        {"type": "attachment", "name": "a.pdf", "media_type": "application/pdf", "size": 123}
    ]
    assert "1 file or picture was not brought along" in made.warnings[0]


def test_shards_in_a_folder_of_a_zip_are_one_import(ada: User, tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "mine/conversations-000.json", json.dumps([branching("1"), branching("2")])
        )
        archive.writestr(
            "mine/conversations-001.json", json.dumps([branching("3"), branching("2")])
        )
        archive.writestr("mine/user.json", json.dumps({"id": "user-1"}))
        archive.writestr("mine/chat.html", "<html>")
        archive.writestr("mine/dalle-generations/file-abc.webp", b"RIFF")
    made = bring(ada, path)
    assert counted(made) == {"imported": 3, "skipped": 1}  # one stood in both
    assert Conversation.objects.visible_to(ada).count() == 3


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_single_conversation_or_one_in_an_object_is_taken_too(
    ada: User, tmp_path: Path, wrapped: bool
) -> None:
    value = {"conversations": [branching()]} if wrapped else branching()
    assert counted(bring(ada, written(tmp_path, value))) == {"imported": 1}
    assert the_only_conversation(ada).messages.count() == 5


def test_whose_file_it_was_is_not_kept(ada: User, tmp_path: Path) -> None:
    bring(ada, written(tmp_path, [branching() | {"share_id": "shared-canary"}]))
    original = json.loads(Origin.objects.get().original_json)
    assert "owner" not in original and "share_id" not in original
    assert original["mapping"]["a1"]["message"]["content"]["parts"] == ["To Rome."]


def test_five_thousand_deep(ada: User, tmp_path: Path) -> None:
    made = bring(ada, written(tmp_path, [chain(5_000)]))
    assert counted(made) == {"imported": 1}
    found = the_only_conversation(ada)
    assert found.messages.count() == 5_000
    assert leaf_of(found) == "Message 4999"
    assert found.messages.filter(parent=None).get().text == "Message 0"
