"""Usage: rolled up as it is recorded, shown to whom it concerns, in tokens and in money, and taken out as CSV."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.apps import apps
from django.test import AsyncClient, Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditRecord, User
from accounts.spreadsheet import cell
from tests.portal import Browser, eventually, settled
from tests.upstreams.scripted import DONE, FINISH, HEAD, ScriptedUpstream, delta, frame
from upstream import periods
from upstream.models import Credential, LanguageModel, Price, Provider, Quota, UsageDay, UsageRecord
from upstream.models.usage_day import day_of
from upstream.periods import Period, period_asked_for
from upstream.pool.releasing import Outcome, record
from upstream.templatetags.figures import cost
from upstream.usage import PriceList, Usage, summed, total
from upstream.usage_chart import chart_of

ADMINS = "/admin/upstream/usageday/"
TODAY = date(2026, 3, 31)
NOON = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> date:
    monkeypatch.setattr(periods, "day_of", lambda _moment: TODAY)
    return TODAY


@pytest.fixture
def house(db: None) -> LanguageModel:
    provider = Provider.objects.create(title="House", base_url="https://a.example/v1")
    Credential.objects.create(provider=provider, secret="sk-canary-00000000", title="First key")
    return LanguageModel.objects.create(provider=provider, name="m", title="Modest")


def used(
    member: User | None, model: LanguageModel | None, day: date = TODAY, **amounts: int
) -> UsageDay:
    amounts = {"attempts": 1, "answers": 1, "prompt_tokens": 100, "completion_tokens": 10} | amounts
    credential = Credential.objects.first()
    return UsageDay.objects.create(
        member=member, language_model=model, credential=credential, day=day, **amounts
    )


def price(model: LanguageModel, since: date, prompt: str, answer: str, **more: str) -> Price:
    return Price.objects.create(
        language_model=model,
        since=since,
        input_price=Decimal(prompt),
        output_price=Decimal(answer),
        **more,
    )


class TestRollingUp:
    def note(self, member: User, model: LanguageModel, at: datetime, **outcome: Any) -> None:
        credential = Credential.objects.get()
        record(
            Outcome(**{"code": "completed", "first_text_ms": 5, **outcome}),
            started_at=at,
            member_id=member.pk,
            credential_id=credential.pk,
            language_model_id=model.pk,
            generation=uuid.uuid4(),
        )

    def note_some(self, ada: User, bob: User, house: LanguageModel) -> None:
        noon = NOON
        self.note(ada, house, noon, prompt_tokens=5, completion_tokens=7)
        self.note(ada, house, noon, prompt_tokens=10, completion_tokens=20, is_estimated=True)
        self.note(ada, house, noon, code="unreachable", first_text_ms=None)
        self.note(ada, house, noon + timedelta(days=1), prompt_tokens=1)
        self.note(bob, house, noon, prompt_tokens=2)

    def rows(self) -> list[tuple[Any, ...]]:
        columns = ("day", "member__username", "attempts", "answers", "prompt_tokens")
        more = ("completion_tokens", "estimated_tokens")
        return sorted(UsageDay.objects.values_list(*columns, *more))

    def test_each_record_is_added_to_its_day(
        self, ada: User, bob: User, house: LanguageModel
    ) -> None:
        self.note_some(ada, bob, house)
        assert self.rows() == [
            (NOON.date(), "ada", 3, 2, 15, 27, 30),
            (NOON.date(), "bob", 1, 1, 2, 0, 0),
            (NOON.date() + timedelta(days=1), "ada", 1, 1, 1, 0, 0),
        ]

    def test_the_migration_rolls_up_what_was_recorded_before(
        self, ada: User, bob: User, house: LanguageModel
    ) -> None:
        self.note_some(ada, bob, house)
        before = self.rows()
        UsageDay.objects.all().delete()
        import_module("upstream.migrations.0006_fill_usage_days").fill(apps, None)
        assert self.rows() == before

    def test_a_day_is_that_of_the_portals_zone(
        self, ada: User, house: LanguageModel, settings: Any
    ) -> None:
        settings.TIME_ZONE = "Asia/Tokyo"
        with timezone.override("America/New_York"):  # whatever the page is shown in
            self.note(ada, house, NOON + timedelta(hours=3, minutes=30))
        assert UsageDay.objects.get().day == NOON.date() + timedelta(days=1)


class TestMoney:
    PERIOD = Period(date(2026, 3, 1), TODAY)

    def cost_of(self, by: str = "member") -> list[dict[str, Decimal]]:
        rows = UsageDay.objects.filter(day__gte=self.PERIOD.first)
        return [each.money for each in summed(rows, self.PERIOD, PriceList(), by=by)]

    def test_each_day_costs_what_counted_on_it(self, ada: User, house: LanguageModel) -> None:
        price(house, date(2026, 1, 1), "1", "10")
        price(house, date(2026, 3, 15), "2", "20")
        price(house, date(2026, 3, 20), "0.5", "5.25")
        for number in (14, 15, 19, 20):
            used(
                ada,
                house,
                date(2026, 3, number),
                prompt_tokens=1_000_000,
                completion_tokens=100_000,
            )
        expected = Decimal("2") + Decimal("4") + Decimal("4") + Decimal("1.025")
        assert self.cost_of("member") == [{"USD": expected}]
        assert self.cost_of("language_model") == self.cost_of("credential") == self.cost_of()
        assert sum(each["USD"] for each in self.cost_of("day")) == expected

    def test_a_new_price_leaves_the_days_before_alone(
        self, ada: User, house: LanguageModel
    ) -> None:
        price(house, date(2026, 1, 1), "1", "1")
        used(ada, house, date(2026, 3, 10), prompt_tokens=1_000_000, completion_tokens=0)
        before = self.cost_of()
        price(house, date(2026, 3, 11), "99", "99")
        assert self.cost_of() == before == [{"USD": Decimal(1)}]

    def test_before_the_first_price_it_is_said_that_there_was_none(
        self, ada: User, house: LanguageModel
    ) -> None:
        price(house, date(2026, 3, 15), "1", "1")
        used(ada, house, date(2026, 3, 14))
        used(ada, house, date(2026, 3, 15), prompt_tokens=2_000_000, completion_tokens=0)
        rows = UsageDay.objects.all()
        whole = total(summed(rows, self.PERIOD, PriceList(), by="day"))
        assert (whole.money, whole.is_unpriced) == ({"USD": Decimal(2)}, True)
        assert cost(whole) == "more than 2.00 USD"

    def test_currencies_stay_apart_and_small_sums_do_not_vanish(
        self, ada: User, house: LanguageModel
    ) -> None:
        other = LanguageModel.objects.create(provider=house.provider, name="o")
        price(house, date(2026, 1, 1), "3", "0", currency="EUR")
        price(other, date(2026, 1, 1), "0.000001", "0")
        used(ada, house, prompt_tokens=1_000_000)
        used(ada, other, prompt_tokens=1_000_000_000)
        (whole,) = summed(UsageDay.objects.all(), self.PERIOD, PriceList(), by="member")
        assert cost(whole) == "3.00 EUR + 0.001000 USD"

    def test_a_deleted_model_has_no_price_and_breaks_nothing(
        self, ada: User, house: LanguageModel
    ) -> None:
        used(ada, None)
        assert self.cost_of("language_model") == [{}]


class TestPeriods:
    @pytest.mark.once
    @pytest.mark.parametrize(
        ("asked", "first", "last"),
        [
            ({}, "2026-03-02", "2026-03-31"),
            ({"range": "7-days"}, "2026-03-25", "2026-03-31"),
            ({"range": "this-month"}, "2026-03-01", "2026-03-31"),
            ({"range": "last-month"}, "2026-02-01", "2026-02-28"),
            ({"range": "12-months"}, "2025-04-01", "2026-03-31"),
            ({"range": "nonsense"}, "2026-03-02", "2026-03-31"),
            ({"from": "2026-01-05", "to": "2026-02-03"}, "2026-01-05", "2026-02-03"),
            ({"from": "2026-02-03", "to": "2026-01-05"}, "2026-03-02", "2026-03-31"),
            ({"from": "9999-01-01", "to": "9999-12-31"}, "2026-03-02", "2026-03-31"),
            ({"from": "²", "to": ""}, "2026-03-02", "2026-03-31"),
        ],
    )
    def test_what_is_asked_for(
        self, today: date, asked: dict[str, str], first: str, last: str
    ) -> None:
        period = period_asked_for(asked)
        assert (period.first.isoformat(), period.last.isoformat()) == (first, last)

    @pytest.mark.once
    def test_a_chart_has_a_bar_for_every_day_and_for_every_month_of_a_long_range(self) -> None:
        usages = [Usage(TODAY, prompt_tokens=30, completion_tokens=10)]
        month = chart_of(usages, Period(date(2026, 3, 1), TODAY))
        assert month
        assert len(month.bars) == 31
        assert (month.bars[-1].prompt_height, month.bars[-1].answer_y) == ("750.00", "0.00")
        year = chart_of(usages, Period(date(2025, 4, 1), TODAY))
        assert year
        assert len(year.bars) == 12
        assert chart_of([Usage(TODAY)], Period(TODAY, TODAY)) is None


class TestAMembersPage:
    def test_shows_ones_own_and_nobody_elses(
        self, ada: User, bob: User, ada_browses: Client, bob_browses: Client, house: LanguageModel
    ) -> None:
        day = day_of(timezone.now())
        used(ada, house, day, prompt_tokens=4711)
        used(bob, house, day, prompt_tokens=815)
        price(house, day, "1000", "0")
        own = ada_browses.get("/usage/").content.decode()
        assert "4,711" in own and "Modest" in own and "4.71 USD" in own
        assert "815" not in own
        assert "First key" not in own  # which credential it was is not theirs to know
        strangers = bob_browses.get("/usage/").content.decode()
        assert "815" in strangers
        assert "4,711" not in strangers and "4.71" not in strangers

    def test_a_member_in_the_address_changes_nothing(
        self, ada: User, bob_browses: Client, house: LanguageModel
    ) -> None:
        used(ada, house, day_of(timezone.now()), prompt_tokens=4711)
        for query in (f"?member={ada.pk}", f"?user={ada.pk}", "?by=member"):
            shown = bob_browses.get(f"/usage/{query}").content.decode()
            assert "4,711" not in shown
            assert "Nothing in this time" in shown

    def test_an_administrator_sees_only_their_own_there(
        self, ada: User, carol_browses: Client, house: LanguageModel
    ) -> None:
        used(ada, house, day_of(timezone.now()), prompt_tokens=4711)
        assert "4,711" not in carol_browses.get("/usage/").content.decode()

    def test_of_a_model_that_they_may_not_use_no_title_is_told(
        self, ada: User, ada_browses: Client, house: LanguageModel
    ) -> None:
        used(ada, house, day_of(timezone.now()))
        LanguageModel.objects.update(offered_to="groups")
        shown = ada_browses.get("/usage/").content.decode()
        assert "Modest" not in shown
        assert "Other models" in shown

    @pytest.mark.parametrize("path", ["/usage/", "/usage/left/"])
    def test_nobody_gets_in_without_a_log_in(self, path: str, db: None) -> None:
        assert Client().get(path).url.startswith(reverse("account_login"))  # type: ignore[attr-defined]
        script = Client().get(path, headers={"X-Requested-With": "fetch"})
        assert script.status_code == 401

    def test_says_what_is_left_and_when_there_is_more(
        self, ada: User, ada_browses: Client, house: LanguageModel
    ) -> None:
        assert "You have no limits." in ada_browses.get("/usage/").content.decode()
        Quota.objects.create(messages_an_hour=20, tokens_a_month=1_000_000)
        used(ada, house, day_of(timezone.now()), prompt_tokens=250_000, completion_tokens=0)
        shown = ada_browses.get("/usage/").content.decode()
        assert "messages left this hour; all again at" in shown
        assert "750,000" in shown and "of 1,000,000" in shown

    def test_the_composer_says_it_when_little_is_left(
        self, ada: User, ada_browses: Client, house: LanguageModel
    ) -> None:
        Quota.objects.create(messages_an_hour=20, tokens_a_month=1_000_000)
        assert ada_browses.get("/usage/left/").json() == {"text": ""}
        used(ada, house, day_of(timezone.now()), prompt_tokens=900_000, completion_tokens=0)
        text = ada_browses.get("/usage/left/").json()["text"]
        assert text.startswith("100,000 tokens left until")
        assert text in ada_browses.get("/").content.decode()

    def test_has_no_style_attribute_and_no_script_of_its_own(
        self, ada: User, ada_browses: Client, house: LanguageModel
    ) -> None:
        used(ada, house, day_of(timezone.now()))
        shown = ada_browses.get("/usage/").content.decode()
        assert "<rect" in shown
        assert "style=" not in shown and "<script" not in shown


class TestTheAdministratorsPage:
    @pytest.fixture(autouse=True)
    def _used(self, today: date, ada: User, bob: User, house: LanguageModel) -> None:
        price(house, date(2026, 1, 1), "10", "0")
        used(ada, house, prompt_tokens=300_000)
        used(bob, house, prompt_tokens=100_000)
        used(bob, None, TODAY - timedelta(days=3), prompt_tokens=55)

    def test_adds_up_by_member_model_credential_and_day(self, carol_browses: Client) -> None:
        wanted = {
            "member": ("Ada (ada)", "300,000", "3.00 USD", "Bob (bob)", "100,055"),
            "language_model": ("Modest (House)", "400,000", "4.00 USD", "deleted"),
            "credential": ("House: First key", "400,055"),
            "day": ("03/31/2026", "03/28/2026", "400,000", "55"),
        }
        for by, texts in wanted.items():
            shown = carol_browses.get(ADMINS, {"by": by}).content.decode()
            for text in texts:
                assert text in shown, (by, text)
            assert "style=" not in shown.partition('class="usage"')[2]

    def test_shows_one_member_alone(self, carol_browses: Client, ada: User) -> None:
        shown = carol_browses.get(ADMINS, {"member": ada.pk, "by": "day"}).content.decode()
        assert "300,000" in shown and "Member: Ada" in shown
        assert "400,000" not in shown

    def test_nonsense_breaks_nothing(self, carol_browses: Client) -> None:
        for query in ("member=x", "member=" + "9" * 30, "by=secret", "range=²", "credential=-1"):
            assert carol_browses.get(f"{ADMINS}?{query}").status_code == 200

    def test_is_for_administrators_alone(self, ada_browses: Client, ada: User) -> None:
        for page in (ADMINS, f"{ADMINS}export/"):
            assert ada_browses.get(page).status_code == 302
        User.objects.filter(pk=ada.pk).update(is_staff=True)
        for page in (ADMINS, f"{ADMINS}export/"):
            assert ada_browses.get(page).status_code == 403

    def test_asks_no_more_for_more_rows(
        self, carol_browses: Client, house: LanguageModel, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(30):
            used(User.objects.create(username=f"member-{number}"), house)
        with django_assert_max_num_queries(13):
            carol_browses.get(ADMINS)

    def test_nothing_can_be_changed_there(self, carol_browses: Client) -> None:
        assert carol_browses.get(f"{ADMINS}add/").status_code == 404
        assert carol_browses.get(f"{ADMINS}{UsageDay.objects.first().pk}/").status_code == 404  # type: ignore[union-attr]


class TestTheExport:
    async def read(self, carol: User, query: str = "") -> list[list[str]]:
        client = AsyncClient()
        await client.aforce_login(carol)
        accepts = {"Accept-Encoding": "gzip"}  # as every browser says
        answer: Any = await client.get(f"{ADMINS}export/{query}", headers=accepts)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        text = b"".join([part async for part in answer.streaming_content]).decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text)))

    async def test_has_every_row_with_its_cost_and_is_written_down(
        self, today: date, carol: User, ada: User, bob: User, house: LanguageModel
    ) -> None:
        def prepare() -> None:
            price(house, date(2026, 1, 1), "10", "0")
            used(ada, house, prompt_tokens=300_000)
            used(bob, house, TODAY - timedelta(days=100))

        await sync_to_async(prepare)()
        head, row = await self.read(carol)
        assert head[:3] == ["day", "member", "model"]
        assert row == [
            *("2026-03-31", "ada", "Modest", "House", "First key"),
            *("1", "1", "300000", "10", "0", "3.000000", "USD"),
        ]
        assert len(await self.read(carol, "?from=2025-01-01&to=2026-03-31")) == 3
        assert len(await self.read(carol, f"?from=2025-01-01&to=2026-03-31&member={ada.pk}")) == 2
        kept = await sync_to_async(
            lambda: AuditRecord.objects.filter(action="usage_exported").order_by("pk").first()
        )()
        assert kept
        assert kept.actor_id == carol.pk
        assert kept.detail == "2026-03-02 to 2026-03-31"

    async def test_no_cell_is_a_formula(
        self, today: date, carol: User, ada: User, house: LanguageModel
    ) -> None:
        def prepare() -> None:
            LanguageModel.objects.update(title='=HYPERLINK("http://evil.example")')
            Provider.objects.update(title="@SUM(A1)")
            Credential.objects.update(title="+1")
            User.objects.filter(pk=ada.pk).update(username="-2+3")
            used(ada, house)

        await sync_to_async(prepare)()
        _head, row = await self.read(carol)
        assert row[1:5] == ["'-2+3", '\'=HYPERLINK("http://evil.example")', "'@SUM(A1)", "'+1"]

    @pytest.mark.once
    @pytest.mark.parametrize("text", ["=1", "+1", "-1", "@A", "\t=1", "\r=1"])
    def test_what_begins_a_formula_is_guarded(self, text: str) -> None:
        assert cell(text) == f"'{text}"

    @pytest.mark.once
    def test_other_texts_stay_as_they_are(self) -> None:
        assert cell("Müller = 1") == "Müller = 1"


def test_a_whole_turn_is_on_the_page(
    ada_at: Browser, ada: User, model: LanguageModel, upstream: ScriptedUpstream
) -> None:
    counted = frame({"choices": [], "usage": {"prompt_tokens": 321, "completion_tokens": 123}})
    upstream.will([HEAD, delta("Well."), FINISH, counted, DONE])
    settled(ada_at.start())
    eventually(lambda: UsageDay.objects.exists())
    shown = ada_at.http.get("/usage/").text
    assert "321" in shown and "123" in shown
    assert UsageRecord.objects.count() == 1
