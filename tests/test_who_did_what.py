"""Who did what: written down wherever it is done, read and taken along by administrators, changed by nobody."""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
from asgiref.sync import sync_to_async
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import AsyncClient, Client, RequestFactory
from django.utils import timezone

from accounts import witness
from accounts.admin.audited import names_of
from accounts.audit import ACTIONS, address_of, forget_old_records, record
from accounts.models import AuditRecord, SiteSettings, User
from accounts.spreadsheet import cell
from conversations.generation.household import keep_house
from tests.people import PASSWORD
from upstream.models import Credential, LanguageModel, Provider, UsageRecord

LIST = "/admin/accounts/auditrecord/"
SECRET = "sk-canary-0123456789abcdef"
# Pages of ours in the admin that go past Django's log. Those that change something write it down (the tests below).
OUR_PAGES = {
    "accounts_user_undo",
    "accounts_user_reset_link",
    "accounts_user_second_factor_remove",
    "accounts_user_table_export",
    "accounts_user_table_import",
    "accounts_sitesettings_mail_trial",
    "accounts_auditrecord_export",
    "upstream_why",
    "upstream_languagemodel_table_export",
    "upstream_languagemodel_table_import",
    "upstream_quota_table_export",
    "upstream_quota_table_import",
    "upstream_usageday_export",
    "upstream_pool",
    "upstream_pool_pause",
    "upstream_pool_resume",
    "upstream_credential_paste",
    "upstream_credential_test",
    "upstream_provider_test",
    "upstream_provider_sync",
}


def last(action: str = "") -> AuditRecord:
    rows = AuditRecord.objects.order_by("-pk")
    found = (rows.filter(action=action) if action else rows).first()
    assert found is not None
    return found


@pytest.fixture
def provider(db: None) -> Provider:
    return Provider.objects.create(title="Nowhere", base_url="http://127.0.0.1:9/v1")


@pytest.fixture
def credential(provider: Provider) -> Credential:
    return Credential.objects.create(provider=provider, title="Key", secret=SECRET)


class TestComingAndGoing:
    def test_a_log_in_and_a_log_out(self, ada: User) -> None:
        browser = Client()
        browser.post("/accounts/login/", {"login": "ada", "password": PASSWORD})
        row = last()
        assert (row.action, row.actor, row.actor_name) == ("log_in", ada, "ada")
        assert row.address == "127.0.0.1"
        browser.post("/accounts/logout/")
        assert (last().action, last().actor) == ("log_out", ada)

    @pytest.mark.parametrize("name", ["ada", "ada@example.com", "nobody", "x" * 300, "阿达"])
    def test_a_failure_keeps_the_name_that_was_tried_and_no_password(
        self, ada: User, name: str
    ) -> None:
        Client().post("/accounts/login/", {"login": name, "password": "my-secret-canary"})
        row = last("log_in_failed")
        assert (row.actor, row.actor_name) == (None, name[:254])
        assert "canary" not in str(list(AuditRecord.objects.values_list()))

    def test_a_changed_password(self, ada_browses: Client, ada: User) -> None:
        form = {
            "oldpassword": PASSWORD,
            "password1": "new-and-long-1",
            "password2": "new-and-long-1",
        }
        assert ada_browses.post("/accounts/password/change/", form).status_code == 302
        row = last("password_changed")
        assert row.actor == ada
        assert "new-and-long" not in str(list(AuditRecord.objects.values_list()))

    def test_no_password_is_changed_past_it(self, carol_browses: Client) -> None:
        """Django's admin has a page of its own for that."""
        form = {
            "old_password": PASSWORD,
            "new_password1": "new-long-1",
            "new_password2": "new-long-1",
        }
        for answer in (
            carol_browses.get("/admin/password_change/"),
            carol_browses.post("/admin/password_change/", form),
        ):
            assert answer.url == "/accounts/password/change/"
        assert User.objects.get(username="carol").check_password(PASSWORD)

    @pytest.mark.parametrize("action", ["added", "removed", "reset", "failed"])
    def test_a_second_factor(self, ada: User, rf: RequestFactory, action: str) -> None:
        """As the app that keeps them tells of it, with what it hands over."""
        note = witness._note_factor(f"second_factor_{action}")
        factor = SimpleNamespace(type="totp", data={"secret": "CANARY"})
        note(sender=None, request=rf.get("/"), user=ada, authenticator=factor)
        row = last()
        assert (row.action, row.actor, row.detail) == (f"second_factor_{action}", ada, "totp")
        assert "CANARY" not in str(list(AuditRecord.objects.values_list()))

    def test_a_name_that_no_database_takes_is_made_fit(self, db: None) -> None:
        assert record("log_in_failed", actor_name="a\0b").actor_name == "a\ufffdb"

    def test_the_address_is_the_one_that_the_server_saw(self) -> None:
        forged = RequestFactory().get("/", headers={"X-Forwarded-For": "1.2.3.4"})
        assert address_of(forged) == "127.0.0.1"
        assert address_of(None) is None

    def test_it_outlives_whom_it_is_about(self, ada: User, carol_browses: Client) -> None:
        record("log_in", actor=ada)
        User.objects.filter(pk=ada.pk).delete()
        assert (last().actor, last().actor_name) == (None, "ada")
        assert "ada" in carol_browses.get(LIST).content.decode()


