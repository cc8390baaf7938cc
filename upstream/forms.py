"""What an administrator enters about providers and credentials, checked and cleaned."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from upstream import tokens
from upstream.errors import Unreachable
from upstream.guard import is_never_allowed, private_addresses
from upstream.models import Credential, Provider
from upstream.proxies import literal_address, proxy_parts
from upstream.tokens import NoSecret, read_pasted

NO_SECRETS = {
    tokens.EMPTY: _("Paste a key or a token."),
    tokens.UNREADABLE: _(
        "This is neither a key nor a token. Copy it once more: only the key or token itself, or all of the session "
        "page."
    ),
    tokens.SEVERAL: _(
        "These are several. Paste one here, or all of them under “Add many credentials”."
    ),
    tokens.NO_TOKEN_INSIDE: _(
        "This session page holds no accessToken. Log in there first, then copy the whole page again."
    ),
    tokens.AN_API_KEY: _(
        "This is an API key, and this provider takes access tokens. Add the key to a provider of the other kind."
    ),
    tokens.A_TOKEN: _(
        "This is a session page with an access token, and this provider takes an API key. Add it to a provider of the "
        "other kind."
    ),
}


class ProviderForm(forms.ModelForm):  # type: ignore[type-arg]
    proxy = forms.CharField(
        label=_("Proxy"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text=_(
            "http://host:port or socks5://name:password@host:port. Name and password are kept encrypted and not "
            "shown again."
        ),
    )

    # The host that the ticks below were asked for: what was said of one operator says nothing of the next.
    consent_for = forms.CharField(label="", required=False, widget=forms.HiddenInput)

    class Meta:
        model = Provider
        fields = (
            "title",
            "kind",
            "base_url",
            "operator_acknowledged",
            "own_host_may_be_private",
            "is_enabled",
            "offered_to",
            "groups",
            "proxy",
            "proxy_may_be_private",
            "connect_seconds",
            "silence_seconds",
            "longest_wait_seconds",
            "continues_prefilled",
            "history_off",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["longest_wait_seconds"].required = False
        self.fields["offered_to"].required = False  # left out, it stays as it is
        if self.instance.pk:
            self.initial["proxy"] = self.instance.shown_proxy

    def clean_longest_wait_seconds(self) -> int:
        entered: int | None = self.cleaned_data["longest_wait_seconds"]
        return self.instance.longest_wait_seconds if entered is None else entered

    def clean_base_url(self) -> str:
        url: str = self.cleaned_data["base_url"].strip().rstrip("/")
        try:
            parts = urlsplit(url)
            _port = parts.port
        except ValueError as error:
            raise forms.ValidationError(_("This is no URL.")) from error
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise forms.ValidationError(
                _("A URL begins with https:// or http://, as in https://api.openai.com/v1")
            )
        if parts.username or parts.password or "\\" in url:
            raise forms.ValidationError(
                _("Leave name and password out of the URL; the secret has a field of its own.")
            )
        return url

    def clean_proxy(self) -> str:
        """The proxy to have from now on; what is shown of the present one stands for all of it."""
        entered: str = self.cleaned_data["proxy"].strip()
        if entered and entered == self.instance.shown_proxy:
            return self.instance.proxy_url or ""
        if entered:
            try:
                proxy_parts(entered)
            except ValueError as error:
                raise forms.ValidationError(
                    _("A proxy looks like http://host:port or socks5://name:password@host:port")
                ) from error
        return entered

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self._forget_consent_for_another_host(cleaned)
        if cleaned.get("base_url"):
            self._ask_about_private_addresses("base_url", "own_host_may_be_private")
        if cleaned.get("proxy"):
            self._ask_about_private_addresses("proxy", "proxy_may_be_private")
        takes_tokens = cleaned.get("kind") == Provider.Kind.CHATGPT_TOKEN
        if takes_tokens and not cleaned.get("operator_acknowledged"):
            sentence = _(
                "Whoever operates this address sees the access token and every conversation. Confirm that you know who "
                "that is and trust them."
            )
            self.add_error("operator_acknowledged", sentence)
        return cleaned

    def save(self, commit: bool = True) -> Any:
        self.instance.proxy_url = self.cleaned_data["proxy"]
        return super().save(commit)

    def _forget_consent_for_another_host(self, cleaned: dict[str, Any]) -> None:
        """Where a provider moves to another host, ask again; the ticks have to be set for this one."""
        if not self.instance.pk or not cleaned.get("base_url"):
            return
        host = urlsplit(cleaned["base_url"]).hostname or ""
        before = urlsplit(Provider.objects.get(pk=self.instance.pk).base_url).hostname
        if host == before or cleaned.get("consent_for") == host:
            return
        posted: Any = self.data
        data = posted.copy()
        data[self.add_prefix("consent_for")] = host
        for name in ("operator_acknowledged", "own_host_may_be_private"):
            cleaned[name] = False
            data.pop(self.add_prefix(name), None)
        self.data = data

    def _ask_about_private_addresses(self, field: str, consent: str) -> None:
        parts = urlsplit(self.cleaned_data[field])
        host = parts.hostname or ""
        if field == "base_url" and self.cleaned_data.get("proxy") and not literal_address(host):
            return  # what a name stands for on the proxy's side only the proxy knows
        try:
            private = private_addresses(
                host, parts.port or (443 if parts.scheme == "https" else 80)
            )
        except Unreachable:
            # One whose host has vanished must still be disabled, or renamed.
            if field in self.changed_data:
                self.add_error(field, _("No address is known for this host: %s") % host)
            return
        named = {"addresses": ", ".join(private)}
        if any(is_never_allowed(address) for address in private):
            self.add_error(field, _("%(addresses)s can never be called.") % named)
        elif private and not self.cleaned_data.get(consent):
            sentence = _(
                "This host is on a private network (%(addresses)s). If that is meant, allow it here."
            )
            self.add_error(consent, sentence % named)


class WriteOnlyTextarea(forms.Textarea):
    """Never shows what it holds, not even to whoever has just entered it."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


