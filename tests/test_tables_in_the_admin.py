"""Members, models and limits taken away as tables and brought back: seen first, then done, and no way to more."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import AuditRecord, User
from accounts.tables.reading import NoTable, read_table
from tests.doors import body_of
from tests.people import PASSWORD
from upstream.models import Credential, LanguageModel, Price, Provider, Quota
from upstream.models.usage_day import day_of

pytestmark = pytest.mark.django_db
MEMBERS = "/admin/accounts/user/table/"
MODELS = "/admin/upstream/languagemodel/table/"
LIMITS = "/admin/upstream/quota/table/"
SECRET = "sk-canary-0123456789abcdef"


@pytest.fixture
def editors(db: None) -> Group:
    return Group.objects.create(name="Editors")


@pytest.fixture
def model(db: None) -> LanguageModel:
    provider = Provider.objects.create(title="Lab", base_url="https://lab.example/v1")
    provider.proxy_url = "http://me:canary-proxy@proxy.example:1"
    provider.save()
    Credential.objects.create(provider=provider, title="First key", secret=SECRET)
    return LanguageModel.objects.create(provider=provider, name="m", title="Small")


def dora_with(*codenames: str) -> Client:
    """She administers, and is no superuser."""
    dora, _made = User.objects.get_or_create(username="dora", is_staff=True)
    dora.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(dora)
    return client


def sees(browser: Client, table: str, content: str | bytes) -> str:
    """What would be done with a file."""
    data = content if isinstance(content, bytes) else content.encode()
    answer = browser.post(f"{table}import/", {"file": SimpleUploadedFile("t.csv", data)})
    return answer.content.decode()


def does(browser: Client, table: str, content: str | bytes, **more: Any) -> str:
    """What was done with it, after it was seen."""
    shown = sees(browser, table, content)
    found = re.search(r'name="rows" value="([^"]*)"', shown)
    assert found, shown
    form = {"rows": html.unescape(found[1]), **more}
    return browser.post(f"{table}import/", form).content.decode()


def counts(page: str) -> dict[str, int]:
    return {kind: int(count) for kind, count in re.findall(r'data-kind="(\w+)">\D*(\d+)', page)}


def told_of(page: str, name: str) -> str:
    """The row of the page that is about `name`, without its tags."""
    row = next(row for row in page.split("<tr")[1:] if f"<bdi>{name}</bdi></th>" in row)
    said = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", row)).split())
    return said.replace(" :", ":")


def taken(browser: Client, table: str, form: str = "csv") -> bytes:
    return body_of(browser.get(table, {"format": form}))


class TestMembers:
    @pytest.mark.parametrize("form", ["csv", "json"])
    def test_what_is_taken_away_says_who_and_nothing_with_which_one_comes_in(
        self, carol_browses: Client, ada: User, editors: Group, form: str
    ) -> None:
        ada.groups.add(editors)
        ada.refresh_from_db()
        text = taken(carol_browses, MEMBERS, form).decode("utf-8-sig")
        assert ada.password not in text and "pbkdf2" not in text and "argon" not in text
        is_json = form == "json"
        rows = json.loads(text)["members"] if is_json else list(csv.DictReader(io.StringIO(text)))
        hers = next(row for row in rows if row["username"] == "ada")
        assert set(hers) == {
            *("username", "email", "first_name", "last_name", "groups", "is_active", "role"),
            *("last_seen_at", "date_joined"),
        }
        assert (hers["email"], hers["role"]) == ("ada@example.com", "member")
        assert hers["groups"] in ("Editors", ["Editors"])
        assert AuditRecord.objects.get(action="table_exported").detail == f"members, {form}, 2"

    @pytest.mark.parametrize("form", ["csv", "json"])
    def test_what_was_taken_away_changes_nothing(
        self, carol_browses: Client, ada: User, bob: User, editors: Group, form: str
    ) -> None:
        User.objects.filter(pk=ada.pk).update(first_name="=1+1", last_name="-x", is_active=False)
        bob.groups.add(editors, Group.objects.create(name="-Others"))
        page = sees(carol_browses, MEMBERS, taken(carol_browses, MEMBERS, form))
        assert counts(page) == {"refused": 0, "added": 0, "changed": 0, "same": 3}
        assert 'value="Apply"' not in page

    def test_seen_first_then_done_and_a_second_time_nothing(
        self, carol_browses: Client, ada: User, bob: User, editors: Group
    ) -> None:
        people = User.objects.order_by("pk").values_list("username", "email", "first_name")
        before = list(people)
        table = (
            "username;email;first_name;groups;is_active\r\n"
            "ada;Ada@New.example;Countess;Editors;yes\r\n"
            "bob;bob@example.com;Bob;;1\r\n"
            "eve;eve@example.com;Eve;Editors;yes\r\n"
            "two words;x@example.com;;;yes\r\n"
            "fay;no address;;;yes\r\n"
            "gus;gus@example.com;;Nobody;yes\r\n"
            "ADA;x@example.com;;;yes\r\n"
            "hal;hal@example.com;;;perhaps\r\n"
        )
        EmailAddress.objects.create(user=ada, email="ada@example.com", primary=True, verified=True)
        seen = sees(carol_browses, MEMBERS, table)
        assert counts(seen) == {"refused": 5, "added": 1, "changed": 1, "same": 1}
        assert list(people.all()) == before and not editors.user_set.exists()
        assert not AuditRecord.objects.filter(detail__contains="import").exists()
        hers = told_of(seen, "ada")
        assert "email: ada@example.com → ada@new.example" in hers
        assert "groups: – → Editors" in hers and "is_active" not in hers
        assert "6 fay Refused: Enter a valid email address." in told_of(seen, "fay")
        assert "There is no group “Nobody”." in told_of(seen, "gus")
        assert "8 ADA Refused: It stands in line 2 already." in told_of(seen, "ADA")
        assert "“perhaps” is neither yes nor no." in told_of(seen, "hal")
        done = does(carol_browses, MEMBERS, table)
        assert counts(done) == counts(seen)
        ada.refresh_from_db()
        assert (ada.email, ada.first_name) == ("ada@new.example", "Countess")
        assert ada.check_password(PASSWORD) and ada.access_version > 0
        assert not EmailAddress.objects.filter(email="ada@example.com").exists()
        eve = User.objects.get(username="eve")
        assert not eve.has_usable_password() and list(eve.groups.all()) == [editors]
        assert not User.objects.filter(username__in=["fay", "gus", "hal", "two words"]).exists()
        changed = AuditRecord.objects.get(action="changed", object_id=str(ada.pk))
        assert changed.detail == "email, first_name, groups, by import"
        assert AuditRecord.objects.get(action="table_imported").detail == "members, 2"
        again = sees(carol_browses, MEMBERS, table)
        assert counts(again) == {"refused": 5, "added": 0, "changed": 0, "same": 3}

    def test_new_members_choose_a_password_by_their_link(self, carol_browses: Client) -> None:
        done = does(carol_browses, MEMBERS, "username\neve\n", links="on")
        link = re.search(r'value="http://testserver(/[^"]+)" aria-label="eve"', done)
        assert link
        eve = Client()
        page = eve.get(link[1], follow=True)
        form = {"password1": "a-long-one-of-mine-1", "password2": "a-long-one-of-mine-1"}
        eve.post(page.redirect_chain[-1][0], form)
        assert User.objects.get(username="eve").check_password("a-long-one-of-mine-1")
        assert AuditRecord.objects.filter(action="reset_link_made").count() == 1
        assert 'aria-label="fay"' not in does(carol_browses, MEMBERS, "username\nfay\n")

    def test_who_is_deactivated_is_logged_out_for_good(
        self, carol_browses: Client, ada: User, ada_browses: Client
    ) -> None:
        does(carol_browses, MEMBERS, "username,is_active\nada,no\n")
        does(carol_browses, MEMBERS, "username,is_active\nada,yes\n")
        assert ada_browses.get("/").status_code == 302

    def test_a_column_that_is_left_out_changes_nothing(
        self, carol_browses: Client, ada: User
    ) -> None:
        page = sees(carol_browses, MEMBERS, "username,shoe_size,password\nada,36,x\n")
        assert counts(page)["same"] == 1
        assert "password, shoe_size" in page and "not read" in page
        ada.refresh_from_db()
        assert ada.check_password(PASSWORD)


class TestWhoMay:
    def test_rights_are_asked_for(self, ada: User, ada_browses: Client) -> None:
        tables = ((MEMBERS, "user"), (MODELS, "languagemodel"), (LIMITS, "quota"))
        for table, name in tables:
            assert ada_browses.get(table).status_code == 302
            for missing in ((f"add_{name}",), (f"change_{name}",), ()):
                browser = dora_with(*missing)
                assert browser.get(table).status_code == 403
                assert browser.get(f"{table}import/").status_code == 403
                form = {"rows": '[[2, {"username": "eve"}]]'}
                assert browser.post(f"{table}import/", form).status_code == 403
            assert dora_with(f"view_{name}").get(table).status_code == 200
            both = dora_with(f"add_{name}", f"change_{name}")
            assert both.get(f"{table}import/").status_code == 200
        assert not User.objects.filter(username="eve").exists()

    def test_nobody_but_a_superuser_says_who_administers(self, carol: User, ada: User) -> None:
        dora = dora_with("add_user", "change_user")
        staff = User.objects.create_user("sue", is_staff=True)
        table = (
            "username,role,email\nada,administrator,\neve,superuser,\ncarol,,x@x.example\n"
            "sue,,x@x.example\ndora,superuser,\n"
        )
        page = sees(dora, MEMBERS, table.replace(",,x", ",member,x"))
        assert counts(page)["refused"] == 5
        assert "Only a superuser says who administers." in told_of(page, "ada")
        form = {"rows": json.dumps([[2, {"username": "ada", "role": "superuser"}]])}
        dora.post(f"{MEMBERS}import/", form)
        ada.refresh_from_db()
        staff.refresh_from_db()
        assert not ada.is_staff and not ada.is_superuser and staff.is_staff
        assert not User.objects.filter(username="eve").exists()

    def test_a_superuser_does(self, carol_browses: Client, ada: User) -> None:
        does(carol_browses, MEMBERS, "username,role\nada,administrator\neve,superuser\n")
        ada.refresh_from_db()
        assert (ada.is_staff, ada.is_superuser) == (True, False)
        eve = User.objects.get(username="eve")
        assert (eve.is_staff, eve.is_superuser) == (True, True)

    @pytest.mark.parametrize("row", ["carol,no,superuser", "carol,yes,member", "Carol,no,member"])
    def test_nobody_locks_themselves_out(
        self, carol: User, carol_browses: Client, row: str
    ) -> None:
        User.objects.create_superuser("sue")
        page = sees(carol_browses, MEMBERS, f"username,is_active,role\n{row}\n")
        assert "You would lock yourself out." in page
        assert counts(page)["refused"] == 1


class TestModels:
    @pytest.mark.parametrize("form", ["csv", "json"])
    def test_no_secret_leaves_and_it_can_come_back(
        self, carol_browses: Client, model: LanguageModel, editors: Group, form: str
    ) -> None:
        Price.objects.create(
            language_model=model, since="2020-01-01", input_price="1.50", output_price="6"
        )
        model.groups.add(editors)
        other = LanguageModel.objects.create(provider=model.provider, name="n", fallback=model)
        text = taken(carol_browses, MODELS, form)
        assert b"canary" not in text and b"First key" in text and b"lab.example" in text
        assert b"Lab / m" in text and b"1.5" in text
        assert counts(sees(carol_browses, MODELS, text))["same"] == 2
        other.refresh_from_db()
        assert other.fallback == model

    def test_added_changed_and_refused(
        self, carol_browses: Client, model: LanguageModel, editors: Group
    ) -> None:
        table = (
            "provider\tname\ttitle\tis_enabled\toffered_to\tgroups\tposition\tinput_price\t"
            "output_price\tfallback\n"
            "Lab\tm\tTiny\tno\tgroups\tEditors\t3\t1.5\t2\t\n"
            "Lab\tnew\t\tyes\tprovider\t\t\t\t\tLab / m\n"
            "Lab\tx\t\tyes\tsomebody\t\t\t\t\t\n"
            "Lab\ty\t\tyes\tprovider\t\t\t-1\t2\t\n"
            "Lab\tz\t\tyes\tprovider\t\t\t1\t\t\n"
            "Elsewhere\tm\t\tyes\tprovider\t\t\t\t\t\n"
        )
        done = does(carol_browses, MODELS, table)
        assert counts(done) == {"refused": 4, "added": 1, "changed": 1, "same": 0}
        model.refresh_from_db()
        assert (model.title, model.is_enabled, model.position) == ("Tiny", False, 3)
        assert list(model.groups.all()) == [editors]
        (price,) = model.prices.all()
        assert (price.since, str(price)) == (timezone.localdate(), "1.5 / 2 USD")
        new = LanguageModel.objects.get(name="new")
        assert (new.title, new.fallback) == ("new", model)
        assert "There is no provider “Elsewhere”" in done
        assert LanguageModel.objects.count() == 2
        assert counts(sees(carol_browses, MODELS, table))["changed"] == 0

    @pytest.mark.parametrize("place", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
    def test_a_price_begins_on_the_portals_day(
        self, carol: User, carol_browses: Client, model: LanguageModel, place: str
    ) -> None:
        """At any hour it is another day in one of these places: usage is charged by the portal's."""
        User.objects.filter(pk=carol.pk).update(time_zone=place)
        does(carol_browses, MODELS, "provider,name,input_price,output_price\nLab,m,1,2\n")
        assert model.prices.get().since == day_of(timezone.now())

    def test_a_file_moves_no_provider(self, carol_browses: Client, model: LanguageModel) -> None:
        """Else whoever may change models could have its secrets sent to themselves."""
        table = "provider,name,provider_base_url\nLab,m,https://evil.example/v1\n"
        assert counts(sees(carol_browses, MODELS, table))["same"] == 1
        assert "provider_base_url" in sees(carol_browses, MODELS, table)

    def test_prices_are_for_whoever_may_change_them(self, model: LanguageModel) -> None:
        dora = dora_with("add_languagemodel", "change_languagemodel")
        page = sees(dora, MODELS, "provider,name,input_price,output_price\nLab,m,1,2\n")
        assert "You may not change prices." in page