class TestChangesInTheAdmin:
    def test_an_addition_a_change_and_a_deletion(self, carol_browses: Client, carol: User) -> None:
        form = {"name": "Editors"}
        for inline in ("policy", "Provider_groups", "LanguageModel_groups", "quota"):
            form |= {f"{inline}-TOTAL_FORMS": "0", f"{inline}-INITIAL_FORMS": "0"}
        carol_browses.post("/admin/auth/group/add/", form)
        group = Group.objects.get()
        row = last()
        assert (row.action, row.actor, row.object_type) == ("added", carol, "auth.group")
        assert (row.object_id, row.object_name) == (str(group.pk), "Editors")
        page = f"/admin/auth/group/{group.pk}/"
        carol_browses.post(f"{page}change/", {**form, "name": "Writers"})
        assert (last().action, last().detail) == ("changed", "Name")
        carol_browses.post(f"{page}delete/", {"post": "yes"})
        assert (last().action, last().object_name) == ("deleted", "Writers")

    def test_many_deleted_at_once_are_written_down_each(self, carol_browses: Client) -> None:
        groups = [Group.objects.create(name=f"G{number}") for number in range(3)]
        form = {
            "action": "delete_selected",
            "post": "yes",
            "_selected_action": [group.pk for group in groups],
        }
        carol_browses.post("/admin/auth/group/", form)
        rows = AuditRecord.objects.filter(action="deleted")
        assert {row.object_name for row in rows} == {"G0", "G1", "G2"}
        assert not AuditRecord.objects.filter(action="action").exists()

    def test_a_member_is_changed_by_the_names_of_the_fields(
        self, carol_browses: Client, ada: User
    ) -> None:
        form = carol_browses.get(f"/admin/accounts/user/{ada.pk}/change/").context["adminform"]
        kept = {name: form.form[name].value() for name in form.form.fields if name != "password"}
        sent = {**kept, "email": "secret@example.com", "first_name": "Countess"}
        sent = {name: value for name, value in sent.items() if value not in (None, False)}
        carol_browses.post(f"/admin/accounts/user/{ada.pk}/change/", sent)
        row = last("changed")
        assert set(row.detail.split(", ")) == {"First name", "Email address"}
        assert "secret@" not in row.detail

    def test_a_password_set_by_an_administrator(self, carol_browses: Client, ada: User) -> None:
        form = {
            "usable_password": "true",
            "password1": "new-and-long-1",
            "password2": "new-and-long-1",
        }
        page = f"/admin/accounts/user/{ada.pk}/password/"
        assert carol_browses.post(page, form).status_code == 302
        row = last("changed")
        assert (row.object_id, row.detail) == (str(ada.pk), "password")
        assert "new-and-long" not in str(list(AuditRecord.objects.values_list()))

    def test_what_is_done_to_many_members(
        self, carol_browses: Client, carol: User, ada: User, bob: User
    ) -> None:
        form = {"action": "deactivate", "_selected_action": [ada.pk, bob.pk], "confirmed": "1"}
        carol_browses.post("/admin/accounts/user/", form)
        rows = AuditRecord.objects.filter(action="member_deactivated", actor=carol)
        assert {row.object_id for row in rows} == {str(ada.pk), str(bob.pk)}
        assert not AuditRecord.objects.filter(action="action").exists()

    def test_an_action_that_tells_django_nothing_is_written_down_too(
        self, carol_browses: Client, provider: Provider
    ) -> None:
        model = LanguageModel.objects.create(provider=provider, name="m")
        form = {"action": "hide", "_selected_action": [model.pk]}
        carol_browses.post("/admin/upstream/languagemodel/", form)
        assert (last().action, last().detail) == ("action", f"hide: models {model.pk}")

    def test_every_class_of_the_admin_is_watched(self) -> None:
        for model, model_admin in admin.site._registry.items():
            for name in ("log_addition", "log_change", "log_deletions", "response_action"):
                own = getattr(type(model_admin), name)
                assert own.__module__ == "accounts.admin.audited", (model, name)

    def test_every_page_of_ours_is_thought_of(self) -> None:
        standard = re.compile(
            r"(add|change|changelist|delete|history|auth_user_password_change|password_change)$"
        )
        ours = {
            pattern.name
            for model_admin in admin.site._registry.values()
            for pattern in model_admin.get_urls()
            if pattern.name and not standard.search(pattern.name)
        }
        assert ours == OUR_PAGES

    @pytest.mark.parametrize(
        ("message", "names"),
        [
            ([{"changed": {"fields": ["Title", "Enabled"]}}], "Title, Enabled"),
            (
                [{"changed": {"name": "policy", "object": "x", "fields": ["A"]}}],
                "changed policy (A)",
            ),
            ([{"added": {"name": "policy", "object": "x"}}], "added policy"),
            ([], ""),
            ("", ""),
            ("Changed by hand", ""),
        ],
    )
    def test_the_names_of_what_changed(self, message: Any, names: str) -> None:
        assert names_of(message) == names


