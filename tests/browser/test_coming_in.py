"""Coming in, as newcomers do it: by code, by invitation, by another log-in, and past a second factor."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from tests.browser.conftest import Arrive, Complaints, provided_by, ready_to_list, served
from tests.browser.people import CAROL, PASSWORD, Person
from tests.portal_process import PortalProcess
from tests.upstreams.openid_provider import CLIENT_ID, CLIENT_SECRET, openid_provider
from tests.upstreams.scripted import DONE, FINISH, HEAD, ScriptedUpstream, delta

CODE = "four green bottles"
NARROW = {"viewport": {"width": 390, "height": 800}}


@pytest.fixture(scope="module")
def open_portal(
    tmp_path_factory: pytest.TempPathFactory, scripted_upstream: ScriptedUpstream
) -> Iterator[PortalProcess]:
    ready_to_list(scripted_upstream)
    data = tmp_path_factory.mktemp("open") / "data"
    yield from served(data, AUTH_SECRET_KEY=CODE, **provided_by(scripted_upstream))


@pytest.fixture
def portal(open_portal: PortalProcess, upstream: ScriptedUpstream) -> PortalProcess:
    return open_portal


def presses(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def follows(page: Page, name: str) -> None:
    page.get_by_role("link", name=name).click()


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_a_code_and_a_name_then_a_question_then_a_password(
    arrive: Arrive, upstream: ScriptedUpstream
) -> None:
    upstream.will([HEAD, delta("Welcome, Dora."), FINISH, DONE])
    dora = arrive(**NARROW)
    page = dora.page
    page.goto("/accounts/login/")
    follows(page, "Join")
    page.get_by_label("Access code").fill(CODE)
    page.get_by_label("Your name").fill("Dora 朵拉")
    presses(page, "Join")
    dora.is_ready()
    expect(page.get_by_text("on this device alone")).to_be_visible()
    dora.asks("Am I in?")
    expect(dora.text).to_have_text("Welcome, Dora.")
    follows(page, "To come back from anywhere, choose a password.")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password (again)").fill(PASSWORD)
    presses(page, "Save")
    dora.is_ready()
    expect(page.get_by_text("on this device alone")).to_be_hidden()
    elsewhere = arrive()
    elsewhere.logs_in("dora.朵拉")
    elsewhere.is_ready()
    expect(elsewhere.page.get_by_role("link", name=re.compile("Am I in"))).to_be_visible()


def test_a_wrong_code_says_so_and_keeps_the_name(arrive: Arrive, complaints: Complaints) -> None:
    complaints.expect("422")
    page = arrive().page
    page.goto("/join/")
    page.get_by_label("Access code").fill("a guess of mine")
    page.get_by_label("Your name").fill("Eve")
    presses(page, "Join")
    expect(page.get_by_text("This code opens nothing")).to_be_visible()
    expect(page.get_by_label("Your name")).to_have_value("Eve")


def test_an_administrator_invites_and_one_comes(arrive: Arrive, complaints: Complaints) -> None:
    complaints.expect("404")
    carol = arrive(CAROL)
    carol.page.goto("/admin/accounts/invitation/add/")
    carol.page.get_by_label("For:").fill("Frida, from Monday")
    presses(carol.page, "Save")
    link = carol.page.get_by_role("textbox", name="Frida, from Monday").input_value()
    frida = arrive(**NARROW)
    frida.page.goto(link)
    frida.page.get_by_label("Username").fill("frida")
    frida.page.get_by_label("Password").fill("a long sentence of hers")
    presses(frida.page, "Join")
    frida.is_ready()
    late = arrive()
    late.page.goto(link)
    expect(late.page.get_by_text("opens nothing any more")).to_be_visible()


def test_a_second_factor_is_set_up_and_asked_for(arrive: Arrive) -> None:
    bob = arrive()
    bob.logs_in("bob")
    bob.is_ready()
    page = bob.page
    page.goto("/accounts/second-factor/")
    follows(page, "Set up")
    page.get_by_label("Password").fill(PASSWORD)
    presses(page, "Go on")
    expect(page.get_by_role("img", name=re.compile("The key as a picture"))).to_be_visible()
    secret = page.get_by_label("Key").input_value()
    page.get_by_label("Authenticator code").fill(code_of(secret))
    presses(page, "Switch it on")
    expect(page.get_by_role("listitem")).to_have_count(10)
    codes = page.get_by_role("listitem").all_inner_texts()

    phone = arrive(**NARROW)
    phone.logs_in("bob")
    expect(phone.page.get_by_role("heading", name="Second factor")).to_be_visible()
    phone.page.goto("/")  # opens nothing yet
    expect(phone.page.get_by_role("heading", name="Second factor")).to_be_visible()
    phone.page.get_by_role("textbox").fill(codes[0])
    presses(phone.page, "Log in")
    phone.is_ready()

    page.goto("/accounts/sessions/")
    expect(page.get_by_text("Chrome on Linux")).to_have_count(2)
    presses(page, "Log out there")
    expect(page.get_by_text("You are logged out there.")).to_be_visible()
    phone.page.goto("/")
    expect(phone.page.get_by_role("heading", name="Log in")).to_be_visible()


def test_another_log_in_opens_the_portal(
    arrive: Arrive, portal: PortalProcess, complaints: Complaints, tmp_path: Path
) -> None:
    complaints.expect("another host was asked|NOT_RESOLVED|favicon|404")  # the provider's pages
    redirects = [f"{portal.url}/accounts/single-sign-on/the-team/return/"]
    people = {"gerd": {"email": "gerd@example.com", "name": "Gerd"}}
    with openid_provider(tmp_path / "log", redirects=redirects, people=people) as issuer:
        carol = arrive(CAROL)
        _add_provider(carol, issuer)
        gerd = arrive(at=portal.url)
        gerd.page.goto("/accounts/login/")
        follows(gerd.page, "Log in with The team")
        gerd.page.get_by_placeholder("Enter any login").fill("gerd")
        gerd.page.get_by_placeholder("and password").fill("any")
        gerd.page.get_by_role("button", name="Sign-in").click()
        gerd.page.get_by_role("button", name="Continue").click()
        gerd.is_ready()
        expect(gerd.page.get_by_text("Gerd").first).to_be_visible()


def _add_provider(carol: Person, issuer: str) -> None:
    page = carol.page
    page.goto("/admin/accounts/identityprovider/add/")
    page.get_by_label("Title:").press_sequentially("The team")
    expect(page.get_by_label("Short name:")).to_have_value("the-team")
    page.get_by_label("Issuer:").fill(issuer)
    page.get_by_label("Client id:").fill(CLIENT_ID)
    page.get_by_label("Client secret:").fill(CLIENT_SECRET)
    presses(page, "Save")
    expect(page.get_by_text("was added successfully")).to_be_visible()
