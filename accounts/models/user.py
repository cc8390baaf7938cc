"""The person: who logs in, what they may administer, how their pages look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A member or an administrator (`is_staff`).

    `access_version` grows with every change that may end access: password, role, groups, active flag. Sockets remember
    the version they began under and read it again, so that nobody has to be told. A running generation goes on when
    a password changes, and ends with the active flag.
    """

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")
        CONTRAST = "contrast", _("High contrast")

    class Accent(models.TextChoices):
        BLUE = "blue", _("Blue")
        TEAL = "teal", _("Teal")
        GREEN = "green", _("Green")
        ORANGE = "orange", _("Orange")
        RED = "red", _("Red")
        PINK = "pink", _("Pink")
        VIOLET = "violet", _("Violet")

    class TextSize(models.TextChoices):
        SMALL = "small", _("Small")
        MEDIUM = "medium", _("Medium")
        LARGE = "large", _("Large")
        LARGEST = "largest", _("Very large")

    class EnterKey(models.TextChoices):
        DEVICE = "device", _("As the device suggests")
        SEND = "send", _("Send the message")
        NEWLINE = "newline", _("Begin a new line")

    class Typewriter(models.TextChoices):
        SMOOTH = "smooth", _("Smoothly, letter by letter")
        AT_ONCE = "at_once", _("At once, as they arrive")
        WHOLE = "whole", _("Whole, when they are finished")

    class JoinedBy(models.TextChoices):
        ADMINISTRATOR = "administrator", _("an administrator")
        INVITATION = "invitation", _("an invitation")
        ACCESS_CODE = "access_code", _("an access code")
        EMAIL_DOMAIN = "email_domain", _("an e-mail address of the team")
        APPROVAL = "approval", _("signing up, with approval")
        SINGLE_SIGN_ON = "single_sign_on", _("single sign-on")
        PROXY = "proxy", _("a proxy that names its people")

    # Empty: as the portal has it, for whoever has not chosen.
    theme = models.CharField(_("theme"), max_length=16, choices=Theme, blank=True)
    accent = models.CharField(_("accent colour"), max_length=16, choices=Accent, blank=True)
    text_size = models.CharField(_("text size"), max_length=16, choices=TextSize, blank=True)
    locale = models.CharField(_("language"), max_length=16, blank=True)
    enter_key = models.CharField(
        _("Enter key"), max_length=8, choices=EnterKey, default=EnterKey.DEVICE
    )
    typewriter = models.CharField(
        _("how answers appear"), max_length=8, choices=Typewriter, default=Typewriter.SMOOTH
    )
    description = models.CharField(_("about yourself"), max_length=200, blank=True)
    # Which picture is shown (ProfilePicture); empty for none.
    picture = models.CharField(max_length=32, blank=True, editable=False)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    must_change_password = models.BooleanField(
        _("must change the password at the next log-in"), default=False
    )
    joined_by = models.CharField(
        _("joined by"), max_length=16, choices=JoinedBy, default=JoinedBy.ADMINISTRATOR
    )
    # The address is what let them in: until it is proved to be theirs, nobody is.
    must_verify_email = models.BooleanField(_("must verify the e-mail address"), default=False)
    # Signed up and waits for an administrator; not active until then.
    awaits_approval = models.BooleanField(_("awaits approval"), default=False)
    last_seen_at = models.DateTimeField(
        _("last seen"), null=True, blank=True, editable=False, db_index=True
    )
    # Their own wish; they can take it back until then.
    deletion_due_at = models.DateTimeField(_("is deleted at"), null=True, blank=True)
    access_version = models.PositiveIntegerField(default=0, editable=False)
    # Grows when all log-ins of this person are ended: part of what each session is checked against.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)

    ACCESS_FIELDS = ("password", "is_active", "is_staff", "is_superuser")

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = (
            # At log-in they are one name: with two of them neither would come in.
            models.UniqueConstraint(
                Lower("username"),
                name="one_member_of_a_name",
                violation_error_message=_("Somebody has this username already. Choose another."),
            ),
        )

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        user = super().from_db(*args, **kwargs)
        user._access_as_loaded = user._access()
        return user

    def clean(self) -> None:
        """Addresses are looked for in lower case: another could neither log in nor be sent a new password."""
        super().clean()
        self.email = self.email.lower()

    def save(self, *args: Any, **kwargs: Any) -> None:
        as_loaded = getattr(self, "_access_as_loaded", None)
        super().save(*args, **kwargs)
        if as_loaded is not None and as_loaded != self._access():
            self.raise_access_version()
        self._access_as_loaded = self._access()

    @property
    def comes_back_by_nothing(self) -> bool:
        """Whether the session that they have is the only way into this account."""
        if self.joined_by != self.JoinedBy.ACCESS_CODE or self.has_usable_password():
            return False
        connected: Any = self.socialaccount_set  # type: ignore[attr-defined]  # allauth's
        return not connected.exists()

    def get_session_auth_hash(self) -> str:
        return f"{super().get_session_auth_hash()}{self._epoch()}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for found in super().get_session_auth_fallback_hash():
            yield f"{found}{self._epoch()}"

    def _epoch(self) -> str:
        return f".{self.session_epoch}" if self.session_epoch else ""

    def raise_access_version(self) -> None:
        """Have every socket and running generation of this person look again whether it may go on."""
        User.objects.filter(pk=self.pk).update(access_version=F("access_version") + 1)
        self.refresh_from_db(fields=["access_version"])

    def _access(self) -> tuple[Any, ...]:
        return tuple(self.__dict__.get(name) for name in self.ACCESS_FIELDS)