class TestCredentials:
    def test_a_replaced_secret(self, carol_browses: Client, credential: Credential) -> None:
        page = f"/admin/upstream/credential/{credential.pk}/change/"
        form = {"title": "Key", "is_enabled": "on", "weight": "1"}
        carol_browses.post(page, {**form, "new_secret": "sk-canary-another-0123456789"})
        assert last("credential_rotated").object_name == "Key"
        carol_browses.post(page, form)
        assert AuditRecord.objects.filter(action="credential_rotated").count() == 1
        assert "canary" not in str(list(AuditRecord.objects.values_list()))

    def test_pausing_resuming_testing_pasting_and_fetching(
        self, carol_browses: Client, credential: Credential, provider: Provider
    ) -> None:
        page = f"/admin/upstream/credential/{credential.pk}"
        for verb, action in {
            "pause": "credential_paused",
            "resume": "credential_resumed",
            "test": "credential_tested",
        }.items():
            carol_browses.post(f"{page}/{verb}/")
            assert (last().action, last().object_name) == (action, "Key")
        pasted = {"provider": provider.pk, "pasted": "sk-canary-one-0123456789\n???"}
        carol_browses.post("/admin/upstream/credential/paste/", pasted)
        assert (last().action, last().object_name) == ("credentials_pasted", "Nowhere")
        assert last().detail.endswith(" added")
        carol_browses.post(f"/admin/upstream/provider/{provider.pk}/models/")
        assert last().action == "models_fetched"
        assert "canary" not in str(list(AuditRecord.objects.values_list()))

    def test_an_export(self, ada_browses: Client, ada: User) -> None:
        ada_browses.get("/prompt-templates/export/")
        assert (last().action, last().actor) == ("prompt_templates_exported", ada)


