"""Limits: messages an hour and tokens a month. Reserved with the turn, settled with its end, exceeded by nobody."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format

from accounts.models import AuditRecord, User
from conversations.generation import reaper
from conversations.generation.settling import settle_left_over
from conversations.models import Conversation, Delta, EngineProcess, Generation
from conversations.turns import start_conversation, stop_generation
from tests.portal import Browser, answer_of, eventually, settled
from tests.upstreams.scripted import (
    DONE,
    FINISH,
    HEAD,
    Hold,
    ScriptedUpstream,
    delta,
    frame,
    refuse,
    stream,
)
from upstream import quotas
from upstream.models import (
    Credential,
    LanguageModel,
    Lease,
    MessageCount,
    Provider,
    Quota,
    Reservation,
    UsageDay,
)
from upstream.models.usage_day import day_of
from upstream.quotas import LimitReached, allowance_of, limits_of, next_month, reserve, settle

NOON = datetime(2026, 3, 31, 12, 20, tzinfo=UTC)
FETCH = {"X-Requested-With": "fetch"}
NO_PROCESS = 2**22 + 1


def everybody(**numbers: int) -> Quota:
    return Quota.objects.create(**numbers)


def usage(member: User, tokens: int, *, day: Any = None) -> None:
    UsageDay.objects.create(
        day=day or day_of(timezone.now()), member=member, attempts=1, prompt_tokens=tokens
    )


def nothing() -> tuple[int, int]:
    return 10, 100


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[datetime]]:
    """The time that limits go by; a test sets it."""
    now = [NOON]
    monkeypatch.setattr(quotas.timezone, "now", lambda: now[0])
    yield now


class TestWhichLimitCounts:
    def test_the_most_specific_one(self, ada: User, bob: User) -> None:
        team = Group.objects.create(name="Team")
        ada.groups.add(team)
        everybody(messages_an_hour=10, tokens_a_month=1000)
        assert limits_of(ada.pk).messages_an_hour == 10
        Quota.objects.create(group=team, messages_an_hour=20)
        assert limits_of(ada.pk).messages_an_hour == 20
        Quota.objects.create(member=ada, messages_an_hour=5)
        found = limits_of(ada.pk)
        assert (found.messages_an_hour, found.tokens_a_month) == (5, 1000)  # each by itself
        assert limits_of(bob.pk).messages_an_hour == 10

    def test_of_several_groups_the_most_generous(self, ada: User) -> None:
        everybody(messages_an_hour=10)
        for number, most in enumerate((3, 30, 7)):
            group = Group.objects.create(name=f"G{number}")
            ada.groups.add(group)
            Quota.objects.create(group=group, messages_an_hour=most)
        assert limits_of(ada.pk).messages_an_hour == 30
        Quota.objects.filter(messages_an_hour=7).update(messages_an_hour=0)
        assert limits_of(ada.pk).messages_an_hour is None

    def test_zero_is_no_limit_and_empty_says_nothing(self, ada: User) -> None:
        everybody(messages_an_hour=10, tokens_a_month=50)
        Quota.objects.create(member=ada, messages_an_hour=0)
        found = limits_of(ada.pk)
        assert (found.messages_an_hour, found.tokens_a_month) == (None, 50)

    def test_without_a_row_there_is_none(self, ada: User) -> None:
        assert limits_of(ada.pk).messages_an_hour is None

    def test_it_is_asked_in_one_query(self, ada: User, django_assert_num_queries: Any) -> None:
        everybody(messages_an_hour=10)
        with django_assert_num_queries(1):
            limits_of(ada.pk)


class TestMessagesAnHour:
    @pytest.fixture(autouse=True)
    def _limit(self, db: None) -> None:
        everybody(messages_an_hour=3)

    def send(self, member: User) -> uuid.UUID:
        generation = uuid.uuid4()
        reserve(generation, member.pk, wanted=nothing)
        return generation

    def test_the_fourth_is_refused_until_the_next_hour(
        self, ada: User, bob: User, clock: list[datetime]
    ) -> None:
        for _message in range(3):
            self.send(ada)
        with pytest.raises(LimitReached) as refused:
            self.send(ada)
        assert refused.value.allowance.messages_reset_at == datetime(2026, 3, 31, 13, tzinfo=UTC)
        self.send(bob)  # counted by member
        clock[0] = datetime(2026, 3, 31, 12, 59, 59, tzinfo=UTC)
        with pytest.raises(LimitReached):
            self.send(ada)
        clock[0] += timedelta(seconds=1)
        self.send(ada)
        assert allowance_of(ada.pk).messages_left == 2

    def test_a_process_whose_clock_is_behind_gives_nothing_away(
        self, ada: User, clock: list[datetime]
    ) -> None:
        clock[0] = datetime(2026, 3, 31, 13, 0, 0, tzinfo=UTC)
        for _message in range(3):
            self.send(ada)
        clock[0] -= timedelta(seconds=1)
        with pytest.raises(LimitReached):
            self.send(ada)

    def test_a_clock_that_was_put_back_locks_nobody_out(
        self, ada: User, clock: list[datetime]
    ) -> None:
        clock[0] += timedelta(days=400)
        for _message in range(3):
            self.send(ada)
        clock[0] -= timedelta(days=400)
        self.send(ada)

    def test_what_failed_before_any_text_gives_its_message_back(self, ada: User) -> None:
        kept, failed = self.send(ada), self.send(ada)
        assert settle(kept, counts=True)
        assert settle(failed, counts=False)
        assert not settle(failed, counts=False)  # once
        assert allowance_of(ada.pk).messages == 1

    def test_a_message_is_given_back_to_its_own_hour(
        self, ada: User, clock: list[datetime]
    ) -> None:
        old = self.send(ada)
        clock[0] += timedelta(hours=1)
        self.send(ada)
        settle(old, counts=False)
        assert allowance_of(ada.pk).messages == 1


class TestTokensAMonth:
    @pytest.fixture(autouse=True)
    def _limit(self, db: None) -> None:
        everybody(tokens_a_month=1000)

    def send(self, member: User, prompt: int, answer: int) -> Reservation:
        generation = uuid.uuid4()
        reserve(generation, member.pk, wanted=lambda: (prompt, answer))
        return Reservation.objects.get(generation=generation)

    def test_what_running_answers_may_need_is_kept_free(self, ada: User) -> None:
        assert self.send(ada, 100, 300).tokens == 400
        assert self.send(ada, 100, 400).tokens == 500
        last = self.send(ada, 50, 300)  # less is left than it may need
        assert (last.tokens, last.answer_cap) == (100, 50)
        with pytest.raises(LimitReached) as refused:
            self.send(ada, 1, 1)
        assert refused.value.kind == "tokens"
        assert refused.value.allowance.tokens_left == 0
        settle(last.generation, counts=True)
        usage(ada, 60)
        assert self.send(ada, 1, 20).answer_cap is None

    def test_last_months_usage_is_over(self, ada: User, clock: list[datetime]) -> None:
        usage(ada, 990, day=day_of(NOON))
        with pytest.raises(LimitReached) as refused:
            self.send(ada, 10, 50)
        assert refused.value.allowance.tokens_reset_at == datetime(2026, 4, 1, tzinfo=UTC)
        clock[0] = datetime(2026, 4, 1, 0, 0, 1, tzinfo=UTC)
        self.send(ada, 10, 50)

    def test_another_members_usage_is_theirs(self, ada: User, bob: User) -> None:
        usage(bob, 1000)
        assert self.send(ada, 10, 50).tokens == 60


@pytest.mark.once
def test_a_month_begins_at_midnight_of_the_portals_zone(settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    new_years_eve = datetime(2026, 12, 31, 14, 59, tzinfo=UTC)
    assert next_month(new_years_eve) == datetime(2026, 12, 31, 15, tzinfo=UTC)
    assert next_month(new_years_eve + timedelta(minutes=1)) == datetime(2027, 1, 31, 15, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
class TestSendingAtOnce:
    """Two hundred sends in threads of their own, each with its own connection."""

    @pytest.fixture
    def model(self, transactional_db: None) -> LanguageModel:
        provider = Provider.objects.create(title="P", base_url="https://a.example/v1")
        return LanguageModel.objects.create(provider=provider, name="m")

    def send(self, owner: User, model: LanguageModel, count: int) -> int:
        """How many of `count` were taken."""
        start = threading.Barrier(16)
        share = threading.local()

        def one(_number: int) -> bool:
            if not getattr(share, "met", False):
                share.met = True
                start.wait(10)
            try:
                start_conversation(owner, text="Hi", model=model, client_id=uuid.uuid4())
            except LimitReached:
                return False
            return True

        def close(_number: int) -> None:
            closing.wait(10)
            connections.close_all()

        closing = threading.Barrier(16)
        with ThreadPoolExecutor(16) as threads:
            taken = sum(threads.map(one, range(count)))
            list(threads.map(close, range(16)))
        return taken

    def test_two_hundred_never_exceed_the_limit_of_messages(
        self, ada: User, model: LanguageModel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hour = quotas.hour_of(timezone.now())
        monkeypatch.setattr(quotas, "hour_of", lambda _moment: hour)  # not across its end
        everybody(messages_an_hour=17)
        assert self.send(ada, model, 200) == 17
        assert Conversation.objects.count() == Generation.objects.count() == 17
        assert Reservation.objects.count() == MessageCount.objects.get().messages == 17

    def test_two_hundred_never_exceed_the_limit_of_tokens(
        self, ada: User, model: LanguageModel
    ) -> None:
        everybody(tokens_a_month=20_000)
        taken = self.send(ada, model, 200)
        reserved = sum(Reservation.objects.values_list("tokens", flat=True))
        assert 4 <= taken <= 5  # 4,096 tokens of an answer each, and the rest
        assert 16_000 < reserved <= 20_000


class TestThroughThePortal:
    """Whole turns, with an upstream that answers."""

    @pytest.fixture(autouse=True)
    def _limit(self, model: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> Quota:
        hour = quotas.hour_of(timezone.now())
        monkeypatch.setattr(quotas, "hour_of", lambda _moment: hour)  # not across its end
        return everybody(messages_an_hour=2, tokens_a_month=100_000)

    def refused(self, answer: Any) -> str:
        assert answer.status_code == 429, answer.text
        error = answer.json()["error"]
        assert error["code"] == "quota_exceeded"
        return str(error["message"])

    def test_every_way_of_asking_counts_and_is_refused_in_a_sentence(
        self, ada_at: Browser, model: LanguageModel
    ) -> None:
        conversation = ada_at.start()
        settled(conversation)
        assert ada_at.ask_again(answer_of(conversation), "regenerate").status_code == 201
        settled(conversation)
        leaf = answer_of(conversation)
        question = leaf.parent
        assert question
        messages = conversation.messages.count()
        at = timezone.localtime(allowance_of(conversation.owner_id).messages_reset_at)
        for refused in (
            ada_at.say(conversation),
            ada_at.ask_again(leaf, "regenerate"),
            ada_at.post("/conversations/new/", text="Hi", client_id=str(uuid.uuid4())),
            ada_at.post(f"/messages/{question.pk}/edit/", text="Hi", client_id=str(uuid.uuid4())),
        ):
            sentence = self.refused(refused)
            assert "2 messages an hour" in sentence
            assert time_format(at, "TIME_FORMAT") in sentence  # “noon”, at noon
        assert conversation.messages.count() == messages
        assert Conversation.objects.count() == 1

    def test_the_same_message_sent_twice_counts_once(self, ada_at: Browser) -> None:
        form = {"text": "Hi", "client_id": str(uuid.uuid4())}
        for _time in range(4):
            assert ada_at.post("/conversations/new/", **form).status_code == 201
        settled(Conversation.objects.get())
        assert MessageCount.objects.get().messages == 1

    def test_what_was_used_takes_the_place_of_what_was_reserved(
        self, ada_at: Browser, ada: User, upstream: ScriptedUpstream
    ) -> None:
        counted = frame({"choices": [], "usage": {"prompt_tokens": 30, "completion_tokens": 12}})
        hold = Hold()
        upstream.will([HEAD, delta("Well"), hold, FINISH, counted, DONE])
        conversation = ada_at.start()
        eventually(hold.reached.is_set)
        allowance = allowance_of(ada.pk)
        assert (allowance.tokens_used, allowance.messages) == (0, 1)
        assert allowance.tokens_reserved > 4096
        hold.release()
        settled(conversation)
        eventually(lambda: not Reservation.objects.exists())
        allowance = allowance_of(ada.pk)
        assert (allowance.tokens_used, allowance.tokens_reserved, allowance.messages) == (42, 0, 1)

    def test_a_failure_before_any_text_counts_no_message(
        self, ada_at: Browser, ada: User, upstream: ScriptedUpstream
    ) -> None:
        upstream.will(refuse(400, {"error": {"message": "no"}}))
        assert settled(ada_at.start()).status == "failed"
        eventually(lambda: not Reservation.objects.exists())
        assert allowance_of(ada.pk).messages == 0

    def test_a_credential_that_fails_keeps_the_reservation_for_the_next(
        self, ada_at: Browser, ada: User, upstream: ScriptedUpstream, model: LanguageModel
    ) -> None:
        Credential.objects.create(provider=model.provider, secret="sk-2")
        hold = Hold()
        upstream.will(refuse(401, {"error": {"message": "no"}}))
        upstream.will([HEAD, hold, *stream("Yes.")[1:]])
        conversation = ada_at.start()
        eventually(hold.reached.is_set)
        assert Reservation.objects.count() == 1
        hold.release()
        assert settled(conversation).status == "completed"
        eventually(lambda: not Reservation.objects.exists())
        assert allowance_of(ada.pk).messages == 1

    def test_stopping_settles(self, ada_at: Browser, ada: User, upstream: ScriptedUpstream) -> None:
        hold = Hold()
        upstream.will([HEAD, delta("Some"), hold])
        conversation = ada_at.start()
        eventually(lambda: "Some" in ada_at.branch(conversation))
        generation = conversation.generations.get()
        ada_at.stop(generation)
        settled(conversation)
        eventually(lambda: not Reservation.objects.exists())
        allowance = allowance_of(ada.pk)
        assert allowance.messages == 1
        assert 0 < allowance.tokens_used < 100

    def test_with_little_left_the_answer_may_be_no_longer_than_that(
        self, ada_at: Browser, upstream: ScriptedUpstream
    ) -> None:
        Quota.objects.update(tokens_a_month=200)
        settled(ada_at.start("Well?"))
        (request,) = upstream.requests
        most = request.body["max_tokens"]
        assert 150 < most < 200


class TestWithoutAnEngine:
    @pytest.fixture
    def model(self, db: None) -> LanguageModel:
        provider = Provider.objects.create(title="P", base_url="https://a.example/v1")
        return LanguageModel.objects.create(provider=provider, name="m")

    @pytest.fixture
    def generation(self, ada: User, model: LanguageModel) -> Generation:
        everybody(messages_an_hour=1)
        turn = start_conversation(ada, text="Hi", model=model, client_id=uuid.uuid4())
        return turn.generation

    def test_stopping_one_that_waits_counts_nothing(
        self, ada: User, generation: Generation
    ) -> None:
        stop_generation(generation)
        assert allowance_of(ada.pk).messages_left == 1
        assert not Reservation.objects.exists()

    def test_deleting_a_conversation_that_waits_counts_nothing(
        self, ada: User, ada_browses: Client, generation: Generation
    ) -> None:
        door = reverse("conversations:conversation-delete", args=[generation.conversation_id])
        ada_browses.post(door, headers=FETCH)
        assert allowance_of(ada.pk).messages_left == 1

    @pytest.mark.parametrize("wrote", [True, False])
    def test_what_kill_nine_left_is_settled_by_the_reaper(
        self, ada: User, generation: Generation, model: LanguageModel, wrote: bool
    ) -> None:
        engine = EngineProcess.objects.create(host=reaper.own_host(), process_id=NO_PROCESS)
        sent = {"model": "m", "kind": "openai_chat", "tokens": 25}
        assert generation.claim(engine.pk, sent=sent)
        Lease.objects.create(
            generation=generation.pk,
            holder=engine.pk,
            member=ada,
            credential=Credential.objects.create(provider=model.provider, secret="s"),
            revision=0,
            language_model=model,
            expires_at=timezone.now(),
        )
        if wrote:
            Delta.objects.create(
                generation=generation, sequence=1, part="text", operation="append", text="Word" * 5
            )
        reaper.reap_dead_engines(reaper.register_engine())
        assert not Reservation.objects.exists()
        allowance = allowance_of(ada.pk)
        assert allowance.messages == int(wrote)
        assert allowance.tokens_used == (30 if wrote else 0)

    def test_what_nobody_took_back_is_settled_later(
        self, ada: User, generation: Generation
    ) -> None:
        old = timezone.now() - timedelta(minutes=2)
        Reservation.objects.update(made_at=old)
        assert settle_left_over() == 0  # it waits still
        Generation.objects.update(status="failed")
        assert settle_left_over() == 1
        assert allowance_of(ada.pk).messages_left == 1
        reserve(uuid.uuid4(), ada.pk, wanted=nothing)  # of a generation that is gone
        Reservation.objects.update(made_at=old)
        assert settle_left_over() == 1

    def test_a_plain_form_keeps_what_was_typed_as_a_draft(
        self, ada_browses: Client, generation: Generation
    ) -> None:
        Generation.objects.update(status="completed")
        conversation = generation.conversation
        for door, page in (
            (reverse("conversations:conversation-create"), "/"),
            (
                reverse("conversations:message-create", args=[conversation.pk]),
                conversation.get_absolute_url(),
            ),
        ):
            form = {"text": "Much that I typed", "client_id": str(uuid.uuid4())}
            answer = ada_browses.post(door, form, follow=True)
            shown = answer.content.decode()
            assert answer.redirect_chain == [(page, 302)]
            assert "You may send 1 message an hour" in shown
            assert "Much that I typed" in shown


class TestTheEnvironment:
    def start(self) -> None:
        call_command("bootstrap", verbosity=0)

    @pytest.mark.django_db
    def test_the_number_is_taken_once(self, settings: Any, ada: User) -> None:
        settings.MAX_REQUEST_PER_HOUR = " 25 "
        self.start()
        assert limits_of(ada.pk).messages_an_hour == 25
        Quota.objects.update(messages_an_hour=7)
        settings.MAX_REQUEST_PER_HOUR = "90"
        self.start()
        assert limits_of(ada.pk).messages_an_hour == 7
        Quota.objects.all().delete()
        self.start()
        assert not Quota.objects.exists()

    @pytest.mark.django_db
    @pytest.mark.parametrize("value", ["", "0", " "])
    def test_none_and_nothing_are_no_limit(self, settings: Any, ada: User, value: str) -> None:
        settings.MAX_REQUEST_PER_HOUR = value
        self.start()
        assert not Quota.objects.exists()

    @pytest.mark.django_db
    @pytest.mark.parametrize("value", ["many", "-3", "1.5", "²", "9" * 30])
    def test_what_is_no_number_stops_the_start_with_a_sentence(
        self, settings: Any, ada: User, value: str
    ) -> None:
        settings.MAX_REQUEST_PER_HOUR = value
        with pytest.raises(CommandError, match="MAX_REQUEST_PER_HOUR has to be"):
            self.start()


def test_an_administrator_sets_limits_and_may_not_say_two_things(
    carol_browses: Client, ada: User
) -> None:
    page = reverse("admin:upstream_quota_add")
    team = Group.objects.create(name="Team")
    assert carol_browses.post(page, {"messages_an_hour": "5"}).status_code == 302
    again = carol_browses.post(page, {"messages_an_hour": "6"})
    assert "There is a limit for everybody already." in again.content.decode()
    both = carol_browses.post(page, {"messages_an_hour": "6", "member": ada.pk, "group": team.pk})
    assert "Choose a member or a group, not both." in both.content.decode()
    negative = carol_browses.post(page, {"messages_an_hour": "-1", "member": ada.pk})
    assert negative.status_code == 200
    assert carol_browses.post(page, {"tokens_a_month": "0", "member": ada.pk}).status_code == 302
    shown = carol_browses.get(reverse("admin:upstream_quota_changelist")).content.decode()
    assert "Everybody" in shown and "no limit" in shown
    assert AuditRecord.objects.filter(action="limit_changed").count() == 2
