"""A member's profile: name, language, time zone, theme, and a picture that is drawn anew and shown to few."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image, PngImagePlugin

from accounts.models import IdentityProvider, ProfilePicture, SiteSettings, User
from accounts.pictures import MOST_PIXELS, NoPicture, TooManyPixels, draw_anew
from accounts.time_zones import time_zone_named, time_zones, zone
from conversations.generation.household import keep_house

PAGE = "/profile/"
AS_IT_IS = {
    "first_name": "Ada",
    "description": "",
    "time_zone": "",
    "theme": "",
    "accent": "",
    "text_size": "",
}
RED, BLUE = (200, 30, 30), (30, 30, 200)


def save(browser: Client, **changes: Any) -> Any:
    return browser.post(PAGE, {**AS_IT_IS, **changes}, follow=True)


def drawing(
    size: tuple[int, int] = (300, 200), colour: Any = RED, mode: str = "RGB", **options: Any
) -> bytes:
    page = io.BytesIO()
    Image.new(mode, size, colour).save(page, options.pop("format", "PNG"), **options)
    return page.getvalue()


def upload(browser: Client, content: bytes, name: str = "me.png", kind: str = "image/png") -> Any:
    sent = SimpleUploadedFile(name, content, content_type=kind)
    return browser.post("/profile/picture/", {"picture": sent}, follow=True)


def drawn(sent: bytes) -> Any:
    return Image.open(io.BytesIO(draw_anew(io.BytesIO(sent))))


class TestWhatOneSaysOfOneself:
    def test_it_is_saved_told_and_shown(self, ada_browses: Client, ada: User) -> None:
        page = save(
            ada_browses,
            first_name="Countess",
            description="Counts engines",
            time_zone="Asia/Tokyo",
            theme="dark",
        )
        assert page.redirect_chain == [(PAGE, 302)]
        words = page.content.decode()
        assert "Your profile was saved." in words
        assert 'data-theme="dark"' in words
        assert 'data-time-zone="Asia/Tokyo"' in words
        sidebar = ada_browses.get("/").content.decode()
        assert "Countess" in sidebar
        assert "Counts engines" in sidebar
        ada.refresh_from_db()
        assert (ada.first_name, ada.time_zone) == ("Countess", "Asia/Tokyo")
        assert ada.access_version == 0, "no socket is closed for the sake of a theme"

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("theme", "pink", "Select a valid choice"),
            ("first_name", "x" * 1000, "at most 150 characters (it has 1000)"),
            ("description", "述" * 201, "at most 200 characters"),
            ("time_zone", "Mars/Olympus", "No time zone has this name."),
            ("time_zone", "../../etc/passwd", "No time zone has this name."),
            ("time_zone", "x" * 100, "at most 64 characters"),
        ],
    )
    def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(
        self, ada_browses: Client, ada: User, field: str, value: str, sentence: str
    ) -> None:
        refused = save(
            ada_browses, **{"description": "Typed with care", "theme": "dark", field: value}
        )
        assert refused.status_code == 422
        words = refused.content.decode()
        assert sentence in words
        assert f'id="id_{field}_error"' in words
        assert "Typed with care" in words or field == "description"
        assert 'data-theme="system"' in words, "nothing was saved, so nothing looks as if it were"
        ada.refresh_from_db()
        assert (ada.theme, ada.description) == ("", "")

    @pytest.mark.parametrize("name", ["Ада", "阿达", "أدا", "अदा", "<b>Ada</b>", "🦉"])
    def test_a_name_in_any_script_is_text(self, ada_browses: Client, ada: User, name: str) -> None:
        save(ada_browses, first_name=name)
        ada.refresh_from_db()
        assert ada.first_name == name
        assert "<b>Ada" not in ada_browses.get("/").content.decode()

    def test_nothing_but_what_is_on_the_page_can_be_set(
        self, ada_browses: Client, ada: User
    ) -> None:
        save(ada_browses, is_staff="on", is_superuser="on", username="root", picture="x")
        ada.refresh_from_db()
        assert (ada.username, ada.is_staff, ada.is_superuser, ada.picture) == (
            "ada",
            False,
            False,
            "",
        )

    def test_what_an_administrator_changed_meanwhile_stays(
        self, ada_browses: Client, ada: User
    ) -> None:
        User.objects.filter(pk=ada.pk).update(last_name="Lovelace")
        save(ada_browses, theme="dark")
        ada.refresh_from_db()
        assert (ada.last_name, ada.theme) == ("Lovelace", "dark")

    def test_a_language_can_be_chosen_where_there_is_more_than_one(
        self, ada_browses: Client, settings: Any
    ) -> None:
        settings.LANGUAGES = [("en", "English")]
        assert 'name="locale"' not in ada_browses.get(PAGE).content.decode()
        settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
        assert 'name="locale"' in ada_browses.get(PAGE).content.decode()
        page = save(ada_browses, locale="de", theme="light")
        assert '<html lang="de"' in page.content.decode()
        assert '<html lang="en"' in Client().get("/accounts/login/").content.decode()

    def test_it_leads_to_the_password_and_what_else_there_is(self, ada_browses: Client) -> None:
        words = ada_browses.get(PAGE).content.decode()
        assert 'href="/accounts/password/change/"' in words
        assert 'href="/profile/delete/"' in words
        for path in ("/", "/settings/"):
            assert 'href="/profile/"' in ada_browses.get(path).content.decode()


class TestTimeZones:
    def test_times_follow_it(
        self, ada_browses: Client, carol_browses: Client, ada: User, carol: User
    ) -> None:
        User.objects.filter(pk=ada.pk).update(last_seen_at=datetime(2026, 3, 5, 23, 30, tzinfo=UTC))
        page = f"/admin/accounts/user/{ada.pk}/change/"
        assert "11:30 p.m." in carol_browses.get(page).content.decode()
        User.objects.filter(pk=carol.pk).update(time_zone="Asia/Tokyo")
        assert "8:30 a.m." in carol_browses.get(page).content.decode()
        assert timezone.get_current_timezone_name() == "UTC", "of that request alone"

    def test_one_that_the_system_has_forgotten_takes_no_page_away(
        self, ada_browses: Client, ada: User
    ) -> None:
        for name in ("Mars/Olympus", "../etc/passwd", "/etc/passwd", "\ud83e"):
            assert zone(name) is None
        User.objects.filter(pk=ada.pk).update(time_zone="Mars/Olympus")
        assert ada_browses.get("/").status_code == 200

    @pytest.mark.parametrize("typed", ["Europe/Berlin", "europe/berlin", " Europe/Berlin "])
    def test_it_is_found_however_it_is_typed(self, typed: str) -> None:
        assert time_zone_named(typed) == "Europe/Berlin"
        assert time_zone_named("america/new york") == "America/New_York"

    def test_all_are_offered_to_be_searched(self, ada_browses: Client) -> None:
        words = ada_browses.get(PAGE).content.decode()
        assert len(time_zones()) > 300
        assert words.count("<option value=") >= len(time_zones())


class TestThePicture:
    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
    def test_each_format_becomes_a_small_square(self, kind: str) -> None:
        image = drawn(drawing(format=kind))
        assert (image.format, image.size) == ("WEBP", (256, 256))

    @pytest.mark.parametrize(
        ("mode", "colour"),
        [("L", 100), ("RGBA", (*RED, 0)), ("P", 3), ("1", 1), ("LA", (9, 0)), ("I;16", 3000)],
    )
    def test_each_way_to_tell_colours_is_read(self, mode: str, colour: Any) -> None:
        image = drawn(drawing(mode=mode, colour=colour))
        assert image.size == (256, 256)
        if mode == "RGBA":
            assert image.convert("RGBA").getpixel((9, 9))[3] == 0, "clear stays clear"

    def test_cmyk_is_read(self) -> None:
        assert drawn(drawing(mode="CMYK", colour=(9, 9, 9, 9), format="JPEG")).mode == "RGB"

    def test_it_is_cut_from_the_middle(self) -> None:
        wide = Image.new("RGB", (900, 300), BLUE)
        wide.paste(RED, (300, 0, 600, 300))
        page = io.BytesIO()
        wide.save(page, "PNG")
        image = drawn(page.getvalue()).convert("RGB")
        for corner in ((8, 8), (248, 248)):
            red, _green, blue = image.getpixel(corner)
            assert red > 150 > blue

    def test_it_stands_upright_and_tells_nothing_else(self) -> None:
        upside = Image.new("RGB", (200, 200), BLUE)
        upside.paste(RED, (0, 0, 200, 100))  # red above
        exif = Image.Exif()
        exif[0x0112] = 3  # turned by 180°
        exif[0x010F] = "CANARY camera"
        exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0)}  # where it was taken
        page = io.BytesIO()
        upside.save(page, "JPEG", exif=exif, comment=b"CANARY", icc_profile=b"CANARY" * 30)
        anew = draw_anew(io.BytesIO(page.getvalue()))
        image = Image.open(io.BytesIO(anew))
        red, _green, blue = image.convert("RGB").getpixel((128, 30))
        assert blue > 150 > red
        assert b"CANARY" not in anew
        assert not image.getexif()
        assert not {"exif", "icc_profile", "xmp", "comment"} & set(image.info)

    def test_texts_in_a_png_are_gone(self) -> None:
        told = PngImagePlugin.PngInfo()
        told.add_text("Author", "CANARY")
        told.add_itxt("XML:com.adobe.xmp", "CANARY")
        assert b"CANARY" not in draw_anew(io.BytesIO(drawing(pnginfo=told)))

    def test_of_an_animation_the_first_frame_is_taken(self) -> None:
        frames = [Image.new("RGB", (64, 64), colour) for colour in (RED, BLUE)]
        page = io.BytesIO()
        frames[0].save(page, "GIF", save_all=True, append_images=frames[1:], duration=50)
        image = drawn(page.getvalue())
        assert getattr(image, "n_frames", 1) == 1
        red, _green, blue = image.convert("RGB").getpixel((128, 128))
        assert red > 150 > blue

    @pytest.mark.parametrize(
        "sent",
        [
            b"",
            b"Not a picture",
            b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
            b"<html><script>alert(1)</script></html>",
            b"%PDF-1.7",
            b"\x89PNG\r\n\x1a\n",
            b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
            b"GIF89a",
            b"RIFF\x24\0\0\0WEBPVP8 ",
            b"\xff\xd8\xff\xe0",
            drawing()[:200],
            drawing(format="JPEG", size=(600, 600))[:-400],
            drawing(format="BMP"),
            drawing(format="TIFF"),
            drawing(format="ICO"),
        ],
        ids=lambda sent: str(sent[:12]),
    )
    def test_what_is_no_picture_is_refused(self, sent: bytes) -> None:
        with pytest.raises(NoPicture):
            draw_anew(io.BytesIO(sent))

    @pytest.mark.parametrize("side", [6400, 8000, 20_000, 2_000_000])
    def test_a_bomb_is_refused_by_what_it_says_of_itself(self, side: int) -> None:
        assert side * side > MOST_PIXELS
        head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)

        def chunk(kind: bytes, content: bytes) -> bytes:
            check = zlib.crc32(kind + content)
            return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

        body = zlib.compress(b"\0" * 100_000, 9)
        bomb = (
            b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
        )
        with pytest.raises(TooManyPixels):
            draw_anew(io.BytesIO(bomb))

    def test_texts_that_swell_are_refused(self) -> None:
        told = PngImagePlugin.PngInfo()
        told.add_text("swells", "0" * 80_000_000, zip=True)
        swelling = drawing(pnginfo=told)
        assert len(swelling) < 200_000
        with pytest.raises(NoPicture):
            draw_anew(io.BytesIO(swelling))


class TestShowingIt:
    @pytest.fixture
    def address(self, ada_browses: Client, ada: User) -> str:
        upload(ada_browses, drawing())
        ada.refresh_from_db()
        return f"/pictures/{ada.picture}/"

    def test_it_is_uploaded_and_shown(self, ada_browses: Client, ada: User) -> None:
        assert '<span class="avatar" aria-hidden="true">A</span>' in self.sidebar(ada_browses)
        page = upload(ada_browses, drawing())
        assert page.redirect_chain == [(PAGE, 302)]
        assert "Your picture was changed." in page.content.decode()
        ada.refresh_from_db()
        assert f'src="/pictures/{ada.picture}/"' in self.sidebar(ada_browses)

    def test_it_is_served_as_what_it_is_for_ever_and_to_nobody_between(
        self, ada_browses: Client, address: str
    ) -> None:
        answer = ada_browses.get(address)
        assert answer["Content-Type"] == "image/webp"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert Image.open(io.BytesIO(answer.content)).size == (256, 256)

    def test_its_owner_and_administrators_see_it_and_nobody_else(
        self,
        ada_browses: Client,
        bob_browses: Client,
        carol_browses: Client,
        address: str,
        told_alike: Callable[[Any, Any], None],
    ) -> None:
        assert ada_browses.get(address).status_code == 200
        assert carol_browses.get(address).status_code == 200
        assert address in carol_browses.get("/admin/accounts/user/").content.decode()
        told_alike(bob_browses.get(address), bob_browses.get(f"/pictures/{'0' * 32}/"))
        assert Client().get(address).status_code == 302

    def test_the_same_picture_of_two_has_two_addresses(
        self, ada_browses: Client, bob_browses: Client, ada: User, bob: User
    ) -> None:
        for browser in (ada_browses, bob_browses):
            upload(browser, drawing())
        ada.refresh_from_db()
        bob.refresh_from_db()
        assert ada.picture != bob.picture
        assert bob_browses.get(f"/pictures/{ada.picture}/").status_code == 404

    def test_another_one_takes_its_place(
        self, ada_browses: Client, ada: User, address: str
    ) -> None:
        upload(ada_browses, drawing(colour=BLUE))
        assert ada_browses.get(address).status_code == 404
        ada.refresh_from_db()
        assert ada_browses.get(f"/pictures/{ada.picture}/").status_code == 200
        assert ProfilePicture.objects.count() == 1

    def test_removing_it_can_be_undone(
        self, ada_browses: Client, carol_browses: Client, ada: User, address: str
    ) -> None:
        page = ada_browses.post("/profile/picture/remove/", follow=True).content.decode()
        assert "Your picture was removed." in page
        assert 'action="/profile/picture/restore/"' in page
        for browser in (ada_browses, carol_browses):
            assert browser.get(address).status_code == 404
        ada_browses.post("/profile/picture/restore/")
        assert ada_browses.get(address).status_code == 200
        ada.refresh_from_db()
        assert address == f"/pictures/{ada.picture}/"

    def test_after_a_day_it_is_gone_for_good(self, ada_browses: Client, address: str) -> None:
        ada_browses.post("/profile/picture/remove/")
        keep_house(set())
        assert ProfilePicture.objects.exists()
        ProfilePicture.objects.update(removed_at=timezone.now() - timedelta(days=1, seconds=1))
        keep_house(set())
        assert not ProfilePicture.objects.exists()
        ada_browses.post("/profile/picture/restore/")
        assert 'class="avatar"' in self.sidebar(ada_browses)

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"<svg/>", "This is no picture that can be read."),
            (b"", "This file is empty."),
            (b"\x89PNG" + b"\0" * (10 * 1024 * 1024), "This file is larger than 10 MB."),
        ],
        ids=["svg", "empty", "large"],
    )
    def test_what_cannot_be_is_told_and_the_old_one_stays(
        self, ada_browses: Client, address: str, content: bytes, sentence: str
    ) -> None:
        refused = upload(ada_browses, content)
        assert refused.status_code == 422
        assert sentence in refused.content.decode()
        assert ada_browses.get(address).status_code == 200

    def test_nothing_chosen_is_told(self, ada_browses: Client) -> None:
        refused = ada_browses.post("/profile/picture/")
        assert refused.status_code == 422
        assert "Choose a picture first." in refused.content.decode()

    @pytest.mark.parametrize("path", ["", "remove/", "restore/"])
    def test_it_asks_for_the_csrf_token_and_a_log_in(self, ada: User, path: str) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(ada)
        assert strict.post(f"/profile/picture/{path}").status_code == 403
        assert Client().post(f"/profile/picture/{path}").status_code == 302

    def sidebar(self, browser: Client) -> str:
        return browser.get("/").content.decode()


@pytest.fixture
def told_alike() -> Callable[[Any, Any], None]:
    def alike(stranger: Any, nothing: Any) -> None:
        def without_nonce(answer: Any) -> str:
            head, nonce, rest = answer.content.decode().partition('nonce="')
            return head + nonce + rest.partition('"')[2]

        assert stranger.status_code == nothing.status_code == 404
        assert without_nonce(stranger) == without_nonce(nothing)

    return alike


def test_all_that_opens_the_account_is_a_link_away(ada: User, ada_browses: Client) -> None:
    pages = ["account_change_password", "mfa_index", "usersessions_list", "account_email"]
    page = ada_browses.get("/profile/").content.decode()
    for name in pages:
        assert f'href="{reverse(name)}"' in page, name
    for name in pages[1:]:
        there = ada_browses.get(reverse(name)).content.decode()
        assert f'class="page__back" href="{reverse("accounts:profile")}"' in there, name
    connections = f'href="{reverse("socialaccount_connections")}"'
    assert connections not in page
    IdentityProvider.objects.create(title="T", slug="t", issuer="https://i.example", client_id="c")
    assert connections in ada_browses.get("/profile/").content.decode()
    assert "Choose a password" not in page
    ada.set_unusable_password()
    ada.save()
    ada_browses.force_login(ada)
    assert "Choose a password" in ada_browses.get("/profile/").content.decode()


def test_how_pages_look_is_kept_and_is_there_from_the_first_byte(
    ada: User, ada_browses: Client, carol: User, carol_browses: Client
) -> None:
    look = {"theme": "contrast", "accent": "green", "text_size": "largest"}
    for browses in (ada_browses, carol_browses):
        browses.post("/profile/", {"first_name": "", "description": "", "time_zone": "", **look})
    attributes = 'data-theme="contrast" data-accent="green" data-text-size="largest"'
    assert attributes in ada_browses.get("/").content.decode()
    assert attributes in carol_browses.get("/admin/").content.decode()


def test_who_has_not_chosen_sees_what_the_administrator_chose(ada_browses: Client) -> None:
    site = SiteSettings.current()
    site.default_theme, site.default_accent, site.default_text_size = "dark", "pink", "large"
    site.save()
    attributes = 'data-theme="dark" data-accent="pink" data-text-size="large"'
    assert attributes in ada_browses.get("/").content.decode()
    assert attributes in Client().get("/accounts/login/").content.decode()