class TestReading:
    def test_nobody_changes_it(self, carol_browses: Client, ada: User) -> None:
        row = record("log_in", actor=ada)
        for page in ("add/", f"{row.pk}/delete/"):
            assert carol_browses.get(f"{LIST}{page}").status_code == 403
            assert carol_browses.post(f"{LIST}{page}", {"post": "yes"}).status_code == 403
        assert carol_browses.get(f"{LIST}{row.pk}/change/").status_code == 200
        assert carol_browses.post(f"{LIST}{row.pk}/change/", {"action": "x"}).status_code == 403
        carol_browses.post(
            LIST, {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
        )
        row.refresh_from_db()
        assert row.action == "log_in"

    def test_members_do_not_read_it(self, ada_browses: Client) -> None:
        for page in (LIST, f"{LIST}export/"):
            assert ada_browses.get(page).status_code == 302
        User.objects.filter(username="ada").update(is_staff=True)
        for page in (LIST, f"{LIST}export/"):
            assert ada_browses.get(page).status_code == 403

    def test_it_is_searched_and_filtered(self, carol_browses: Client, ada: User, bob: User) -> None:
        AuditRecord.objects.all().delete()
        record("log_in", actor=ada)
        record("changed", actor=bob, target=ada, detail="Email address")
        old = record("log_in", actor=bob)
        AuditRecord.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=30))

        def found(query: str) -> int:
            page = carol_browses.get(LIST, dict(parse_qsl(query)))
            return len(page.context["cl"].result_list)

        assert found("") == 3
        assert found("q=bob") == 2
        assert found("q=Email") == 1
        assert found("action=log_in") == 2
        assert found("action=log_in&q=ada") == 1
        since = (timezone.now() - timedelta(days=7)).isoformat()
        assert found(f"at__gte={quote(since)}") == 2

    def test_each_use_of_a_credential_is_found_by_who_and_by_which(
        self, carol_browses: Client, ada: User, bob: User, credential: Credential
    ) -> None:
        for member, outcome in ((ada, "completed"), (bob, "rate_limited")):
            UsageRecord.objects.create(
                member=member, credential=credential, generation=uuid.uuid4(), outcome=outcome
            )
        page = "/admin/upstream/usagerecord/"
        everything = carol_browses.get(page).content.decode()
        done, limited = (
            f'class="field-outcome">{each}' for each in ("completed", "too many requests")
        )
        assert done in everything and limited in everything
        hers = carol_browses.get(f"{page}?q=ada").content.decode()
        assert done in hers and limited not in hers
        none = carol_browses.get(f"{page}?credential__id__exact={credential.pk + 1}")
        assert done not in none.content.decode()
        record = UsageRecord.objects.first()
        assert record
        for what in ("change", "delete"):
            answer = carol_browses.post(
                f"{page}{record.pk}/{what}/", {"outcome": "x", "post": "yes"}
            )
            assert answer.status_code == 403
        assert UsageRecord.objects.count() == 2

    def test_the_use_of_credentials_is_a_link_away(self, carol_browses: Client) -> None:
        """It is not written down a second time (accounts/audit.py)."""
        link = '<a href="/admin/upstream/usagerecord/">Use of credentials</a>'
        assert link in carol_browses.get(LIST).content.decode()

    def test_each_action_is_said_in_words(self, carol_browses: Client, ada: User) -> None:
        record("log_in", actor=ada)
        record("something_new", actor=ada)
        words = carol_browses.get(LIST).content.decode()
        assert "logged in" in words
        assert "something_new" in words

    def test_whatever_is_written_is_in_the_filter(self) -> None:
        written: set[str] = set()
        for app in ("accounts", "upstream", "conversations", "chatportal"):
            for path in Path(app).rglob("*.py"):
                written |= set(re.findall(r'\brecord(?:_each)?\(\s*"(\w+)"', path.read_text()))
        assert len(written) > 15
        assert written - set(ACTIONS) == set()

    def test_many_rows_are_not_counted(
        self, carol_browses: Client, django_assert_max_num_queries: Any
    ) -> None:
        AuditRecord.objects.bulk_create(AuditRecord(action="log_in") for _ in range(12_000))
        with django_assert_max_num_queries(12) as asked:
            page = carol_browses.get(LIST)
        assert page.context["cl"].result_count == 10_000
        counting = [query["sql"] for query in asked if "COUNT(" in query["sql"].upper()]
        assert counting == []