def test_limits_come_and_go(carol_browses: Client, ada: User, editors: Group) -> None:
    Quota.objects.create(messages_an_hour=100)
    table = (
        "member,group,messages_an_hour,tokens_a_month\n,,50,\nada,,10,0\n,Editors,,1000\n"
        "ada,Editors,1,1\nnobody,,1,1\n,Editors,5,5\n,,x,\n"
    )
    done = does(carol_browses, LIMITS, table)
    assert counts(done) == {"refused": 4, "added": 2, "changed": 1, "same": 0}
    assert Quota.objects.get(member=None, group=None).messages_an_hour == 50
    assert Quota.objects.get(member=ada).tokens_a_month == 0
    assert AuditRecord.objects.filter(action="limit_changed").count() == 3
    text = taken(carol_browses, LIMITS)
    assert counts(sees(carol_browses, LIMITS, text))["same"] == 3


class TestFiles:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_as_spreadsheets_write_it(self, encoding: str, delimiter: str, end: str) -> None:
        lines = [["Username", "first_name"], ["ada", '"Á, b; c\n\td"'], [], ["bob", "x"]]
        data = end.join(delimiter.join(line) for line in lines).encode(encoding)
        first, second = read_table(data)
        assert first.values == {"username": "ada", "first_name": "Á, b; c\n\td"}
        assert (first.line, second.line) == (2, 5)

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            (b"", "no row"),
            (b"username\n", "no row"),
            (b"[]", "no row"),
            (b"username\n\xff\xff\n", "neither UTF-8 nor UTF-16"),
            (b'{"members": [\n{"a": }]}', "line 2"),
            (b"[" * 100_000, "not JSON"),
            (b'[{"username": "\\ud800"}]', "not JSON"),
            (b'a,b\n"1"2,"\n', "Line"),
            (b"a,A\n1,2\n", "same name"),
            (b"a\n" + b"1\n" * 1001, "At most 1000"),
        ],
    )
    def test_what_cannot_be_read_says_why(
        self, carol_browses: Client, data: bytes, sentence: str
    ) -> None:
        with pytest.raises(NoTable, match=sentence):
            read_table(data)
        if data:
            assert sentence in sees(carol_browses, MEMBERS, data)

    @pytest.mark.parametrize(
        "rows",
        [
            "",
            "x",
            "{}",
            "[1]",
            "[[1]]",
            '[["x", {}]]',
            "[[1, 2]]",
            '[[1, {"a": 1}, 2]]',
            '[[1, {"username": "\\ud800"}]]',
        ],
    )
    def test_rows_that_nobody_was_shown(self, carol_browses: Client, rows: str) -> None:
        answer = carol_browses.post(f"{MEMBERS}import/", {"rows": rows}, follow=True)
        assert "Choose the file once more." in answer.content.decode()

    def test_as_many_as_may_be_shown_may_be_done(self, carol_browses: Client) -> None:
        rows = json.dumps([[number, {}] for number in range(1001)])
        answer = carol_browses.post(f"{MEMBERS}import/", {"rows": rows}, follow=True)
        assert "Choose the file once more." in answer.content.decode()

    @pytest.mark.parametrize(
        "values",
        [{}, {"username": ["a"]}, {"username": None}, {"username": "a\0b"}, {"username": {}}],
    )
    def test_values_of_every_kind(self, carol_browses: Client, values: Any) -> None:
        rows = json.dumps([values, {"username": "eve", "groups": {"a": 1}}, 3, None])
        assert counts(sees(carol_browses, MEMBERS, rows))["refused"] == 4
