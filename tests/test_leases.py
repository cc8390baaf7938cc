"""Which credential a generation gets, which one waits, and why: the pool by itself."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from upstream.errors import (
    Malformed,
    QuotaExceeded,
    RateLimited,
    Rejected,
    Unauthorized,
    Unreachable,
)
from upstream.models import Alert, Credential, LanguageModel, Lease, Provider, UsageRecord, Webhook
from upstream.models.cooling import cooled
from upstream.pool.backoff import LONGEST, cooling_seconds
from upstream.pool.fairness import Waiter, fair_order
from upstream.pool.granting import (
    Answer,
    Granted,
    LeaseRequest,
    Refused,
    Waiting,
    grant,
    last_served,
)
from upstream.pool.releasing import (
    Outcome,
    note_success,
    release,
    release_all,
    release_run_out,
    renew,
)

HOLDER = uuid.uuid4()
DONE = Outcome("completed", prompt_tokens=3, completion_tokens=5)


@pytest.fixture
def model(db: None) -> LanguageModel:
    provider = Provider.objects.create(title="P", base_url="https://api.example.com/v1")
    return LanguageModel.objects.create(provider=provider, name="m")


def credential(model: LanguageModel, **fields: Any) -> Credential:
    fields.setdefault("most_at_once", 1)
    return Credential.objects.create(provider=model.provider, secret=f"sk-{uuid.uuid4()}", **fields)


def cooling_for(credential: Credential, *, seconds: float) -> None:
    columns = cooled(seconds, in_a_row=0, reason="rate_limited")
    Credential.objects.filter(pk=credential.pk).update(**columns)


class Asker:
    def __init__(self, member: User, model: LanguageModel) -> None:
        self.member, self.model = member, model

    def ask(self, *models: LanguageModel, holder: uuid.UUID = HOLDER, **more: Any) -> Answer:
        self.generation = uuid.uuid4()
        request = lease_request(self.generation, self.member, *(models or (self.model,)), **more)
        (answer,) = grant([request], holder=holder, providers=_all_providers())
        self.granted = answer
        return answer

    def gets(self, *models: LanguageModel, **more: Any) -> int:
        answer = self.ask(*models, **more)
        assert isinstance(answer, Granted), answer
        return answer.credential_id

    def fails_with(self, error: Any, **more: Any) -> None:
        """The lease just granted ends so."""
        self.gives_back(Outcome(error.code, error=error, **more))

    def gives_back(self, outcome: Outcome = DONE) -> bool:
        assert isinstance(self.granted, Granted)
        return release(self.granted, holder=HOLDER, outcome=outcome)


def lease_request(
    generation: uuid.UUID, member: User, *models: LanguageModel, **more: Any
) -> LeaseRequest:
    return LeaseRequest(generation, member.pk, models[0], lambda: models, **more)


def _all_providers() -> list[int]:
    return list(Provider.objects.values_list("pk", flat=True))


@pytest.fixture
def asker(ada: User, model: LanguageModel) -> Asker:
    return Asker(ada, model)


def test_the_least_loaded_is_leased_and_then_the_one_that_rested_longest(
    asker: Asker, model: LanguageModel
) -> None:
    first, second = credential(model, most_at_once=2), credential(model, most_at_once=2)
    assert [asker.gets() for _ in range(4)] == [first.pk, second.pk, first.pk, second.pk]
    assert isinstance(asker.ask(), Waiting)
    Lease.objects.filter(credential=second).first().delete()  # type: ignore[union-attr]
    assert asker.gets() == second.pk


def test_weight_counts(asker: Asker, model: LanguageModel) -> None:
    heavy, light = (
        credential(model, most_at_once=9, weight=3),
        credential(model, most_at_once=9),
    )
    given_to = [asker.gets() for _ in range(8)]
    assert (given_to.count(heavy.pk), given_to.count(light.pk)) == (6, 2)


def test_an_access_token_writes_one_answer_at_once(asker: Asker, model: LanguageModel) -> None:
    Provider.objects.update(kind=Provider.Kind.CHATGPT_TOKEN)
    model.refresh_from_db()
    credential(model, most_at_once=None)
    asker.gets()
    assert isinstance(asker.ask(), Waiting)


def test_limits_by_minute_and_day_hold_back(asker: Asker, model: LanguageModel) -> None:
    credential(model, most_at_once=9, most_a_minute=2)
    for _ in range(2):
        asker.gets()
        asker.gives_back()
    assert isinstance(asker.ask(), Waiting)
    UsageRecord.objects.update(started_at=timezone.now() - timedelta(seconds=61))
    asker.gets()


def test_who_finds_the_day_spent_is_told_at_once_or_given_the_fallback(
    asker: Asker, model: LanguageModel
) -> None:
    spent = credential(model, most_a_day=1)
    asker.gets()
    asker.gives_back()
    answer = asker.ask()
    assert isinstance(answer, Refused)
    assert isinstance(answer.error, QuotaExceeded)
    other = Provider.objects.create(title="Q", base_url="https://other.example.com/v1")
    fallback = LanguageModel.objects.create(provider=other, name="n")
    spare = credential(fallback)
    assert asker.gets(model, fallback) == spare.pk
    asker.gives_back()
    cooling = credential(model)
    cooling_for(cooling, seconds=30)
    assert isinstance(asker.ask(), Waiting)  # for that one, not for tomorrow
    Credential.objects.filter(pk=spent.pk).update(most_a_day=2)
    assert asker.gets() == spent.pk


def test_two_engines_share_the_pool(asker: Asker, model: LanguageModel) -> None:
    credential(model)
    asker.gets(holder=uuid.uuid4())
    assert isinstance(asker.ask(), Waiting)


def test_a_generation_that_another_engine_is_taking_is_left_to_it(
    asker: Asker, model: LanguageModel
) -> None:
    credential(model, most_at_once=5)
    asker.gets(holder=uuid.uuid4())
    request = lease_request(asker.generation, asker.member, model)
    providers = _all_providers()
    assert isinstance(grant([request], holder=HOLDER, providers=providers)[0], Waiting)
    # One that did not get to claim it does not keep it for ever.
    Lease.objects.update(leased_at=timezone.now() - timedelta(seconds=10))
    assert isinstance(grant([request], holder=HOLDER, providers=providers)[0], Granted)
    assert Lease.objects.get().holder == HOLDER


def test_the_leases_of_the_dead_run_out(asker: Asker, model: LanguageModel) -> None:
    credential(model)
    asker.gets()
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    renew(HOLDER)  # it lives after all
    assert isinstance(asker.ask(), Waiting)
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=60))
    release_run_out()
    assert not Lease.objects.exists()
    assert UsageRecord.objects.get().outcome == "interrupted"
    asker.gets()
    release_all(HOLDER)
    assert not Lease.objects.exists()


def test_a_replaced_secret_drains(asker: Asker, model: LanguageModel) -> None:
    """What runs on the old one goes on; the new one is free at once."""
    rotated = credential(model)
    asker.gets()
    old = asker.granted
    assert isinstance(old, Granted)
    rotated.replace_secret("sk-the-new-one")
    answer = asker.ask()
    assert isinstance(answer, Granted)
    assert answer.target.secret == "sk-the-new-one"
    # What becomes of the old secret's answer says nothing of the new secret.
    error = Unauthorized("HTTP 401: revoked")
    assert release(old, holder=HOLDER, outcome=Outcome(error.code, error=error))
    assert Credential.objects.get().state == Credential.State.HEALTHY


def test_a_credential_may_be_deleted_while_it_is_used(asker: Asker, model: LanguageModel) -> None:
    credential(model)
    asker.gets()
    Credential.objects.all().delete()
    assert not asker.gives_back()
    assert isinstance(asker.ask(), Refused)


def test_a_model_may_be_deleted_while_it_answers(asker: Asker, model: LanguageModel) -> None:
    used = credential(model)
    asker.gets()
    LanguageModel.objects.all().delete()
    assert asker.gives_back()
    assert not Lease.objects.exists()  # else the credential would stay busy for ever
    record = UsageRecord.objects.get()
    assert (record.credential, record.language_model) == (used, None)
    connection.check_constraints()


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Unauthorized("HTTP 401: token_expired"), "expired"),
        (Unauthorized("HTTP 403: forbidden"), "expired"),
        (Unauthorized("HTTP 401: Your account has been deactivated"), "blocked"),
    ],
)
def test_401_and_403_take_it_out_and_tell_the_administrators_once(
    asker: Asker, model: LanguageModel, error: Unauthorized, state: str
) -> None:
    Webhook.objects.create(title="Ops", url="https://hooks.example.com/secret")
    out, other = credential(model, title="Ours", most_at_once=2), credential(model)
    assert asker.gets() == out.pk
    first = asker.granted
    assert asker.gets() == other.pk
    Credential.objects.filter(pk=other.pk).update(is_enabled=False)
    assert asker.gets() == out.pk
    for granted in (first, asker.granted):  # both find it out
        assert isinstance(granted, Granted)
        release(granted, holder=HOLDER, outcome=Outcome(error.code, error=error))
    out.refresh_from_db()
    assert out.state == state
    assert out.reason == error.detail
    alert = Alert.objects.get()
    assert "Ours" in alert.text
    assert isinstance(asker.ask(), Refused)
    out.replace_secret("sk-new")
    assert asker.gets() == out.pk


def test_429_cools_for_as_long_as_the_upstream_says(asker: Asker, model: LanguageModel) -> None:
    cooling, other = credential(model), credential(model)
    assert asker.gets() == cooling.pk
    asker.fails_with(RateLimited("HTTP 429", retry_after=60))
    assert asker.gets() == other.pk
    answer = asker.ask()
    assert isinstance(answer, Waiting)
    Credential.objects.filter(pk=other.pk).update(is_enabled=False)
    answer = asker.ask()
    assert isinstance(answer, Waiting)
    assert answer.until
    assert timedelta(seconds=55) < answer.until - timezone.now() <= timedelta(seconds=60)
    Provider.objects.update(longest_wait_seconds=30)
    answer = asker.ask()
    assert isinstance(answer, Refused)
    assert answer.error.code == "rate_limited"
    Credential.objects.update(cooling_until=timezone.now())
    assert asker.gets() == cooling.pk


def test_a_success_ends_the_row_of_cool_downs(asker: Asker, model: LanguageModel) -> None:
    cooling = credential(model)
    for count in (1, 2):
        asker.gets()
        asker.fails_with(RateLimited("HTTP 429"))
        cooling.refresh_from_db()
        assert cooling.cooling_count == count
        Credential.objects.update(cooling_until=timezone.now())
    asker.gets()
    asker.gives_back()
    cooling.refresh_from_db()
    assert cooling.cooling_count == 0
    assert cooling.last_success_at


def test_5xx_and_time_outs_cool_the_provider_and_leave_the_credential(
    asker: Asker, model: LanguageModel
) -> None:
    fine = credential(model, most_at_once=5)
    asker.gets()
    asker.fails_with(Unreachable("HTTP 503", retry_after=20))
    fine.refresh_from_db()
    assert fine.cools_until(timezone.now()) is None
    assert isinstance(asker.ask(), Waiting)
    Provider.objects.update(longest_wait_seconds=5)
    answer = asker.ask()
    assert isinstance(answer, Refused)
    assert answer.error.code == "unreachable"


@pytest.mark.parametrize(
    "error", [Rejected("HTTP 404: no such model"), Unreachable("cut"), Malformed("HTML")], ids=repr
)
def test_what_comes_in_mid_answer_or_is_about_the_request_cools_nothing(
    asker: Asker, model: LanguageModel, error: Any
) -> None:
    credential(model, most_at_once=5)
    asker.gets()
    asker.fails_with(error, after_text=True)
    asker.gets()


def test_the_fallback_answers_when_no_credential_can(asker: Asker, model: LanguageModel) -> None:
    provider = Provider.objects.create(title="Q", base_url="https://other.example.com/v1")
    fallback = LanguageModel.objects.create(provider=provider, name="f")
    own, others = credential(model), credential(fallback, most_at_once=9)
    assert asker.gets(model, fallback) == own.pk
    # Busy is no reason to answer with another model.
    assert isinstance(asker.ask(model, fallback), Waiting)
    Lease.objects.all().delete()
    for change in (
        {"state": Credential.State.EXPIRED},
        {"state": Credential.State.HEALTHY, "is_enabled": False},
        {"is_enabled": True, "cooling_until": timezone.now() + timedelta(seconds=60)},
        {"cooling_until": None, "expires_at": timezone.now()},
    ):
        Credential.objects.filter(pk=own.pk).update(**change)
        assert asker.gets(model, fallback) == others.pk
    Provider.objects.filter(pk=provider.pk).update(is_enabled=False)
    assert isinstance(asker.ask(model, fallback), Refused)


def test_a_conversation_waits_for_its_account_and_then_moves(
    asker: Asker, model: LanguageModel
) -> None:
    own, other = credential(model), credential(model)
    assert asker.gets(account=own.pk) == own.pk
    assert isinstance(asker.ask(account=own.pk), Waiting)
    assert asker.gets(account=own.pk, waited=25.0) == other.pk
    Lease.objects.all().delete()
    Credential.objects.filter(pk=own.pk).update(state=Credential.State.EXPIRED)
    assert asker.gets(account=own.pk) == other.pk


def test_a_wait_has_a_limit_and_says_why(asker: Asker, model: LanguageModel) -> None:
    credential(model)
    asker.gets()
    assert isinstance(asker.ask(waited=299), Waiting)
    answer = asker.ask(waited=301)
    assert isinstance(answer, Refused)
    assert answer.error.code == "rate_limited"
    assert "were busy" in answer.error.detail


def test_a_clock_that_jumps_ends_no_lease_and_no_cool_down_lasts_for_ever(
    asker: Asker, model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    cooled = credential(model, most_at_once=5)
    asker.gets()
    real = timezone.now

    def jump(by: timedelta) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: real() + by)

    jump(timedelta(hours=2))
    renew(HOLDER)  # as each round does before it grants anything
    Credential.objects.update(most_at_once=1)
    assert isinstance(asker.ask(), Waiting)
    release_run_out()
    assert Lease.objects.count() == 1
    Lease.objects.all().delete()
    asker.gets()
    asker.fails_with(RateLimited("HTTP 429", retry_after=60))
    cooled.refresh_from_db()
    assert cooled.cools_until(timezone.now())
    jump(timedelta(0))  # and back: the cool-down seems to begin in two hours
    assert cooled.cools_until(timezone.now()) is None
    asker.gets()


def test_usage_is_recorded(asker: Asker, ada: User, model: LanguageModel) -> None:
    used = credential(model)
    asker.gets()
    asker.gives_back(
        Outcome(
            "completed",
            first_text_ms=120,
            prompt_tokens=7,
            completion_tokens=3,
            is_estimated=True,
        )
    )
    kept = UsageRecord.objects.get()
    assert (kept.member, kept.credential, kept.language_model) == (ada, used, model)
    assert (kept.prompt_tokens, kept.completion_tokens, kept.is_estimated) == (7, 3, True)
    assert kept.first_text_ms == 120
    assert set(last_served([ada.pk])) == {ada.pk}


def test_a_credential_that_was_tried_with_success_is_healthy_again(
    model: LanguageModel,
) -> None:
    out = credential(model)
    Credential.objects.update(state=Credential.State.EXPIRED, reason="HTTP 401")
    note_success(out)
    out.refresh_from_db()
    assert (out.state, out.reason) == ("healthy", "")


# --- Pure parts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("retry_after", "low", "high"),
    [
        (365 * 86400.0, LONGEST, LONGEST),
        (-5.0, 5, 5),
        (0.0, 1, 1),
        (7.0, 7, 7),
        (float("inf"), 5, 5),
        (float("nan"), 5, 5),
        (None, 5, 5),
    ],
)
def test_strange_times_to_wait_are_bounded(
    retry_after: float | None, low: float, high: float
) -> None:
    error = RateLimited("HTTP 429", retry_after=retry_after)
    assert low <= cooling_seconds(error, in_a_row=0) <= high


def test_back_off_grows_to_a_bound() -> None:
    for error, most in (
        (RateLimited(""), 900),
        (QuotaExceeded(""), 6 * 3600),
        (Unreachable(""), 60),
    ):
        times = [cooling_seconds(error, in_a_row=count) for count in range(40)]
        assert times == sorted(times)
        assert times[-1] == most
        assert times[0] < times[1]


START = datetime(2026, 1, 1, tzinfo=timezone.get_default_timezone())


def test_who_queues_twenty_does_not_keep_out_who_queues_one() -> None:
    greedy = [Waiter(f"g{n}", "greedy", START + timedelta(seconds=n)) for n in range(20)]
    modest = [Waiter(f"m{n}", f"member {n}", START + timedelta(seconds=60 + n)) for n in range(29)]
    served = {"greedy": START}
    order = [waiter.key for waiter in fair_order([*greedy, *modest], served)]
    assert order.index("g1") > max(order.index(f"m{n}") for n in range(29))
    assert order[-1] == "g19"


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 50), st.booleans()), max_size=40),
    st.dictionaries(st.integers(0, 4), st.integers(0, 50)),
)
def test_the_line_keeps_everybody_and_each_members_own_order(
    waiting: list[tuple[int, int, bool]], served: dict[int, int]
) -> None:
    waiters = [
        Waiter(number, member, START + timedelta(seconds=at), sent_back=back)
        for number, (member, at, back) in enumerate(waiting)
    ]
    order = fair_order(
        waiters, {member: START + timedelta(seconds=at) for member, at in served.items()}
    )
    assert sorted(waiter.key for waiter in order) == [waiter.key for waiter in waiters]
    for member in {waiter.member for waiter in waiters}:
        own = [each.queued_at for each in order if each.member == member and not each.sent_back]
        assert own == sorted(own)
    backs = [waiter.sent_back for waiter in order]
    assert backs == sorted(backs, reverse=True)
