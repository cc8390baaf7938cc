"""One's own profile and the portal's administration, in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import Arrive, Complaints
from tests.browser.people import BOB, CAROL, Person

NARROW = {"width": 390, "height": 844}
WIDE = {"width": 1280, "height": 800}
DROP = """
async ([selector, address]) => {
  const blob = await (await fetch(address)).blob();
  const files = new DataTransfer();
  files.items.add(new File([blob], "me.png", { type: "image/png" }));
  const target = document.querySelector(selector);
  for (const name of ["dragover", "drop"]) {
    target.dispatchEvent(new DragEvent(name, { bubbles: true, cancelable: true, dataTransfer: files }));
  }
}
"""
NATURAL_SIZE = "(image) => image.decode().then(() => [image.naturalWidth, image.naturalHeight])"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "me.jpg"
    Image.new("RGB", (640, 480), (180, 90, 40)).save(path, "JPEG")
    return path


@pytest.fixture
def bob(bob: Person) -> Iterator[Person]:
    """He leaves as he came, for other tests have him, too."""
    yield bob
    bob.page.goto("/profile/")
    remove = bob.page.get_by_role("button", name="Remove")
    if remove.count():
        remove.click()
    for label in ("Display name", "About yourself", "Time zone"):
        bob.page.get_by_label(label).fill("")
    bob.page.get_by_role("button", name="Save").click()
    # A page that is closed while it is on its way may never be closed.
    expect(bob.page.get_by_role("status")).to_contain_text("Your profile was saved.")


def width_beyond(person: Person) -> int:
    beyond: int = person.page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
    return beyond


def test_a_picture_is_uploaded_removed_and_brought_back(bob: Person, picture: Path) -> None:
    page = bob.page
    page.get_by_title("Profile").click()
    page.locator("picture-drop:defined").wait_for()
    page.get_by_label("Picture").set_input_files(picture)  # chosen, it is sent
    expect(page.get_by_role("status")).to_contain_text("Your picture was changed.")
    shown = page.locator("img.avatar")
    assert shown.evaluate(NATURAL_SIZE) == [256, 256]
    bob.opens()
    assert page.locator(".sidebar img.avatar").evaluate(NATURAL_SIZE) == [256, 256]
    page.goto("/profile/")
    page.get_by_role("button", name="Remove").click()
    expect(shown).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    assert shown.evaluate(NATURAL_SIZE) == [256, 256]


def test_a_picture_is_dropped(bob: Person) -> None:
    page = bob.page
    page.goto("/profile/")
    page.locator("picture-drop:defined").wait_for()
    drawn = page.evaluate(
        """() => {
          const canvas = document.createElement("canvas");
          canvas.width = canvas.height = 300;
          canvas.getContext("2d").fillRect(0, 0, 200, 200);
          return canvas.toDataURL("image/png");
        }"""
    )
    page.evaluate(
        DROP.replace("await (await fetch(address)).blob()", DECODED), ["picture-drop", drawn]
    )
    expect(page.get_by_role("status")).to_contain_text("Your picture was changed.")
    assert page.locator("img.avatar").evaluate(NATURAL_SIZE) == [256, 256]


# The page's policy lets no script fetch a data: address.
DECODED = 'new Blob([Uint8Array.from(atob(address.split(",")[1]), (c) => c.charCodeAt(0))])'


def test_what_is_no_picture_is_said_at_its_field(
    bob: Person, tmp_path: Path, complaints: Complaints
) -> None:
    complaints.expect("422")
    drawing = tmp_path / "me.svg"
    drawing.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    bob.page.goto("/profile/")
    bob.page.locator("picture-drop:defined").wait_for()
    bob.page.get_by_label("Picture").set_input_files(drawing)
    expect(bob.page.locator("#id_picture_error")).to_contain_text("no picture that can be read")


def test_times_follow_the_time_zone_of_the_profile(bob: Person, arrive: Arrive) -> None:
    page = bob.page
    page.goto("/profile/")
    page.get_by_label("Time zone").fill("pacific/auckland")
    page.get_by_label("About yourself").fill("On the other side")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Time zone")).to_have_value("Pacific/Auckland")
    bob.opens()
    expect(page.locator(".sidebar__description")).to_have_text("On the other side")
    bob.asks("What time is it?")
    bob.sees_it("completed")
    time = bob.answer.locator("time")
    told = page.evaluate(
        """(iso) => new Date(iso).toLocaleTimeString("en", {
          hour: "2-digit", minute: "2-digit", timeZone: "Pacific/Auckland" })""",
        time.get_attribute("datetime"),
    )
    expect(time).to_have_text(told)


def test_the_devices_own_time_zone_is_offered(arrive: Arrive) -> None:
    bob = arrive(BOB, timezone_id="Asia/Tokyo")
    bob.page.goto("/profile/")
    offered = bob.page.get_by_role("button", name="Use this device’s: Asia/Tokyo")
    offered.click()
    expect(bob.page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    expect(offered).to_be_hidden()


def test_an_announcement_is_dismissed_by_keyboard_and_stays_away(
    arrive: Arrive, carol: Person
) -> None:
    carol.page.goto("/admin/accounts/announcement/add/")
    carol.page.get_by_label("Text").fill("The portal is down at noon.")
    carol.page.get_by_role("button", name="Save", exact=True).click()
    bob = arrive(BOB)
    region = bob.page.get_by_role("region", name="Announcements")
    expect(region).to_contain_text("The portal is down at noon.")
    region.get_by_role("button", name="Dismiss").focus()
    bob.page.keyboard.press("Enter")
    expect(region).to_have_count(0)
    expect(bob.page.get_by_role("main")).to_be_focused()
    bob.opens()
    expect(region).to_have_count(0)
    # On a page without script of its own, a form does it.
    carol.page.goto("/settings/")
    own = carol.page.get_by_role("region", name="Announcements")
    own.get_by_role("button", name="Dismiss").click()
    expect(carol.page).to_have_url(f"{carol.page.url.split('/settings')[0]}/settings/")
    expect(own).to_have_count(0)


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_front_page_of_the_administration_fits(
    arrive: Arrive, viewport: dict[str, int], scheme: str
) -> None:
    carol = arrive(CAROL, viewport=viewport, color_scheme=scheme)
    page = carol.page
    page.goto("/admin/")
    for title in ("Online", "Answers", "The pool", "Messages today"):
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    for section in ("People", "Models and providers", "Portal"):
        expect(page.get_by_role("link", name=section, exact=True)).to_be_visible()
    assert width_beyond(carol) <= 0
    for path in ("accounts/user/", "accounts/auditrecord/", "accounts/sitesettings/"):
        page.goto(f"/admin/{path}")
        assert width_beyond(carol) <= 0, path


def test_many_members_are_deactivated_and_brought_back(carol: Person) -> None:
    page = carol.page
    page.goto("/admin/accounts/user/?q=bob")
    page.locator("#action-toggle").check()
    page.get_by_label("Action:").select_option(label="Deactivate")
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text("Deactivate 1 member?")).to_be_visible()
    page.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_text("1 member was deactivated.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("1 member was activated.")).to_be_visible()


def test_members_are_brought_in_as_a_table(arrive: Arrive, tmp_path: Path) -> None:
    path = tmp_path / "members.csv"
    path.write_text("username;email\nwanda;wanda@example.com\nxaver;no address\n")
    page = arrive(CAROL).page
    page.goto("/admin/accounts/user/")
    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_label("File").set_input_files(str(path))
    page.get_by_role("button", name="Look into it").click()
    expect(page.get_by_role("heading", name="This would be done")).to_be_visible()
    expect(page.get_by_role("row", name="3 xaver")).to_contain_text("Refused")
    page.get_by_label("Make a link for each new member").check()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("heading", name="This was done")).to_be_visible()
    link = page.get_by_label("wanda", exact=True).input_value()
    assert "/accounts/password/reset/" in link
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("link", name="wanda", exact=True)).to_be_visible()
