"""Profile pictures: what somebody sends is decoded, cut square and drawn anew: nothing of it is kept but pixels."""

from __future__ import annotations

import hashlib
import io
import threading
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from PIL import Image, ImageOps

from accounts.models import ProfilePicture, User

LARGEST = 10 * 1024 * 1024  # bytes, as sent
MOST_PIXELS = 40_000_000  # decoded: 160 MB
SIDE = 256
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
KEPT_FOR_UNDO = timedelta(days=1)

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
# Each takes up to 160 MB while it is decoded: one after the other.
_one_at_a_time = threading.Lock()


class NoPicture(Exception):
    """What was sent cannot be read as one of FORMATS."""


class TooManyPixels(Exception):
    """It says of itself that it is larger than MOST_PIXELS; it was not decoded."""


def draw_anew(sent: Any) -> bytes:
    """A WebP of SIDE × SIDE from the middle of `sent`, a file that can be sought. Raises NoPicture or TooManyPixels.

    It stands upright as its camera says; what else the file told (where it was taken, with what) is gone. Of an
    animation the first frame is taken.
    """
    with _one_at_a_time:
        try:
            with _open(sent) as image:
                image.verify()  # reads on to the end; the image cannot be used afterwards
            with _open(sent) as image:
                return _drawn(image)
        except (TooManyPixels, MemoryError):
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise TooManyPixels from error
        except Exception as error:
            # A hostile file makes Pillow's decoders raise whatever they come upon.
            raise NoPicture from error


def change_picture(person: User, image: bytes) -> None:
    """Show `image` from now on. What is shown has an address of its own, which no other picture ever has."""
    fingerprint = hashlib.sha256(f"{person.pk}:".encode() + image).hexdigest()[:32]
    with transaction.atomic():
        ProfilePicture.objects.update_or_create(
            owner=person,
            defaults={
                "image": image,
                "fingerprint": fingerprint,
                "removed_at": None,
                "changed_at": timezone.now(),
            },
        )
        _show(person, fingerprint)


def remove_picture(person: User) -> bool:
    """Show it no longer; returns whether there was one. For a day it can be brought back."""
    with transaction.atomic():
        shown = ProfilePicture.objects.filter(owner=person, removed_at=None)
        removed = shown.update(removed_at=timezone.now())
        _show(person, "")
    return bool(removed)


def restore_picture(person: User) -> bool:
    with transaction.atomic():
        found = ProfilePicture.objects.filter(owner=person, removed_at__isnull=False).first()
        if found is None:
            return False
        ProfilePicture.objects.filter(pk=found.pk).update(removed_at=None)
        _show(person, found.fingerprint)
    return True


def forget_removed_pictures(now: datetime) -> None:
    ProfilePicture.objects.filter(removed_at__lt=now - KEPT_FOR_UNDO).delete()


def _open(sent: Any) -> Any:
    sent.seek(0)
    image = Image.open(sent, formats=FORMATS)  # reads the head alone
    if image.width * image.height > MOST_PIXELS:
        raise TooManyPixels
    return image


def _drawn(image: Any) -> bytes:
    image.draft("RGB", (SIDE * 2, SIDE * 2))  # a JPEG is decoded small, and quickly
    image.seek(0)
    upright = ImageOps.exif_transpose(image)
    clear = upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info
    square = ImageOps.fit(upright.convert("RGBA" if clear else "RGB"), (SIDE, SIDE))
    plain = Image.new(square.mode, square.size)  # without what came with the file
    plain.paste(square)
    page = io.BytesIO()
    plain.save(page, "WEBP", quality=85, method=4)
    return page.getvalue()


def _show(person: User, fingerprint: str) -> None:
    User.objects.filter(pk=person.pk).update(picture=fingerprint)
    person.picture = fingerprint
