"""Conversations that an upstream keeps itself: where each turn hangs there, and what happens when it is not there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.generation import farewell
from conversations.models import Conversation, Message
from tests.portal import Browser, answer_of, eventually, settled
from tests.upstreams.chatgpt_emulator import ChatGPTEmulator
from tests.upstreams.scripted import ScriptedUpstream
from upstream.models import Credential, LanguageModel, Provider

GOOD, OTHER = "access-token-of-one", "access-token-of-another"


@pytest.fixture
def gateway() -> Iterator[ChatGPTEmulator]:
    with ChatGPTEmulator(tokens=(GOOD, OTHER), one_at_a_time=True) as emulator:
        yield emulator


@pytest.fixture
def lent(transactional_db: None, gateway: ChatGPTEmulator) -> LanguageModel:
    """A model that is reached through somebody's account."""
    provider = Provider.objects.create(
        title="ChatGPT",
        kind=Provider.Kind.CHATGPT_TOKEN,
        base_url=gateway.url,
        own_host_may_be_private=True,
        operator_acknowledged=True,
        silence_seconds=5,
        longest_wait_seconds=2,
    )
    Credential.objects.create(provider=provider, secret=GOOD)
    return LanguageModel.objects.create(provider=provider, name="gpt-4", title="GPT-4")


def say(at: Browser, conversation: Conversation, text: str) -> Message:
    """Ask, wait for the answer, and return it."""
    assert at.say(conversation, text).status_code == 201
    settled(conversation)
    return answer_of(conversation)


def test_three_turns_stand_in_one_conversation_upstream(
    ada_at: Browser, lent: LanguageModel, gateway: ChatGPTEmulator
) -> None:
    conversation = ada_at.start("One")
    assert settled(conversation).status == "completed"
    for text in ("Two", "Three"):
        assert say(ada_at, conversation, text).text == f"You said: {text}"
    (kept,) = gateway.conversations.values()
    assert conversation.upstream_conversation_id == kept.id
    said = kept.texts(answer_of(conversation).upstream_message_id)
    assert said == ["One", "You said: One", "Two", "You said: Two", "Three", "You said: Three"]
    assert [turn.body["action"] for turn in gateway.turns] == ["next"] * 3


def test_regenerating_asks_for_a_variant_of_the_same_question(
    ada_at: Browser, lent: LanguageModel, gateway: ChatGPTEmulator
) -> None:
    conversation = ada_at.start("One")
    settled(conversation)
    answer = say(ada_at, conversation, "Two")
    assert ada_at.ask_again(answer, "regenerate").status_code == 201
    assert settled(conversation).status == "completed"
    first, second = (turn.body for turn in gateway.turns[-2:])
    assert second["action"] == "variant"
    assert second["messages"][0]["id"] == first["messages"][0]["id"]
    assert second["parent_message_id"] == first["parent_message_id"]
    variant = answer_of(conversation)
    assert variant.upstream_message_id != answer.upstream_message_id
    # The next turn hangs under the variant, and not under the answer that it stands beside.
    third = say(ada_at, conversation, "Three")
    (kept,) = gateway.conversations.values()
    assert gateway.turns[-1].body["parent_message_id"] == variant.upstream_message_id
    assert len(kept.texts(third.upstream_message_id)) == 6


def test_another_question_at_an_earlier_place_branches_there(
    ada_at: Browser, lent: LanguageModel, gateway: ChatGPTEmulator
) -> None:
    conversation = ada_at.start("One")
    settled(conversation)
    first = answer_of(conversation)
    say(ada_at, conversation, "Two")
    Conversation.objects.filter(pk=conversation.pk).update(current_leaf=first)
    edited = say(ada_at, conversation, "Two, in other words")
    (kept,) = gateway.conversations.values()
    assert kept.texts(edited.upstream_message_id)[2] == "Two, in other words"
    assert len(kept.nodes[first.upstream_message_id].children) == 2
    # So does another first question: it hangs at the root, where the first one hung.
    Conversation.objects.filter(pk=conversation.pk).update(current_leaf=None)
    anew = say(ada_at, conversation, "One, in other words")
    (kept,) = gateway.conversations.values()
    assert kept.texts(anew.upstream_message_id) == [
        "One, in other words",
        "You said: One, in other words",
    ]
    assert not settled(conversation).replayed


