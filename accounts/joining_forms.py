"""What is asked of somebody who comes in. Each form says what is wrong beside the field, and keeps what was typed."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.joining import LONGEST_USERNAME
from accounts.models import AccessCode, SiteSettings, User


class CodeForm(forms.Form):
    """The code and a name: all that a team of friends asks for."""

    code = forms.CharField(
        label=gettext_lazy("Access code"),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=LONGEST_USERNAME,
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request
        self.access_code: AccessCode | None = None

    def clean_code(self) -> str:
        """Guessing is slow: ten tries a minute from an address, whatever the browser says it is."""
        if not ratelimit.consume(self._request, action="access_code"):
            raise ValidationError(_("Those were too many tries. Wait a minute, then try again."))
        code: str = self.cleaned_data["code"]
        self.access_code = AccessCode.objects.found_by(code)
        if self.access_code is None:
            raise ValidationError(_("This code opens nothing. Ask whoever gave it to you."))
        return code


class AccountForm(forms.Form):
    """A username and a password, with an e-mail address where one wants to or has to give it."""

    username = forms.CharField(
        label=gettext_lazy("Username"),
        max_length=LONGEST_USERNAME,
        widget=forms.TextInput(attrs={"autocomplete": "username", "dir": "auto"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, domains: set[str] | None = None, **kwargs: Any) -> None:
        """`domains`: those that an address has to be of; then it has to be given."""
        super().__init__(*args, **kwargs)
        self._domains = domains
        if domains is None:
            self.fields["email"].required = False
            self.fields["email"].label = _("E-mail address (optional)")

    def clean_username(self) -> str:
        """As it will be kept: wide and narrow letters are the same there, and so are capitals at log-in."""
        username: str = User.normalize_username(self.cleaned_data["username"])
        User.username_validator(username)
        if len(username) > LONGEST_USERNAME:
            raise ValidationError(
                _("At most %(most)d letters, please."), params={"most": LONGEST_USERNAME}
            )
        if User.objects.filter(username__iexact=username).exists():
            raise ValidationError(name_was_taken())
        return username

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        domain = email.rpartition("@")[2]
        if self._domains is not None and domain not in self._domains:
            raise ValidationError(_("Use your address of: %s") % ", ".join(sorted(self._domains)))
        return email

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if password := cleaned.get("password"):
            person = User(username=cleaned.get("username", ""), email=cleaned.get("email", ""))
            try:
                validate_password(password, person)
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


def name_was_taken() -> str:
    return _("Somebody has this username already. Choose another.")


def taken_elsewhere(email: str) -> bool:
    """Whether a member has this address. It is not said to whoever asks: the owner is told by mail."""
    return bool(email) and User.objects.filter(email__iexact=email).exists()


def tell_the_owner(email: str) -> None:
    """That somebody tried to open another account with their address."""
    get_adapter().send_account_already_exists_mail(email)


def form_of(request: HttpRequest, site: SiteSettings) -> forms.Form:
    """The form of the door that is open, bound where the request brings its fields."""
    data = request.POST if request.method == "POST" else None
    if site.sign_up == SiteSettings.SignUp.ACCESS_CODE:
        return CodeForm(request, data)
    by_email = site.sign_up == SiteSettings.SignUp.EMAIL_DOMAIN
    return AccountForm(data, domains=site.email_domains if by_email else None)
