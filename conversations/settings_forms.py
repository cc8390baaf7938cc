"""What a member wishes for new conversations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conversations.forms import TextField
from conversations.models import ConversationDefaults
from conversations.models.conversation_defaults import SYSTEM_PROMPT_LENGTH
from upstream.models import LanguageModel


class ConversationDefaultsForm(forms.ModelForm):
    system_prompt = TextField(
        label=_("System prompt"),
        required=False,
        strip=False,
        max_length=SYSTEM_PROMPT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_(
            "What every model is told before anything else: who it is, how it should write."
        ),
    )

    class Meta:
        model = ConversationDefaults
        fields = (
            "language_model",
            "system_prompt",
            "temperature",
            "top_p",
            "longest_answer",
            "earlier_messages",
            "uses_context",
        )
        labels = {
            "language_model": _("Model"),
            "temperature": _("Temperature"),
            "top_p": _("top_p"),
            "longest_answer": _("Longest answer"),
            "earlier_messages": _("Earlier messages"),
            "uses_context": _("Send what was said before along"),
        }
        help_texts = {
            "temperature": _(
                "From 0, the likeliest words, to 2, the most surprising. Empty: as the model does."
            ),
            "top_p": _(
                "From 0 to 1: how many of the likely words are considered. Empty: as the model does."
            ),
            "longest_answer": _("In tokens. Empty: as long as the model likes."),
            "earlier_messages": _("How many of them are sent along at most. Empty: all that fit."),
            "uses_context": _("Without it, each message stands alone."),
        }

    def __init__(self, data: Any = None, *, user: Any) -> None:
        kept = ConversationDefaults.objects.filter(owner=user).first()
        super().__init__(data, instance=kept or ConversationDefaults(owner=user))
        models = forms.ModelChoiceField(
            LanguageModel.objects.usable_by(user),
            required=False,
            label=_("Model"),
            empty_label=_("The first that is offered"),
            error_messages={
                "invalid_choice": _("This model is not offered any more. Choose another one.")
            },
        )
        self.fields["language_model"] = models
        for name in ("temperature", "top_p"):
            self.fields[name].widget.attrs.update(step="any", inputmode="decimal")