def test_an_answer_cut_at_its_greatest_length_goes_on_upstream(
    ada_at: Browser, lent: LanguageModel, gateway: ChatGPTEmulator
) -> None:
    gateway.next(text="Once upon", finish="max_tokens")
    conversation = ada_at.start("A story")
    assert settled(conversation).finish_reason == "length"
    answer = answer_of(conversation)
    gateway.next(text=" a time.")
    assert ada_at.ask_again(answer, "continue").status_code == 201
    assert settled(conversation).status == "completed"
    assert answer_of(conversation).text == "Once upon a time."
    body = gateway.turns[-1].body
    assert body["action"] == "continue"
    assert body["parent_message_id"] == answer.upstream_message_id
    assert "messages" not in body


def test_what_was_deleted_on_the_vendors_page_is_told_anew(
    ada_at: Browser, lent: LanguageModel, gateway: ChatGPTEmulator
) -> None:
    conversation = ada_at.start("My name is Ada")
    settled(conversation)
    gateway.forget()
    answer = say(ada_at, conversation, "What is my name?")
    generation = settled(conversation)
    assert (generation.status, generation.replayed) == ("completed", True)
    (kept,) = gateway.conversations.values()
    opening = kept.texts(answer.upstream_message_id)[0]
    assert "My name is Ada" in opening
    assert opening.endswith("What is my name?")
    page = ada_at.branch(conversation)
    assert page.count('class="message__details">') == 1
    # From there on it goes on as one conversation.
    gateway.always()
    following = say(ada_at, conversation, "And then?")
    assert gateway.turns[-1].body["conversation_id"] == kept.id
    assert not settled(conversation).replayed
    assert following.text == "You said: And then?"
    # The question that opened it is answered once more as it was asked.
    Conversation.objects.filter(pk=conversation.pk).update(current_leaf=answer)
    assert ada_at.ask_again(answer, "regenerate").status_code == 201
    settled(conversation)
    body = gateway.turns[-1].body
    assert (body["action"], body["messages"][0]["content"]["parts"][0]) == ("variant", opening)


def test_another_account_is_told_anew(
    ada_at: Browser, lent: LanguageModel, gateway: ChatGPTEmulator
) -> None:
    conversation = ada_at.start("One")
    settled(conversation)
    Credential.objects.update(is_enabled=False)
    Credential.objects.create(provider=lent.provider, secret=OTHER)
    answer = say(ada_at, conversation, "Two")
    assert settled(conversation).replayed
    assert answer.text.startswith("You said: This conversation was begun elsewhere.")
    assert gateway.turns[-1].token == OTHER
    assert "conversation_id" not in gateway.turns[-1].body


def test_a_conversation_stays_with_its_account(
    ada_at: Browser, lent: LanguageModel, gateway: ChatGPTEmulator
) -> None:
    Credential.objects.create(provider=lent.provider, secret=OTHER)
    conversation = ada_at.start("One")
    settled(conversation)
    for text in ("Two", "Three"):
        say(ada_at, conversation, text)
    assert len({turn.token for turn in gateway.turns}) == 1


def test_what_another_model_said_between_is_told_as_well(
    ada_at: Browser,
    lent: LanguageModel,
    gateway: ChatGPTEmulator,
    model: LanguageModel,
    upstream: ScriptedUpstream,
) -> None:
    conversation = ada_at.start("One", model=lent.pk)
    settled(conversation)
    ada_at.say(conversation, "Two", model=model.pk)
    settled(conversation)
    ada_at.say(conversation, "Three", model=lent.pk)
    assert settled(conversation).replayed
    assert "Yes, indeed." in gateway.turns[-1].body["messages"][0]["content"]["parts"][0]


def test_retry_after_a_break_does_not_repeat_the_question_upstream(
    ada_at: Browser, lent: LanguageModel, gateway: ChatGPTEmulator
) -> None:
    gateway.next(text="I begin and then break off", cut_after=4)
    conversation = ada_at.start("One")
    generation = settled(conversation)
    assert (generation.status, generation.error_code) == ("interrupted", "interrupted")
    answer = answer_of(conversation)
    assert answer.text
    assert ada_at.ask_again(answer, "retry").status_code == 201
    assert settled(conversation).status == "completed"
    assert gateway.turns[-1].body["action"] == "variant"
    (kept,) = gateway.conversations.values()
    assert len(kept.texts(answer_of(conversation).upstream_message_id)) == 2


