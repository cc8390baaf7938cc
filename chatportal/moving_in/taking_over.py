"""What becomes of the settings of a chatgpt-web installation, or of its fork's: each is taken over, or it is said why
not.

What is there already is left as it is: the administration rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.first_run import take_access_code_from_environment
from accounts.models import SiteSettings
from chatportal.moving_in.env_file import Setting
from upstream.environment import limit_from_environment, providers_from_environment
from upstream.models import Provider

# Read together by upstream/environment.py, as they would be from the portal's own environment.
UPSTREAM = (
    *("OPENAI_API_KEY", "OPENAI_ACCESS_TOKEN", "OPENAI_API_BASE_URL", "OPENAI_API_MODEL"),
    *("API_REVERSE_PROXY", "TIMEOUT_MS", "SOCKS_PROXY_HOST", "SOCKS_PROXY_PORT"),
    *("SOCKS_PROXY_USERNAME", "SOCKS_PROXY_PASSWORD", "HTTPS_PROXY", "ALL_PROXY"),
)
MAIL = ("SMTP_HOST", "SMTP_PORT", "SMTP_TSL", "SMTP_USERNAME", "SMTP_PASSWORD", "SMTP_FROM")
NOT_NEEDED = {
    "OPENAI_API_DISABLE_DEBUG": "no request is ever logged here",
    "PORT": "the portal's own port is set by PORT in its environment",
    "MONGODB_URL": "histories come over by export and import (docs/migrating.md)",
    "PASSWORD_MD5_SALT": "passwords do not come over: invite the members",
    "ROOT_USER": "the administrator is who was made at the first start",
    "SITE_DOMAIN": "PORTAL_URL in the portal's environment says where it is reached",
    "AUTH_MAX_REQUEST_PER_MINUTE": "guessing is limited here in any case",
    "ADMIN_VIEW_CHAT_HISTORY_ENABLED": "no administrator reads conversations of others here",
    "AUTH_PROXY_ENABLED": "see PORTAL_AUTH_HEADER in docs/access.md",
    "AUTH_PROXY_HEADER_NAME": "see PORTAL_AUTH_HEADER in docs/access.md",
}
KINDS_OF_API = ("ChatGPTAPI", "ChatGPTUnofficialProxyAPI")  # what the fork calls OPENAI_API_MODEL


@dataclass(slots=True)
class Account:
    """`taken` as sentences; `left` as (line, sentence), line 0 where it is none in particular."""

    taken: list[str] = field(default_factory=list)
    providers: list[Provider] = field(default_factory=list)
    left: list[tuple[int, str]] = field(default_factory=list)


def take_over(given: list[Setting]) -> Account:
    account = Account()
    known: dict[str, Setting] = {}
    for each in given:
        if each.name in known:
            account.left.append(
                (each.line, f"{each.name} stands there twice; the first one counts.")
            )
        else:
            known[each.name] = each
    _tell_unknown(known, account)
    is_fork = "MONGODB_URL" in known
    for step in (_upstream, _limit, _site, _mail, _fork_door if is_fork else _door):
        _take(step, known, account)
    return account


def _take(step: Callable[..., None], known: dict[str, Setting], account: Account) -> None:
    """One thing that cannot be used does not keep the others from being taken."""
    try:
        with transaction.atomic():
            step(known, account)
    except (ValueError, ValidationError) as error:
        sentence = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        lines = [each.line for each in known.values() if each.name in sentence]
        account.left.append((min(lines, default=0), sentence))


def _tell_unknown(known: dict[str, Setting], account: Account) -> None:
    used = {
        *UPSTREAM,
        *MAIL,
        *("AUTH_SECRET_KEY", "MAX_REQUEST_PER_HOUR", "SITE_TITLE"),
        *("REGISTER_ENABLED", "REGISTER_REVIEW", "REGISTER_MAILS"),
    }
    for name, each in known.items():
        if name in NOT_NEEDED:
            account.left.append((each.line, f"{name} is not needed: {NOT_NEEDED[name]}."))
        elif name.startswith(("VITE_", "AUDIT_")):
            account.left.append((each.line, f"{name} has no counterpart here."))
        elif name not in used:
            account.left.append((each.line, f"{name} is no setting of chatgpt-web."))


def _upstream(known: dict[str, Setting], account: Account) -> None:
    values = {name: known[name].value if name in known else "" for name in UPSTREAM}
    if values["OPENAI_API_MODEL"] in KINDS_OF_API:
        values["OPENAI_API_MODEL"] = ""
    if not values["OPENAI_API_KEY"] and not values["OPENAI_ACCESS_TOKEN"]:
        line = next((known[name].line for name in UPSTREAM if name in known), 0)
        account.left.append(
            (line, "There is neither OPENAI_API_KEY nor OPENAI_ACCESS_TOKEN: no provider was made.")
        )
        return
    with _as_settings(values):
        made = providers_from_environment()
    for set_up in made:
        account.providers.append(set_up.provider)
        account.taken.append(
            f"{set_up.variable}: the provider “{set_up.provider}” ({set_up.provider.base_url})"
        )
    if not made:
        account.left.append(
            (0, "The provider of the environment is there already, and was left as it is.")
        )


def _limit(known: dict[str, Setting], account: Account) -> None:
    if "MAX_REQUEST_PER_HOUR" in known:
        with _as_settings({"MAX_REQUEST_PER_HOUR": known["MAX_REQUEST_PER_HOUR"].value}):
            limit = limit_from_environment()
        if limit:
            account.taken.append(
                f"MAX_REQUEST_PER_HOUR: everybody may send {limit} messages an hour"
            )


def _door(known: dict[str, Setting], account: Account) -> None:
    if "AUTH_SECRET_KEY" in known:
        with _as_settings({"AUTH_SECRET_KEY": known["AUTH_SECRET_KEY"].value}):
            if take_access_code_from_environment():
                account.taken.append("AUTH_SECRET_KEY: the access code by which members join")


def _fork_door(known: dict[str, Setting], account: Account) -> None:
    """There AUTH_SECRET_KEY signs log-ins, and is no password."""
    if "AUTH_SECRET_KEY" in known:
        line = known["AUTH_SECRET_KEY"].line
        account.left.append(
            (line, "AUTH_SECRET_KEY is not needed: the portal signs log-ins with a key of its own.")
        )
    site = SiteSettings.current()
    if _is_on(known, "REGISTER_ENABLED") and site.sign_up == SiteSettings.SignUp.CLOSED:
        domains = [
            each.strip().lstrip("@")
            for each in _value(known, "REGISTER_MAILS").split(",")
            if each.strip()
        ]
        if domains:
            site.sign_up = SiteSettings.SignUp.EMAIL_DOMAIN
            site.allowed_email_domains = "\n".join(domains)
        elif _is_on(known, "REGISTER_REVIEW"):
            site.sign_up = SiteSettings.SignUp.APPROVAL
        else:
            account.left.append(
                (
                    known["REGISTER_ENABLED"].line,
                    "Sign-up for anybody is not offered.",
                )
            )
            return
        site.full_clean()
        site.save()
        account.taken.append(f"REGISTER_ENABLED: {site.get_sign_up_display()}")


def _site(known: dict[str, Setting], account: Account) -> None:
    site = SiteSettings.current()
    if "SITE_TITLE" in known and not site.site_name:
        site.site_name = known["SITE_TITLE"].value
        site.full_clean()
        site.save()
        account.taken.append("SITE_TITLE: the name of the portal")


def _mail(known: dict[str, Setting], account: Account) -> None:
    site = SiteSettings.current()
    if "SMTP_HOST" not in known or site.mail_host:
        return
    port = _value(known, "SMTP_PORT") or "465"
    if not port.isdecimal():
        raise ValueError("SMTP_PORT is no number.")
    security = SiteSettings.MailSecurity
    site.mail_host, site.mail_port = known["SMTP_HOST"].value, int(port)
    is_tls = _is_on(known, "SMTP_TSL") or port == "465"
    site.mail_security = security.TLS if is_tls else security.STARTTLS
    site.mail_username = _value(known, "SMTP_USERNAME")
    site.mail_password = _value(known, "SMTP_PASSWORD")
    site.mail_sender = _value(known, "SMTP_FROM") or site.mail_username
    site.full_clean()
    site.save()
    account.taken.append("SMTP_HOST: the mail server (send a test mail from the portal settings)")


def _value(known: dict[str, Setting], name: str) -> str:
    return known[name].value if name in known else ""


def _is_on(known: dict[str, Setting], name: str) -> bool:
    return _value(known, name).lower() in {"true", "1", "yes", "on"}


class _as_settings:
    """The values in place of the portal's own environment, for as long as it takes."""

    def __init__(self, values: dict[str, str]) -> None:
        self.values = values
        self.before: dict[str, Any] = {}

    def __enter__(self) -> None:
        for name, value in self.values.items():
            self.before[name] = getattr(settings, name)
            setattr(settings, name, value)

    def __exit__(self, *error: object) -> None:
        for name, value in self.before.items():
            setattr(settings, name, value)