class CredentialForm(forms.ModelForm):  # type: ignore[type-arg]
    new_secret = forms.CharField(
        label=_("Secret"),
        required=False,
        strip=True,
        widget=WriteOnlyTextarea(
            attrs={
                "rows": 3,
                "autocomplete": "off",
                "spellcheck": "false",
                "class": "vLargeTextField",
            }
        ),
    )

    class Meta:
        model = Credential
        fields = (
            *("provider", "title", "new_secret", "is_enabled"),
            *("weight", "most_at_once", "most_a_minute", "most_a_day"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = _("Leave it empty to keep the one there is. ") if self.instance.pk else ""
        how = _(
            "A key, an access token, or all of the JSON of https://chatgpt.com/api/auth/session. It is stored "
            "encrypted and shown nowhere."
        )
        none = "" if self.instance.pk else _(" Some servers want none: leave it empty for those.")
        self.fields["new_secret"].help_text = f"{kept}{how}{none}"
        self.fields["weight"].required = False

    def clean_weight(self) -> int:
        entered: int | None = self.cleaned_data["weight"]
        return entered or int(self.instance.weight)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        provider = cleaned.get("provider") or getattr(self.instance, "provider", None)
        pasted = cleaned.get("new_secret") or ""
        if provider is None or (not pasted and self.instance.pk):
            return cleaned
        if not pasted and not provider.takes_access_tokens:
            return cleaned  # some servers want no key
        try:
            token = read_pasted(pasted, wants_token=provider.takes_access_tokens)
        except NoSecret as error:
            self.add_error("new_secret", NO_SECRETS[error.reason])
            return cleaned
        if token.expires_at and token.expires_at <= timezone.now():
            when = date_format(timezone.localtime(token.expires_at), "DATETIME_FORMAT")
            self.add_error("new_secret", _("This token expired on %s. Paste a newer one.") % when)
        self.token = token
        return cleaned

    def save(self, commit: bool = True) -> Any:
        if token := getattr(self, "token", None):
            self.instance.take_secret(token.secret)
        return super().save(commit)
