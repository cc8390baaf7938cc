"""What a member says of themselves and of how their pages behave."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.pictures import LARGEST, MOST_PIXELS, NoPicture, TooManyPixels, draw_anew
from accounts.time_zones import time_zone_named


class OwnRowForm(forms.ModelForm):
    """Saves its own fields alone: what else is in the row may have changed meanwhile, and may end access."""

    def save(self, commit: bool = True) -> Any:
        if self.changed_data:
            self.instance.save(update_fields=self.changed_data)
        return self.instance


class ProfileForm(OwnRowForm):
    class Meta:
        model = User
        fields = (
            "first_name",
            "description",
            "locale",
            "time_zone",
            "theme",
            "accent",
            "text_size",
        )
        labels = {
            "first_name": _("Display name"),
            "theme": _("Theme"),
            "accent": _("Accent colour"),
            "text_size": _("Text size"),
        }
        help_texts = {
            "first_name": _("As the portal shows it. Empty: your username."),
            "description": _("A line below your name. You and the administrators see it."),
        }

    time_zone = forms.CharField(
        label=_("Time zone"),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        portals = gettext("As the portal has it")
        looks = {"theme": User.Theme, "accent": User.Accent, "text_size": User.TextSize}
        for name, offered in looks.items():
            self.fields[name].choices = [("", portals), *offered.choices]  # type: ignore[attr-defined]
        self.fields["first_name"].widget.attrs.update(autocomplete="nickname", dir="auto")
        self.fields["description"].widget.attrs.update(dir="auto")
        self.fields["time_zone"].help_text = gettext("As in Europe/Berlin. Empty: %s.") % (
            settings.TIME_ZONE
        )
        if len(settings.LANGUAGES) < 2:
            del self.fields["locale"]
            return
        languages = [("", _("As the browser asks")), *settings.LANGUAGES]
        self.fields["locale"] = forms.ChoiceField(
            label=_("Language"), choices=languages, required=False
        )

    def clean_time_zone(self) -> str:
        entered: str = self.cleaned_data["time_zone"]
        found = time_zone_named(entered)
        if entered and not found:
            raise forms.ValidationError(_("No time zone has this name. Choose one of the list."))
        return found


class HabitsForm(OwnRowForm):
    class Meta:
        model = User
        fields = ("enter_key", "typewriter")
        labels = {"enter_key": _("Enter"), "typewriter": _("Answers appear")}
        help_texts = {
            "enter_key": _(
                "Most devices suggest to send, phones to begin a new line. Ctrl or Cmd with Enter "
                "always sends, Shift with Enter never."
            ),
        }


class PictureForm(forms.Form):
    """`cleaned_data["picture"]` is the picture as it was drawn anew."""

    picture = forms.FileField(
        label=_("Picture"),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/gif"}),
        error_messages={
            "required": _("Choose a picture first."),
            "empty": _("This file is empty."),
        },
        help_text=_("PNG, JPEG, WebP or GIF, at most 10 MB. It is cut square."),
    )

    def clean_picture(self) -> bytes:
        sent = self.cleaned_data["picture"]
        if sent.size > LARGEST:
            raise forms.ValidationError(
                _("This file is larger than 10 MB. Choose a smaller one."), code="too_large"
            )
        try:
            return draw_anew(sent)
        except TooManyPixels as error:
            sentence = _("This picture has too many pixels; %(most)d millions are the most.")
            raise forms.ValidationError(
                sentence, code="too_many_pixels", params={"most": MOST_PIXELS // 1_000_000}
            ) from error
        except NoPicture as error:
            sentence = _("This is no picture that can be read. Choose a PNG, JPEG, WebP or GIF.")
            raise forms.ValidationError(sentence, code="no_picture") from error


class LeavingForm(forms.Form):
    """Proof that it is the person: their password or, where they have none, their username typed out."""

    proof = forms.CharField(max_length=4096, strip=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        field = self.fields["proof"]
        if user.has_usable_password():
            field.label = gettext("Your password")
            field.widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
        else:
            field.label = gettext("Type your username, %s, to confirm") % user.get_username()
            field.widget = forms.TextInput(attrs={"autocomplete": "off"})

    def clean_proof(self) -> str:
        proof: str = self.cleaned_data["proof"]
        if self.user.has_usable_password():
            if not self.user.check_password(proof):
                raise forms.ValidationError(_("This is not your password."), code="wrong")
        elif proof.strip() != self.user.get_username():
            raise forms.ValidationError(_("This is not your username."), code="wrong")
        return proof