class TestTakingAlong:
    async def taken(self, carol: User, query: str = "") -> list[list[str]]:
        browser = AsyncClient()
        await browser.aforce_login(carol)
        answer = await browser.get(f"{LIST}export/{query}")
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/csv")
        assert "attachment" in answer["Content-Disposition"]
        body = b"".join([part async for part in answer]).decode("utf-8-sig")
        return list(csv.reader(io.StringIO(body)))

    async def test_all_of_it_in_order_whatever_its_length(self, carol: User) -> None:
        moment = timezone.now()
        await AuditRecord.objects.abulk_create(
            AuditRecord(action="log_in", actor_name=f"n{number}", at=moment)
            for number in range(4500)
        )
        head, *rows = await self.taken(carol, "?action=log_in")
        assert head[:3] == ["at", "action", "who"]
        names = [row[2] for row in rows if row[2].startswith("n")]
        assert names == [f"n{number}" for number in reversed(range(4500))]

    async def test_as_it_was_filtered(self, carol: User, ada: User) -> None:
        await sync_to_async(record)("changed", actor=ada)
        await sync_to_async(record)("log_out", actor=ada)
        _head, *rows = await self.taken(carol, "?action=changed")
        assert [row[1] for row in rows] == ["changed"]

    async def test_no_cell_is_a_formula(self, carol: User) -> None:
        await sync_to_async(record)("log_in_failed", actor_name='=HYPERLINK("http://evil","x")')
        _head, row = await self.taken(carol, "?action=log_in_failed")
        assert row[2] == '\'=HYPERLINK("http://evil","x")'

    async def test_taking_it_along_is_written_down(self, carol: User) -> None:
        await self.taken(carol)
        assert await AuditRecord.objects.filter(action="audit_exported", actor=carol).aexists()

    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\n=1"])
    def test_what_spreadsheets_would_compute_is_text(self, text: str) -> None:
        assert cell(text) == f"'{text}"

    @pytest.mark.parametrize("text", ["ada", "", "a=b", "2026-01-01T10:00:00+00:00", "例"])
    def test_all_else_stays(self, text: str) -> None:
        assert cell(text) == text
        assert cell(None) == ""


class TestKeeping:
    @pytest.fixture(autouse=True)
    def rows(self, db: None) -> Iterator[None]:
        for days in (0, 364, 366, 4000):
            row = record("log_in", actor_name=str(days))
            AuditRecord.objects.filter(pk=row.pk).update(at=timezone.now() - timedelta(days=days))
        yield

    def kept(self) -> set[str]:
        return set(AuditRecord.objects.values_list("actor_name", flat=True))

    def test_a_year_by_default_seen_to_by_the_engine(self) -> None:
        keep_house(set())
        assert self.kept() == {"0", "364"}

    def test_as_long_as_it_is_set(self) -> None:
        SiteSettings(audit_days=10).save()
        keep_house(set())
        assert self.kept() == {"0"}

    def test_for_ever_with_zero(self) -> None:
        SiteSettings(audit_days=0).save()
        keep_house(set())
        assert self.kept() == {"0", "364", "366", "4000"}

    def test_in_steps(self) -> None:
        old = timezone.now() - timedelta(days=500)
        AuditRecord.objects.bulk_create(AuditRecord(action="x", at=old) for _ in range(1200))
        assert forget_old_records(timezone.now(), most=600) == 1000
        assert forget_old_records(timezone.now()) == 202
        assert self.kept() == {"0", "364"}