def test_retry_after_a_refusal_asks_as_if_for_the_first_time(
    ada_at: Browser, lent: LanguageModel, gateway: ChatGPTEmulator
) -> None:
    gateway.next(status=422, body={"detail": "not this time"})
    conversation = ada_at.start("One")
    assert settled(conversation).error_code == "rejected"
    assert ada_at.ask_again(answer_of(conversation), "retry").status_code == 201
    assert settled(conversation).status == "completed"
    assert gateway.turns[-1].body["action"] == "next"


def test_an_answer_that_is_replaced_is_shown_and_saved_replaced(
    ada_at: Browser, lent: LanguageModel, gateway: ChatGPTEmulator
) -> None:
    gateway.next(text="It is four. No doubt about that.", rewrites=True, pause=0.03, held=True)
    with ada_at.socket() as page:
        conversation = ada_at.start("What is two and two?")
        page.join(conversation)
        page.until("joined")
        eventually(lambda: gateway.held)
        gateway.let_go(gateway.held[0])
        page.until("status", status="completed")
        replaced = [event for event in page.events if event.get("operation") == "replace"]
    assert [event["text"] for event in replaced] == [
        "On second thought: It is four. No doubt about that."
    ]
    assert answer_of(conversation).text == replaced[0]["text"]


def test_deleting_a_conversation_deletes_it_upstream_once_undo_is_over(
    ada_at: Browser,
    lent: LanguageModel,
    gateway: ChatGPTEmulator,
) -> None:
    conversation = ada_at.start("A secret of mine")
    settled(conversation)
    (kept,) = gateway.conversations.values()
    assert ada_at.post(f"/conversations/{conversation.pk}/delete/").status_code == 200
    assert farewell.farewells() == []  # Undo is still offered
    long_ago = timezone.now() - timedelta(hours=1)
    Conversation.objects.filter(pk=conversation.pk).update(deleted_at=long_ago)
    eventually(lambda: not kept.visible, within=20)
    eventually(lambda: not Conversation.objects.get(pk=conversation.pk).upstream_conversation_id)
    # Brought back after that, it is told anew.
    ada_at.post(f"/conversations/{conversation.pk}/restore/")
    say(ada_at, conversation, "What was it?")
    assert settled(conversation).replayed


def test_members_are_told_that_an_account_is_lent(
    ada_at: Browser, lent: LanguageModel, model: LanguageModel, gateway: ChatGPTEmulator
) -> None:
    page = ada_at.http.get("/").text
    assert 'data-note="shared-account"' in page
    conversation = ada_at.start("One", model=lent.pk)
    settled(conversation)
    page = ada_at.http.get(f"/conversations/{conversation.pk}/").text
    assert '<span data-note-for="shared-account">' in page
    # The note stays with the conversation when another model answers on.
    ada_at.say(conversation, "Two", model=model.pk)
    settled(conversation)
    page = ada_at.http.get(f"/conversations/{conversation.pk}/").text
    assert "Parts of this conversation went through a shared ChatGPT account" in page


def test_ids_from_upstream_that_are_none_are_not_kept(
    ada_at: Browser, lent: LanguageModel, upstream: ScriptedUpstream
) -> None:
    """They would stand in an address when the conversation is deleted."""
    from tests.upstreams.scripted import DONE, HEAD, frame

    Provider.objects.filter(pk=lent.provider_id).update(
        base_url=upstream.base_url.replace("/v1", "/conversation")
    )
    message = {
        "id": "../../../accounts\0",
        "author": {"role": "assistant"},
        "content": {"content_type": "text", "parts": ["Yes."]},
    }
    said = {"message": message, "conversation_id": "../models", "error": None}
    upstream.will([HEAD, frame(said), DONE])
    conversation = ada_at.start("One")
    assert settled(conversation).status == "completed"
    assert answer_of(conversation).text == "Yes."
    assert conversation.upstream_conversation_id == ""


def test_a_conversation_is_begun_anew_upstream_where_less_is_to_be_shown(
    ada_at: Browser, gateway: ChatGPTEmulator, lent: LanguageModel
) -> None:
    conversation = ada_at.start("I am Ada.")
    settled(conversation)
    say(ada_at, conversation, "Who am I?")
    conversation.refresh_from_db()
    before = conversation.upstream_conversation_id
    Conversation.objects.filter(pk=conversation.pk).update(uses_context=False)
    say(ada_at, conversation, "And now?")
    conversation.refresh_from_db()
    assert conversation.upstream_conversation_id not in {before, ""}
