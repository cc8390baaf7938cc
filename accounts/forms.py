"""What a member says of themselves and of how their pages behave."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class MemberForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("first_name", "theme", "locale", "enter_key", "typewriter")
        labels = {
            "first_name": _("Display name"),
            "theme": _("Theme"),
            "enter_key": _("Enter"),
            "typewriter": _("Answers appear"),
        }
        help_texts = {
            "first_name": _("As the portal shows it. Empty: your username."),
            "enter_key": _(
                "Most devices suggest to send, phones to begin a new line. Ctrl or Cmd with Enter "
                "always sends, Shift with Enter never."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["theme"].choices = [("", _("As the portal has it")), *User.Theme.choices]  # type: ignore[attr-defined]
        self.fields["first_name"].widget.attrs.update(autocomplete="nickname", dir="auto")
        if len(settings.LANGUAGES) < 2:
            del self.fields["locale"]
            return
        languages = [("", _("As the browser asks")), *settings.LANGUAGES]
        self.fields["locale"] = forms.ChoiceField(
            label=_("Language"), choices=languages, required=False
        )

    def save(self, commit: bool = True) -> Any:
        """These fields alone: what else is in the row may have changed meanwhile, and may end access."""
        if self.changed_data:
            self.instance.save(update_fields=self.changed_data)
        return self.instance
