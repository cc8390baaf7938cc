"""What is particular to Open WebUI, LibreChat, Claude and chatgpt-web."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models import User
from conversations.models import Conversation, Message, Origin
from tests.foreign import chatgpt_web, others
from tests.foreign.bringing import (
    bring,
    counted,
    leaf_of,
    message_saying,
    the_only_conversation,
    tree_of,
    written,
)
from tests.foreign.every import BRANCHES

pytestmark = pytest.mark.django_db


class TestOpenWebUi:
    def test_models_pins_and_settings_are_kept_and_whose_it_was_is_not(
        self, ada: User, tmp_path: Path
    ) -> None:
        bring(ada, written(tmp_path, [others.open_webui("x")]))
        found = the_only_conversation(ada)
        assert found.is_pinned and found.temperature == 0.3
        assert message_saying(found, "Home.").model_title == "GPT-4o"
        assert message_saying(found, "And then?").model_title == ""
        assert b"canary" not in Origin.objects.get().original_json

    def test_milliseconds_of_old_files(self, ada: User, tmp_path: Path) -> None:
        value = others.open_webui("x")
        value["created_at"] = others.AT * 1000
        bring(ada, written(tmp_path, [value]))
        assert the_only_conversation(ada).created_at == datetime.fromtimestamp(others.AT, UTC)

    @pytest.mark.parametrize("linear", [False, True])
    def test_a_chat_without_its_envelope(self, ada: User, tmp_path: Path, linear: bool) -> None:
        chat = others.open_webui("x")["chat"]
        bring(ada, written(tmp_path, chat))
        assert tree_of(the_only_conversation(ada)) == BRANCHES

    def test_only_the_line_of_messages(self, ada: User, tmp_path: Path) -> None:
        value = others.open_webui("x")
        value["chat"] = {
            "title": "T",
            "messages": [{"role": "user", "content": "A"}, {"role": "assistant", "content": "B"}],
        }
        bring(ada, written(tmp_path, [value]))
        assert tree_of(the_only_conversation(ada)) == {"A": ("user", None), "B": ("assistant", "A")}

    def test_folded_blocks_in_the_text_become_what_they_are(
        self, ada: User, tmp_path: Path
    ) -> None:
        value = others.open_webui("x")
        value["chat"]["history"]["messages"]["a3"]["content"] = (
            '<details type="reasoning" done="true" duration="3">\n<summary>Thought for 3 seconds</summary>\n'
            "&gt; Let me see.\n</details>\n"
            '<details type="tool_calls" done="true" name="add" arguments="&quot;1+1&quot;" result="2">\n'
            "<summary>Tool Executed</summary>\n</details>\nHome."
        )
        bring(ada, written(tmp_path, [value]))
        message = message_saying(the_only_conversation(ada), "Home.")
        assert message.reasoning == "Let me see."
        assert message.parts == [
            {"type": "tool_call", "name": "add", "text": '"1+1"'},
            {"type": "tool_output", "name": "add", "text": "2"},
        ]

    def test_its_newer_list_of_what_the_model_did(self, ada: User, tmp_path: Path) -> None:
        value = others.open_webui("x")
        answer = value["chat"]["history"]["messages"]["a3"]
        answer |= {
            "content": "",
            "output": [
                {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
                {"type": "function_call", "name": "look", "arguments": "{}"},
                {
                    "type": "function_call_output",
                    "output": [{"type": "input_text", "text": "Fine."}],
                },
                {"type": "message", "content": [{"type": "output_text", "text": "Home."}]},
                {"type": "hologram"},
            ],
            "sources": [
                {
                    "source": {"name": "A"},
                    "document": ["Said"],
                    "metadata": [{"source": "https://a.example"}],
                }
            ],
            "files": [{"type": "image", "name": "cat.png", "size": 3}],
        }
        bring(ada, written(tmp_path, [value]))
        message = message_saying(the_only_conversation(ada), "Home.")
        assert message.reasoning == "Hm."
        assert message.parts == [
            {"type": "tool_call", "name": "look", "text": "{}"},
            {"type": "tool_output", "name": "", "text": "Fine."},
            {
                "type": "unknown",
                "name": "hologram",
                "raw": json.dumps({"type": "hologram"}, indent=1),
            },
            {"type": "attachment", "name": "cat.png", "media_type": "image/*", "size": 3},
            {"type": "citation", "url": "https://a.example", "title": "A", "text": "Said"},
        ]


class TestLibreChat:
    def test_a_line_without_parents(self, ada: User, tmp_path: Path) -> None:
        value = others.librechat("x", others.line(4))
        for each in value["messages"]:
            del each["parentMessageId"], each["messageId"]
        bring(ada, written(tmp_path, value))
        found = the_only_conversation(ada)
        assert leaf_of(found) == "Message 3"
        assert tree_of(found)["Message 3"] == ("assistant", "Message 2")

    def test_thoughts_tools_and_broken_answers(self, ada: User, tmp_path: Path) -> None:
        value = others.librechat("x")
        answer = value["messages"][4]
        answer["content"] = [
            {"type": "think", "think": "Hm."},
            {"type": "tool_call", "tool_call": {"name": "add", "args": "1+1", "output": "2"}},
            {"type": "text", "text": "Home."},
        ]
        answer["unfinished"] = True
        bring(ada, written(tmp_path, value))
        message = message_saying(the_only_conversation(ada), "Home.")
        assert (message.reasoning, message.model_title) == ("Hm.", "gpt-4o")
        assert message.parts == [
            {"type": "tool_call", "name": "add", "text": "1+1"},
            {"type": "tool_output", "name": "add", "text": "2"},
            {"type": "incomplete"},
        ]

    def test_many_files_are_one_import(self, ada: User, tmp_path: Path) -> None:
        paths = [written(tmp_path, others.librechat(f"x{n}"), f"{n}.json") for n in range(3)]
        assert counted(bring(ada, *paths)) == {"imported": 3}


class TestClaude:
    def test_old_files_without_parents_are_a_line(self, ada: User, tmp_path: Path) -> None:
        bring(ada, written(tmp_path, [others.claude("x", others.line(4), parents=False)]))
        tree = tree_of(the_only_conversation(ada))
        assert tree["Message 0"] == ("user", None)
        assert tree["Message 3"] == ("assistant", "Message 2")

    def test_thoughts_tools_and_pasted_files(self, ada: User, tmp_path: Path) -> None:
        value = others.claude("x")
        value["chat_messages"][4]["content"] = [
            {"type": "thinking", "thinking": "Hm."},
            {"type": "tool_use", "name": "add", "input": {"a": 1}},
            {"type": "tool_result", "name": "add", "content": [{"type": "text", "text": "2"}]},
            {"type": "text", "text": "Home."},
        ]
        value["chat_messages"][0]["attachments"] = [
            {"file_name": "a.txt", "file_type": "txt", "file_size": 3, "extracted_content": "abc"}
        ]
        bring(ada, written(tmp_path, [value]))
        found = the_only_conversation(ada)
        message = message_saying(found, "Home.")
        assert message.reasoning == "Hm."
        assert [part["type"] for part in message.parts] == ["tool_call", "tool_output"]
        asked = message_saying(found, "Where to?")
        assert asked.parts[1] == {"type": "tool_output", "name": "a.txt", "text": "abc"}
        assert b"canary" not in Origin.objects.get().original_json


class TestChatgptWeb:
    def only(self, ada: User, folder: Path, *items: Any, **more: Any) -> list[Message]:
        bring(ada, written(folder, chatgpt_web.store((1002, "T", list(items)), **more)))
        return list(the_only_conversation(ada).messages.order_by("created_at"))

    @pytest.mark.parametrize("envelope", [True, False])
    def test_with_and_without_the_envelope(self, ada: User, tmp_path: Path, envelope: bool) -> None:
        value = chatgpt_web.store(chatgpt_web.hello(), envelope=envelope)
        assert counted(bring(ada, written(tmp_path, value))) == {"imported": 1}

    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("11/22/2026, 7:48:31 PM", datetime(2026, 11, 22, 19, 48, 31)),
            ("11/22/2026, 12:05:00 AM", datetime(2026, 11, 22, 0, 5)),
            ("3/4/2026, 7:48:31 AM", datetime(2026, 3, 4, 7, 48, 31)),
            ("2023/3/4 21:55:25", datetime(2023, 3, 4, 21, 55, 25)),
            ("22.11.2026, 19:48:31", datetime(2026, 11, 22, 19, 48, 31)),
            ("22/11/2026, 19:48:31", datetime(2026, 11, 22, 19, 48, 31)),
            ("3/4/2026, 19:48:31", datetime(2026, 4, 3, 19, 48, 31)),
            ("3/4/2026, 7:48:31 pm", datetime(2026, 4, 3, 19, 48, 31)),
            ("19:48:31 22/11/2026", datetime(2026, 11, 22, 19, 48, 31)),
            ("2026. 11. 22. 오후 7:48:31", datetime(2026, 11, 22, 19, 48, 31)),
            ("2026年11月22日 19:48:31", datetime(2026, 11, 22, 19, 48, 31)),
            ("2026/11/22 下午7:48:31", datetime(2026, 11, 22, 19, 48, 31)),
        ],
    )
    def test_dates_of_any_locale_by_the_members_clock(
        self, ada: User, tmp_path: Path, text: str, moment: datetime
    ) -> None:
        ada.time_zone = "Asia/Shanghai"
        ada.save()
        (message,) = self.only(ada, tmp_path, chatgpt_web.said("hello", by_user=True, at=text))
        local = message.created_at.astimezone(ZoneInfo("Asia/Shanghai"))
        assert local.replace(tzinfo=None) == moment

    @pytest.mark.parametrize("at", ["", "gestern", "99/99/2026, 25:61:00", None, 12, "0/0/0 0:0:0"])
    def test_what_is_no_date_keeps_its_place(self, ada: User, tmp_path: Path, at: Any) -> None:
        first = chatgpt_web.said("hello", by_user=True)
        second = chatgpt_web.said("Hi!", by_user=False, at=at)
        assert len(self.only(ada, tmp_path, first, second)) == 2
        assert tree_of(the_only_conversation(ada))["Hi!"] == ("assistant", "hello")
        assert leaf_of(the_only_conversation(ada)) == "Hi!"

    def test_errors_and_answers_that_never_came(self, ada: User, tmp_path: Path) -> None:
        question = chatgpt_web.said("hello", by_user=True)
        error = chatgpt_web.said("fetch failed", by_user=False, error=True)
        thinking = chatgpt_web.said("Thinking...", by_user=False, loading=True)
        self.only(ada, tmp_path, question, error, thinking)
        (one,), (other,) = Message.objects.filter(role="assistant").values_list("parts", flat=True)
        parts = {each["type"]: each for each in (one, other)}
        assert parts == {
            "error": {"type": "error", "text": "fetch failed"},
            "incomplete": {"type": "incomplete"},
        }
        assert not Message.objects.filter(role="assistant").exclude(text="").exists()

    def test_what_the_fork_adds(self, ada: User, tmp_path: Path) -> None:
        question = chatgpt_web.said("hello", by_user=True, images=["cat.png"], uuid=1)
        answer = chatgpt_web.said("Hi!", by_user=False, model="gpt-4", usage={"total_tokens": 9})
        about = {"prompt": "Be kind.", "usingContext": False, "chatModel": "gpt-3.5"}
        first, second = self.only(ada, tmp_path, question, answer, **about)
        if first.role == "assistant":
            first, second = second, first
        assert first.parts[0]["name"] == "cat.png"
        assert second.model_title == "gpt-4"
        found = the_only_conversation(ada)
        assert (found.system_prompt, found.uses_context) == ("Be kind.", False)

    def test_the_first_of_two_browsers_is_not_one_conversation(
        self, ada: User, tmp_path: Path
    ) -> None:
        """Both are called 1002 there."""
        bring(ada, written(tmp_path, chatgpt_web.store(chatgpt_web.hello())))
        other = [chatgpt_web.said("Quite another", by_user=True)]
        made = bring(ada, written(tmp_path, chatgpt_web.store((1002, "Other", other))))
        assert counted(made) == {"imported": 1}
        assert Conversation.objects.visible_to(ada).count() == 2

    def test_a_later_export_adds_and_an_answer_given_anew_is_a_version(
        self, ada: User, tmp_path: Path
    ) -> None:
        number, title, items = chatgpt_web.hello()
        bring(ada, written(tmp_path, chatgpt_web.store((number, title, items[:2]))))
        anew = [items[0], chatgpt_web.said("Hello again!", by_user=False), *items[2:]]
        made = bring(ada, written(tmp_path, chatgpt_web.store((number, title, anew))))
        assert counted(made) == {"updated": 1}
        found = the_only_conversation(ada)
        assert tree_of(found) == {
            "hello": ("user", None),
            "Hi! How can I help?": ("assistant", "hello"),
            "Hello again!": ("assistant", "hello"),
            "second": ("user", "Hello again!"),
            "...": ("assistant", "second"),
        }
        assert leaf_of(found) == "..."

    def test_an_empty_export(self, ada: User, tmp_path: Path) -> None:
        made = bring(ada, written(tmp_path, chatgpt_web.store()))
        assert made.state == "failed"
        assert "no conversation" in made.rows.get().reason
