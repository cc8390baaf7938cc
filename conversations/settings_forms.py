"""What a member wishes for new conversations: the settings of a conversation, and the model that answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import SiteSettings
from conversations.forms import PromptSettingsForm
from conversations.models import ConversationDefaults
from upstream.models import LanguageModel

SHOWN = 1000  # characters of the portal's system prompt, where a member has none of their own


class ConversationDefaultsForm(PromptSettingsForm):
    language_model = forms.ModelChoiceField(
        LanguageModel.objects.none(),
        required=False,
        label=_("Model"),
        empty_label=_("The first that is offered"),
        error_messages={
            "invalid_choice": _("This model is not offered any more. Choose another one.")
        },
    )
    field_order = ("language_model",)

    class Meta(PromptSettingsForm.Meta):
        model = ConversationDefaults  # type: ignore[assignment]
        fields = ("language_model", *ConversationDefaults.NAMES)  # type: ignore[assignment]

    def __init__(self, data: Any = None, *, user: Any) -> None:
        kept = ConversationDefaults.objects.filter(owner=user).first()
        super().__init__(data, instance=kept or ConversationDefaults(owner=user))
        portals = SiteSettings.current().system_prompt
        self.fields["system_prompt"].widget.attrs["placeholder"] = portals[:SHOWN]
        self.fields["language_model"].queryset = LanguageModel.objects.usable_by(user)  # type: ignore[attr-defined]
