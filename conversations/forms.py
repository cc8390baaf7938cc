"""What a page may send, checked and cleaned."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from conversations.exports.writing import EXPORT_FORMATS
from conversations.models import Conversation
from conversations.models.conversation import TITLE_LENGTH
from conversations.models.prompt_settings import LONGEST_SYSTEM_PROMPT
from upstream.models import LanguageModel
from upstream.scalars import clean_text

LONGEST_TEXT = 500_000  # characters


class TextField(forms.CharField):
    """Text as it was typed, made fit for every database: a NUL becomes U+FFFD instead of refusing the whole text."""

    def to_python(self, value: Any) -> str:
        return clean_text(super().to_python(value) or "").replace("\r\n", "\n")


class TurnForm(forms.Form):
    text = TextField(
        strip=False,
        max_length=LONGEST_TEXT,
        error_messages={
            "required": _("Write something first."),
            "max_length": _(
                "The message is too long: %(show_value)s characters of at most %(limit_value)s."
            ),
        },
    )
    model = forms.ModelChoiceField(
        LanguageModel.objects.none(),
        required=False,
        error_messages={
            "invalid_choice": _("This model is not offered any more. Choose another one.")
        },
    )
    client_id = forms.UUIDField()

    def __init__(
        self, *args: Any, user: Any, preferred: LanguageModel | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.preferred = preferred
        self.fields["model"].queryset = LanguageModel.objects.usable_by(user)  # type: ignore[attr-defined]

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if not text.strip():
            raise forms.ValidationError(_("Write something first."), code="required")
        return text

    def clean_model(self) -> LanguageModel:
        return _chosen_or_first(self.cleaned_data["model"], self.preferred, self.fields["model"])


class DraftForm(forms.Form):
    text = TextField(strip=False, required=False, max_length=LONGEST_TEXT)
    client_id = forms.UUIDField(required=False)


class GenerationForm(forms.Form):
    class Kind:
        RETRY, REGENERATE, CONTINUE = "retry", "regenerate", "continue"

    kind = forms.ChoiceField(
        choices=[(kind, kind) for kind in (Kind.RETRY, Kind.REGENERATE, Kind.CONTINUE)]
    )
    model = forms.ModelChoiceField(LanguageModel.objects.none(), required=False)

    def __init__(
        self, *args: Any, user: Any, preferred: LanguageModel | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.preferred = preferred
        self.fields["model"].queryset = LanguageModel.objects.usable_by(user)  # type: ignore[attr-defined]

    def clean_model(self) -> LanguageModel:
        return _chosen_or_first(self.cleaned_data["model"], self.preferred, self.fields["model"])


class PromptSettingsForm(forms.ModelForm):
    """What a conversation's prompts are made of; an empty number leaves it to the model's service."""

    system_prompt = TextField(
        label=_("System prompt"),
        required=False,
        strip=False,
        max_length=LONGEST_SYSTEM_PROMPT,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto", "class": "input"}),
        help_text=_("What the model is told first, in every turn: who it is, and how to answer."),
    )

    class Meta:
        model = Conversation
        fields = Conversation.NAMES
        widgets: ClassVar[dict[str, Any]] = {
            "temperature": forms.NumberInput(attrs={"step": "0.1", "class": "input"}),
            "top_p": forms.NumberInput(attrs={"step": "0.05", "class": "input"}),
            "longest_answer": forms.NumberInput(attrs={"min": 1, "class": "input"}),
            "earlier_messages": forms.NumberInput(attrs={"min": 0, "class": "input"}),
        }


class SwitchForm(forms.Form):
    on = forms.TypedChoiceField(choices=[("1", "1"), ("0", "0")], coerce=lambda value: value == "1")


class ContextForm(SwitchForm):
    """A mark on a message, set or taken away."""

    mark = forms.ChoiceField(choices=[(name, name) for name in ("left_out", "ends_context")])


class TitleForm(forms.Form):
    title = TextField(
        max_length=TITLE_LENGTH, error_messages={"required": _("A title needs at least a letter.")}
    )


def _chosen_or_first(
    chosen: LanguageModel | None, preferred: LanguageModel | None, field: Any
) -> LanguageModel:
    """The model that was chosen; else the one used before; else the first that is offered."""
    if chosen is not None:
        return chosen
    usable: list[LanguageModel] = list(field.queryset)
    model = preferred if preferred in usable else next(iter(usable), None)
    if model is None:
        raise forms.ValidationError(
            _("No model is offered to you. An administrator can add one in the administration."),
            code="no_model",
        )
    return model


class ExportForm(forms.Form):
    """Which conversations are wanted, and in which form."""

    format = forms.ChoiceField()
    which = forms.ChoiceField(choices=[("all", "all"), ("chosen", "chosen")])
    conversation = forms.ModelMultipleChoiceField(Conversation.objects.none(), required=False)

    def __init__(self, data: Any, *, conversations: Any) -> None:
        super().__init__(data)
        self.fields["format"].choices = [(name, name) for name in EXPORT_FORMATS]  # type: ignore[attr-defined]
        self.fields["conversation"].queryset = conversations  # type: ignore[attr-defined]

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("which") == "chosen" and not self.cleaned_data.get("conversation"):
            raise forms.ValidationError(_("Tick the conversations that you want first."))
