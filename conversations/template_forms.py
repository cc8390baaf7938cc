"""What a page may send about prompt templates, checked and cleaned."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.forms import TextField
from conversations.models import PromptTemplate
from conversations.models.prompt_template import TEXT_LENGTH, TITLE_LENGTH
from conversations.prompt_files import LONGEST_FILE, NotAPromptFile, read_prompt_file
from conversations.prompt_templates import MOST
from upstream.fetching import NotFetched, fetch_file

FOR_EVERYBODY = gettext_lazy("For everybody")
ADDRESS_SENTENCES = {
    "invalid": gettext_lazy("This is no address of a file: it begins with https:// or http://, and holds no password."),
    "private": gettext_lazy("This address lies in a private network, where the portal fetches nothing for members."),
    "unknown_host": gettext_lazy("There is no such host. Look at the address again."),
    "unreachable": gettext_lazy("Nothing answers at this address, or not securely. Look at it again, or take a file."),
    "slow": gettext_lazy("The address takes too long to answer. Try again later, or take a file."),
    "redirects": gettext_lazy("This address sends on again and again. Take the one where the file is."),
    "too_large": gettext_lazy("The file is larger than 5 MB."),
    "packed": gettext_lazy("The address answers with a packed file; the portal reads plain ones."),
    "status": gettext_lazy("The address answers with error %s instead of a file."),
}  # fmt: skip


class PromptTemplateForm(forms.Form):
    title = TextField(label=gettext_lazy("Title"), max_length=TITLE_LENGTH)
    text = TextField(
        label=gettext_lazy("Text"),
        strip=False,
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
    )
    is_shared = forms.BooleanField(label=FOR_EVERYBODY, required=False)

    def __init__(
        self, data: Any = None, *, user: Any, template: PromptTemplate | None = None
    ) -> None:
        initial = {}
        if template:
            initial = {
                "title": template.title,
                "text": template.text,
                "is_shared": template.is_shared,
            }
        super().__init__(data, initial=initial)
        self.user, self.template = user, template
        self.fields["title"].widget.attrs.update(dir="auto", autocomplete="off")
        if not user.is_staff:
            del self.fields["is_shared"]

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if not text.strip():
            raise forms.ValidationError(_("This field is required."), code="required")
        return text

    def clean(self) -> dict[str, Any]:
        """The same title or the same text twice helps nobody; what one keeps and what is shared are told apart."""
        cleaned: dict[str, Any] = self.cleaned_data
        others = PromptTemplate.objects.owned_by(self.owner)
        if not self.template and others.count() >= MOST:
            raise forms.ValidationError(
                _("There are %d already, and no more fit.") % MOST, code="full"
            )
        if self.template:
            others = others.exclude(pk=self.template.pk)
        if "title" in cleaned and others.filter(title=cleaned["title"]).exists():
            self.add_error(
                "title",
                forms.ValidationError(_("There is one with this title already."), code="known"),
            )
        if "text" in cleaned and (same := others.filter(text=cleaned["text"]).first()):
            sentence = _("“%(title)s” has this text already.") % {"title": same.title}
            self.add_error("text", forms.ValidationError(sentence, code="known"))
        return cleaned

    @property
    def owner(self) -> Any:
        return None if self.cleaned_data.get("is_shared") else self.user

    def save(self) -> PromptTemplate:
        template = self.template or PromptTemplate()
        template.owner = self.owner
        template.title, template.text = self.cleaned_data["title"], self.cleaned_data["text"]
        template.save()
        return template


class PromptImportForm(forms.Form):
    """One source of three. `read` is what was found there, once the form is valid."""

    file = forms.FileField(
        label=gettext_lazy("A file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )
    pasted = forms.CharField(
        label=gettext_lazy("Pasted text"),
        required=False,
        widget=forms.Textarea(
            attrs={"rows": 5, "spellcheck": "false", "placeholder": '[{"key": "…", "value": "…"}]'}
        ),
    )
    address = forms.CharField(
        label=gettext_lazy("An address"),
        required=False,
        max_length=2000,
        widget=forms.URLInput(
            attrs={"placeholder": "https://", "list": "known-collections", "autocomplete": "off"}
        ),
        help_text=gettext_lazy(
            "The portal fetches the file itself, from public addresses only, up to 5 MB."
        ),
    )
    may_be_private = forms.BooleanField(
        label=gettext_lazy("The address is in our own network, and meant"), required=False
    )
    is_shared = forms.BooleanField(label=FOR_EVERYBODY, required=False)

    def __init__(self, *args: Any, user: Any) -> None:
        super().__init__(*args)
        self.user = user
        if not user.is_staff:
            del self.fields["is_shared"], self.fields["may_be_private"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        given = [name for name in ("file", "pasted", "address") if cleaned.get(name)]
        if self.errors:
            return cleaned
        if len(given) != 1:
            raise forms.ValidationError(
                _("Give a file, a text or an address: one of the three."), code="source"
            )
        try:
            self.read = read_prompt_file(getattr(self, f"_from_{given[0]}")(cleaned[given[0]]))
        except NotAPromptFile as fault:
            self.add_error(given[0], str(fault))
        except NotFetched as fault:
            sentence = str(ADDRESS_SENTENCES[fault.reason])
            self.add_error("address", sentence % fault.detail if "%s" in sentence else sentence)
        return cleaned

    @property
    def owner(self) -> Any:
        return None if self.cleaned_data.get("is_shared") else self.user

    def _from_file(self, file: Any) -> bytes:
        if file.size > LONGEST_FILE:
            raise NotAPromptFile(_("The file is larger than 5 MB."))
        raw: bytes = file.read()
        return raw

    def _from_pasted(self, text: str) -> str:
        if len(text) > LONGEST_FILE:
            raise NotAPromptFile(_("The text is larger than 5 MB."))
        return text

    def _from_address(self, address: str) -> bytes:
        return fetch_file(address, may_be_private=bool(self.cleaned_data.get("may_be_private")))
